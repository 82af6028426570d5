internal import CanonicalCoding
internal import Licensing

/// Collects findings while a file is decoded, so that one run names them all.
final class FindingList {
  let file: String
  let prefix: String
  private(set) var findings: [ManifestFinding] = []

  init(file: String, prefix: String) {
    self.file = file
    self.prefix = prefix
  }

  func report(
    _ code: String,
    _ field: String,
    _ sentence: String,
    at position: SourcePosition,
    severity: ManifestFinding.Severity = .error
  ) {
    findings.append(
      ManifestFinding(
        file: file,
        line: position.line,
        column: position.column,
        code: "\(prefix).\(code)",
        field: field,
        sentence: sentence,
        severity: severity
      )
    )
  }

  var errors: [ManifestFinding] { findings.filter { $0.severity == .error }.sortedByPlace }
  var hasErrors: Bool { findings.contains { $0.severity == .error } }
}

/// Takes typed members out of one mapping and says which names it does not know.
///
/// A member that is wrong is reported and reads as missing; decoding goes on.
final class MapReader {
  let path: String
  let position: SourcePosition
  let list: FindingList
  private let members: [String: Declaration.Member]
  private var known: Set<String> = []

  init(_ declaration: Declaration, path: String, list: FindingList) {
    self.path = path
    self.list = list
    position = declaration.position
    if case .map(let entries, _) = declaration {
      members = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    } else {
      members = [:]
      list.report("type", path, "a mapping is expected here", at: declaration.position)
    }
  }

  func field(_ name: String) -> String {
    path.isEmpty ? name : name.isEmpty ? path : "\(path).\(name)"
  }
  var names: [String] { members.keys.sorted() }
  func position(of name: String) -> SourcePosition { members[name]?.value.position ?? position }

  func report(_ code: String, _ name: String, _ sentence: String) {
    list.report(code, field(name), sentence, at: position(of: name))
  }

  func warn(_ code: String, _ name: String, _ sentence: String) {
    list.report(code, field(name), sentence, at: position(of: name), severity: .warning)
  }

  /// The value of a member, `nil` when it is missing or empty.
  func value(_ name: String, required: Bool = false) -> Declaration? {
    known.insert(name)
    if let value = members[name]?.value {
      guard case .absent = value else { return value }
    }
    if required {
      list.report("required", field(name), "is required and missing; add it", at: position)
    }
    return nil
  }

  func has(_ name: String) -> Bool { members[name] != nil }

  func text(
    _ name: String,
    required: Bool = false,
    length: ClosedRange<Int> = 1...4000
  ) -> String? {
    guard let value = value(name, required: required) else { return nil }
    guard case .text(let text, _) = value else {
      report("type", name, "a text is expected here")
      return nil
    }
    guard length.contains(text.unicodeScalars.count) else {
      report(
        "text-length",
        name,
        "has \(text.unicodeScalars.count) characters; \(length.lowerBound) to \(length.upperBound) are allowed"
      )
      return nil
    }
    return text
  }

  func choice(
    _ name: String,
    _ values: [String],
    required: Bool = false,
    code: String = "enum"
  ) -> String? {
    guard let text = text(name, required: required) else { return nil }
    guard values.contains(text) else {
      let nearest = NearestName.find(text, among: values).map { "; did you mean \($0)?" } ?? ""
      report(
        code,
        name,
        "'\(text.prefix(40))' is none of \(values.joined(separator: ", "))\(nearest)"
      )
      return nil
    }
    return text
  }

  func decision(_ name: String, required: Bool = false) -> Decision? {
    choice(name, Decision.allCases.map(\.rawValue), required: required).flatMap(Decision.init)
  }

  func bool(_ name: String, required: Bool = false) -> Bool? {
    guard let text = text(name, required: required) else { return nil }
    guard text == "true" || text == "false" else {
      report("bool", name, "'\(text.prefix(40))' is neither true nor false; write true or false")
      return nil
    }
    return text == "true"
  }

  func date(_ name: String, required: Bool = false) -> CivilDate? {
    guard let text = text(name, required: required) else { return nil }
    guard let date = CivilDate(text) else {
      report(
        "date",
        name,
        "'\(text.prefix(40))' is no day of 1900 to 2199; write it as \"YYYY-MM-DD\""
      )
      return nil
    }
    return date
  }

  /// A whole number, written as text like every scalar.
  func count(_ name: String, _ range: ClosedRange<Int>) -> Int? {
    guard let text = text(name) else { return nil }
    let isPlain = text == "0" || text.first != "0" && text.utf8.allSatisfy { $0 &- 0x30 < 10 }
    guard isPlain, let value = Int(text), range.contains(value) else {
      report(
        "number",
        name,
        "'\(text.prefix(40))' is no whole number from \(range.lowerBound) to \(range.upperBound)"
      )
      return nil
    }
    return value
  }

  /// Seconds with at most three digits behind the point; the value is in milliseconds.
  func seconds(_ name: String, upTo limit: Int) -> Int? {
    guard let text = text(name) else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isDigits = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard isDigits, parts.count <= 2, fraction.utf8.count <= 3, parts[0].utf8.count <= 6,
      let whole = Int(parts[0]),
      let rest = Int(fraction + String(repeating: "0", count: 3 - fraction.utf8.count)),
      whole * 1000 + rest <= limit * 1000
    else {
      report(
        "number",
        name,
        "'\(text.prefix(40))' is no number of seconds from 0 to \(limit), as 1 or 0.5"
      )
      return nil
    }
    return whole * 1000 + rest
  }

  func digest(_ name: String, required: Bool = false) -> String? {
    guard let text = text(name, required: required) else { return nil }
    guard text.utf8.count == 64, Hex.decode(text) != nil else {
      report("hex", name, "is not 64 lower-case hexadecimal digits")
      return nil
    }
    return text
  }

  /// A relative path that stays below its folder, as far as its text can tell.
  func path(_ name: String, required: Bool = false) -> String? {
    guard let text = text(name, required: required) else { return nil }
    return checkPath(text, name) ? text : nil
  }

  func checkPath(_ text: String, _ name: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if text.hasPrefix("/") || parts.contains("..") || text.utf8.contains(0) || text.contains("\\") {
      report(
        "path",
        name,
        "'\(text.prefix(80))' leaves the manifest's folder; write a relative path without .."
      )
      return false
    }
    return true
  }

  func texts(_ name: String, required: Bool = false, allowsEmpty: Bool = false) -> [String]? {
    guard let value = value(name, required: required) else { return nil }
    guard case .list(let elements, _) = value, elements.count <= 10_000 else {
      report("type", name, "a list of at most 10,000 texts is expected here; write [a, b]")
      return nil
    }
    var found: [String] = []
    for element in elements {
      guard case .text(let text, _) = element else {
        list.report("type", field(name), "a text is expected here", at: element.position)
        continue
      }
      found.append(text)
    }
    if found.isEmpty, !allowsEmpty {
      report("empty", name, "the list needs at least one entry")
      return nil
    }
    return found
  }

  /// A text or a list of texts, where both mean "any of".
  func anyOf(_ name: String) -> [String]? {
    if case .text(let text, _) = value(name) { return [text] }
    return texts(name)
  }

  func choices(_ name: String, _ values: [String], required: Bool = false) -> [String]? {
    guard let found = texts(name, required: required) else { return nil }
    for text in found where !values.contains(text) {
      let nearest = NearestName.find(text, among: values).map { "; did you mean \($0)?" } ?? ""
      report(
        "enum",
        name,
        "'\(text.prefix(40))' is none of \(values.joined(separator: ", "))\(nearest)"
      )
    }
    return found
  }

  func map(_ name: String, required: Bool = false) -> MapReader? {
    guard let value = value(name, required: required) else { return nil }
    return MapReader(value, path: field(name), list: list)
  }

  func maps(_ name: String, required: Bool = false) -> [MapReader] {
    guard let value = value(name, required: required) else { return [] }
    guard case .list(let elements, _) = value, elements.count <= 10_000 else {
      report("type", name, "a list of at most 10,000 mappings is expected here")
      return []
    }
    return elements.enumerated().map {
      MapReader($1, path: "\(field(name))[\($0)]", list: list)
    }
  }

  func expression(_ name: String, required: Bool = false) -> LicenseExpression? {
    guard let text = text(name, required: required) else { return nil }
    do {
      let expression = try LicenseExpression(text)
      for warning in expression.warnings(for: text) { warn("expression", name, warning) }
      return expression
    } catch {
      report("expression", name, "\(error)")
      return nil
    }
  }

  func jurisdictions(_ name: String, required: Bool = false) -> [String]? {
    guard let found = texts(name, required: required) else { return nil }
    for text in found where text != "any" && text != "EU" && !Jurisdiction.isCountry(text) {
      report(
        "country",
        name,
        "'\(text.prefix(40))' is neither any, EU nor a two-letter country code"
      )
    }
    return found
  }

  /// Reports every member that nobody asked for.
  func finish() {
    for name in names where !known.contains(name) {
      guard let member = members[name] else { continue }
      let nearest =
        NearestName.find(name, among: known).map { "; did you mean \($0)?" } ?? "; remove it"
      list.report("unknown-key", field(name), "is not known here\(nearest)", at: member.position)
    }
  }
}
