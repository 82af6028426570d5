internal import CanonicalCoding

/// What changed between two versions of a source manifest, member by member, in words.
public struct ManifestDifference: Sendable {
  /// One member that differs.
  public struct Change: Hashable, Sendable {
    /// The dotted name in the new version, or in the old one where the new has none.
    public let path: String
    /// What it is, in words.
    public let subject: String
    /// What stood there.
    public let old: String?
    /// What stands there now.
    public let new: String?
    /// The line in the old file.
    public let oldLine: Int?
    /// The line in the new file.
    public let newLine: Int?

    /// One sentence.
    public var sentence: String {
      switch (old, new) {
      case (let old?, let new?): "\(subject): was \(old), is now \(new)"
      case (let old?, nil): "\(subject): \(old) was removed"
      case (nil, let new?): "\(subject): \(new) was added"
      case (nil, nil): subject
      }
    }
  }

  /// The changes, in order of the new file.
  public let changes: [Change]
  /// Whether the typed forms are equal: then nothing but comments, quotes or order changed.
  public let isSame: Bool

  /// Compares two versions.
  ///
  /// - Complexity: O(members · log members).
  public init(_ old: SourceManifest, _ new: SourceManifest) {
    isSame = old.digest == new.digest
    guard !isSame else {
      changes = []
      return
    }
    let (oldLines, newLines) = (ManifestLines(old), ManifestLines(new))
    var found: [Change] = []
    Self.compare(old.typedForm, new.typedForm, "", "") { oldPath, newPath, old, new in
      found.append(
        Change(
          path: new == nil ? oldPath : newPath,
          subject: Self.subject(new == nil ? oldPath : newPath),
          old: old.map(Self.shown),
          new: new.map(Self.shown),
          oldLine: old == nil ? nil : oldLines.line(of: oldPath),
          newLine: new == nil ? nil : newLines.line(of: newPath)
        )
      )
    }
    changes = found.sorted {
      ($0.newLine ?? $0.oldLine ?? 0, $0.path) < ($1.newLine ?? $1.oldLine ?? 0, $1.path)
    }
  }

  private typealias Report = (String, String, JSONValue?, JSONValue?) -> Void

  private static func compare(
    _ old: JSONValue,
    _ new: JSONValue,
    _ oldPath: String,
    _ newPath: String,
    _ report: Report
  ) {
    guard old != new else { return }
    switch (old, new) {
    case (.object(let a), .object(let b)):
      for name in Set(a.members.keys).union(b.members.keys).sorted() {
        let (x, y) = (
          oldPath.isEmpty ? name : "\(oldPath).\(name)",
          newPath.isEmpty ? name : "\(newPath).\(name)"
        )
        switch (a[name], b[name]) {
        case (let before?, let after?): compare(before, after, x, y, report)
        case (let before, let after): report(x, y, before, after)
        }
      }
    case (.array(let a), .array(let b)): compareLists(a, b, oldPath, newPath, report)
    default: report(oldPath, newPath, old, new)
    }
  }

  /// Elements that stand for the same thing are compared, whatever their places; the others came or went.
  private static func compareLists(
    _ a: [JSONValue],
    _ b: [JSONValue],
    _ oldPath: String,
    _ newPath: String,
    _ report: Report
  ) {
    var places: [[UInt8]: [Int]] = [:]
    for (index, element) in a.enumerated().reversed() {
      places[identity(of: element), default: []].append(index)
    }
    var isTaken = [Bool](repeating: false, count: a.count)
    for (index, element) in b.enumerated() {
      let key = identity(of: element)
      guard let place = places[key]?.popLast() else {
        report("", "\(newPath)[\(index)]", nil, element)
        continue
      }
      isTaken[place] = true
      compare(a[place], element, "\(oldPath)[\(place)]", "\(newPath)[\(index)]", report)
    }
    for (index, element) in a.enumerated() where !isTaken[index] {
      report("\(oldPath)[\(index)]", "", element, nil)
    }
  }

  /// What an element is known by: an override's match, an obligation's id, a document's address; else itself.
  private static func identity(of element: JSONValue) -> [UInt8] {
    guard let object = element.object else { return CanonicalJSON.encode(element) }
    for name in ["match", "id", "uri", "name"] {
      if let value = object[name] { return CanonicalJSON.encode(value) }
    }
    return CanonicalJSON.encode(element)
  }

  /// A value as people read it: texts as they are, mappings as `name: value`.
  private static func shown(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): text
    case .bool(let value): value ? "true" : "false"
    case .array(let elements): elements.map(shown).joined(separator: ", ")
    case .object(let object):
      "{"
        + object.sortedNames.map { "\($0): \(shown(object[$0] ?? .null))" }.joined(separator: ", ")
        + "}"
    case .null: "nothing"
    case .number(let value): "\(value)"
    }
  }

  private static let subjects: [(prefix: String, words: String)] = [
    ("license.term.until", "last valid day of the license"),
    ("license.term.from", "first valid day of the license"),
    ("license.term.onExpiry", "what happens when the license ends"),
    ("license.concluded", "license that legal concluded"),
    ("license.declared", "license that the supplier states"),
    ("license.basis", "basis of the license"),
    ("license.jurisdiction", "where the license holds"),
    ("license.uses", "what the license may be used for"),
    ("license.attribution", "attribution"), ("license.obligations", "obligation"),
    ("license.evidence", "evidence for the license"), ("license.texts", "license text"),
    ("license.axes", "axes of a license"), ("agreement", "agreement"),
    ("consent", "consent"), ("crawler.onUnknownPreference", "what an unknown preference means"),
    ("crawler", "crawler"), ("overrides", "override"), ("derivedFrom", "sub-source"),
    ("personalData", "personal data"), ("synthetic", "machine-made data"),
    ("confidential", "confidentiality"), ("source.version", "version of the data"),
    ("source.title", "title"), ("parties.owner", "owner"), ("parties.legal", "who decides"),
    ("parties.steward", "who answers questions"), ("input", "input"), ("policy", "policy"),
    ("review", "review in the manifest"), ("purpose", "purpose"),
  ]

  private static func subject(_ path: String) -> String {
    guard
      let known = subjects.first(where: {
        path == $0.prefix || path.hasPrefix($0.prefix + ".") || path.hasPrefix($0.prefix + "[")
      })
    else { return path }
    return known.prefix == path ? known.words : "\(known.words) (\(path))"
  }
}
