/// An SPDX license expression (SPDX 3.0.1, annex "license expressions"), with the contested cases
/// decided as docs/formats.md lists them.
public indirect enum LicenseExpression: Hashable, Sendable {
  /// A license identifier of the list in the list's spelling, with its `+` if it has one.
  case license(String)
  /// `LicenseRef-…`, with `DocumentRef-…:` before it if it was written.
  case reference(String)
  /// A license with an exception or an `AdditionRef-…`.
  case with(LicenseExpression, String)
  case and([LicenseExpression])
  case or([LicenseExpression])
  /// `NONE` or `NOASSERTION`, which stand alone.
  case absent(String)

  /// Reads an expression.
  ///
  /// - Throws: `LicenseExpressionError` with the offset of the offending word.
  public init(_ text: String) throws(LicenseExpressionError) {
    var parser = try LicenseExpressionParser(text)
    self = try parser.parse()
  }

  /// The normalized text: operators in upper case, no needless parentheses, operands in their order.
  public var normalized: String { text(inside: 0) }

  /// Binding: OR 1, AND 2, WITH 3.
  private func text(inside binding: Int) -> String {
    func wrapped(_ own: Int, _ text: String) -> String { own < binding ? "(\(text))" : text }
    switch self {
    case .license(let name), .reference(let name), .absent(let name): return name
    case .with(let base, let addition): return "\(base.text(inside: 3)) WITH \(addition)"
    case .and(let operands):
      return wrapped(2, operands.map { $0.text(inside: 3) }.joined(separator: " AND "))
    case .or(let operands):
      return wrapped(1, operands.map { $0.text(inside: 2) }.joined(separator: " OR "))
    }
  }

  /// Every identifier and reference in the expression, in order, each once.
  public var atoms: [String] {
    var found: [String] = []
    func visit(_ expression: LicenseExpression) {
      switch expression {
      case .license(let name), .reference(let name), .absent(let name):
        if !found.contains(name) { found.append(name) }
      case .with(let base, _): visit(base)
      case .and(let operands), .or(let operands): operands.forEach(visit)
      }
    }
    visit(self)
    return found
  }

  /// What a careful author would want to hear about a text that this expression was read from.
  public func warnings(for text: String) -> [String] {
    let words = text.split { $0 == " " || $0 == "(" || $0 == ")" }.map(String.init)
    let replaced = words.compactMap { word -> String? in
      let base = word.hasSuffix("+") ? String(word.dropLast()) : word
      guard let id = SPDXLicenseList.license(word) ?? SPDXLicenseList.license(base),
        SPDXLicenseList.isDeprecated(id) || SPDXLicenseList.isDeprecated(id + "+"),
        !atoms.contains(id)
      else { return nil }
      return "\(word) is deprecated in the SPDX list, and read as \(normalized)"
    }
    return replaced
      + atoms.compactMap { atom in
        if atom.hasSuffix("+"), atom.hasPrefix("CC-") {
          return
            "\(atom) is judged as \(atom.dropLast()): Creative Commons licenses have no 'or later'"
        }
        return SPDXLicenseList.isDeprecated(atom) ? "\(atom) is deprecated in the SPDX list" : nil
      }
  }
}

/// The rule of the grammar that a text breaks, with the offset in bytes.
public struct LicenseExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The rules.
  public enum Rule: String, Sendable {
    case tooLong = "longer than 4,096 bytes"
    case tooDeep = "nested deeper than 64"
    case character = "character that no expression has"
    case slash = "slash"
    case mixedCaseOperator = "operator in mixed case"
    case prefixCase = "prefix is case-sensitive"
    case operandMissing = "operand missing"
    case operatorMissing = "operator missing"
    case emptyParentheses = "empty parentheses"
    case notClosed = "parenthesis not closed"
    case notOpened = "parenthesis not opened"
    case gluedPlus = "plus is glued"
    case gluedColon = "colon is glued"
    case referenceExpected = "LicenseRef expected"
    case standsAlone = "stands alone"
    case exceptionMissing = "exception missing"
    case licenseMissing = "license missing"
    case notAnException = "not an exception"
    case exceptionAsLicense = "an exception is no license"
    case unknown = "unknown id"
    case emptyName = "empty name"
    case underscore = "underscore"
  }

  /// The rule that is broken.
  public let rule: Rule
  /// Where, in bytes from 0.
  public let offset: Int
  /// The word in question; never longer than 64 characters.
  public let word: String
  /// A known identifier that is close to an unknown one.
  public let nearest: String?

  /// One sentence for people; it holds no record content.
  public var description: String {
    let place = "at character \(offset + 1)"
    let hint = nearest.map { "; did you mean \($0)?" } ?? ""
    return word.isEmpty ? "\(rule.rawValue) \(place)" : "\(rule.rawValue) '\(word)' \(place)\(hint)"
  }
}
