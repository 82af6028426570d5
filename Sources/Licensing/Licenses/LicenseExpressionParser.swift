internal import CanonicalCoding

/// A recursive descent over the words of an expression.
struct LicenseExpressionParser {
  private struct Word {
    let text: String
    let offset: Int
  }

  private let words: [Word]
  private let end: Int
  private var index = 0

  init(_ text: String) throws(LicenseExpressionError) {
    let bytes = Array(text.utf8)
    guard bytes.count <= 4096 else { throw Self.error(.tooLong, 0, "") }
    var words: [Word] = []
    var start: Int?
    for (offset, byte) in bytes.enumerated() {
      let isSeparator = byte == 0x20 || byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")")
      if isSeparator, let first = start {
        words.append(
          Word(text: String(decoding: bytes[first..<offset], as: UTF8.self), offset: first)
        )
        start = nil
      }
      switch byte {
      case 0x20: break
      case UInt8(ascii: "("), UInt8(ascii: ")"):
        words.append(Word(text: String(decoding: [byte], as: UTF8.self), offset: offset))
      case UInt8(ascii: "/"): throw Self.error(.slash, offset, "/")
      case UInt8(ascii: "_"): throw Self.error(.underscore, offset, "_")
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "+"), UInt8(ascii: ":"):
        if start == nil { start = offset }
      default: throw Self.error(.character, offset, "")
      }
    }
    if let first = start {
      words.append(Word(text: String(decoding: bytes[first...], as: UTF8.self), offset: first))
    }
    self.words = words
    end = bytes.count
  }

  private static func error(
    _ rule: LicenseExpressionError.Rule,
    _ offset: Int,
    _ word: String,
    nearest: String? = nil
  ) -> LicenseExpressionError {
    LicenseExpressionError(
      rule: rule,
      offset: offset,
      word: String(word.prefix(64)),
      nearest: nearest
    )
  }

  private var next: Word? { index < words.count ? words[index] : nil }

  /// The whole text is one expression.
  mutating func parse() throws(LicenseExpressionError) -> LicenseExpression {
    if words.count == 1, let word = next, word.text == "NONE" || word.text == "NOASSERTION" {
      return .absent(word.text)
    }
    try checkParentheses()
    let expression = try disjunction(depth: 0)
    if let word = next {
      let rule: LicenseExpressionError.Rule =
        word.text == "+" ? .gluedPlus : word.text.hasPrefix(":") ? .gluedColon : .operatorMissing
      throw Self.error(rule, word.offset, word.text)
    }
    return expression
  }

  /// Parentheses first: a text that never closes one is refused for that, whatever else it holds.
  private func checkParentheses() throws(LicenseExpressionError) {
    var open: [Int] = []
    for word in words {
      if word.text == "(" { open.append(word.offset) }
      if word.text == ")", open.popLast() == nil { throw Self.error(.notOpened, word.offset, ")") }
    }
    if let offset = open.last { throw Self.error(.notClosed, offset, "(") }
  }

  private enum Operator { case and, or, with }

  /// Whether the next word is an operator: all upper or all lower case.
  private func operatorAhead() throws(LicenseExpressionError) -> Operator? {
    guard let word = next else { return nil }
    let found: Operator
    switch word.text.uppercased() {
    case "AND": found = .and
    case "OR": found = .or
    case "WITH": found = .with
    default: return nil
    }
    guard word.text == word.text.uppercased() || word.text == word.text.lowercased() else {
      throw Self.error(.mixedCaseOperator, word.offset, word.text)
    }
    return found
  }

  private mutating func disjunction(depth: Int) throws(LicenseExpressionError) -> LicenseExpression
  {
    var operands = [try conjunction(depth: depth)]
    while try operatorAhead() == .or {
      index += 1
      operands.append(try conjunction(depth: depth))
    }
    return operands.count == 1 ? operands[0] : .or(operands)
  }

  private mutating func conjunction(depth: Int) throws(LicenseExpressionError) -> LicenseExpression
  {
    var operands = [try withException(depth: depth)]
    while try operatorAhead() == .and {
      index += 1
      operands.append(try withException(depth: depth))
    }
    return operands.count == 1 ? operands[0] : .and(operands)
  }

  private mutating func withException(
    depth: Int
  ) throws(LicenseExpressionError) -> LicenseExpression {
    if try operatorAhead() == .with {
      throw Self.error(.licenseMissing, next?.offset ?? end, "")
    }
    let base = try operand(depth: depth)
    guard try operatorAhead() == .with else { return base }
    index += 1
    guard let word = next, try operatorAhead() == nil, word.text != ")", word.text != "(" else {
      throw Self.error(.exceptionMissing, next?.offset ?? end, "")
    }
    index += 1
    let name = word.text.split(separator: ":").last.map(String.init) ?? word.text
    if name.hasPrefix("AdditionRef-") { return .with(base, word.text) }
    guard let exception = SPDXLicenseList.exception(word.text) else {
      let nearest = NearestName.find(word.text, among: SPDXLicenseList.exceptions)
      throw Self.error(.notAnException, word.offset, word.text, nearest: nearest)
    }
    return .with(base, exception)
  }

  private mutating func operand(depth: Int) throws(LicenseExpressionError) -> LicenseExpression {
    guard depth <= 64 else { throw Self.error(.tooDeep, next?.offset ?? end, "") }
    guard let word = next else { throw Self.error(.operandMissing, end, "") }
    if word.text == ")" {
      let before = index > 0 ? words[index - 1].text : ""
      throw Self.error(before == "(" ? .emptyParentheses : .operandMissing, word.offset, "")
    }
    if try operatorAhead() != nil { throw Self.error(.operandMissing, word.offset, "") }
    index += 1
    guard word.text == "(" else { return try simple(word) }
    let inner = try disjunction(depth: depth + 1)
    guard let close = next else { throw Self.error(.notClosed, word.offset, "(") }
    guard close.text == ")" else { throw Self.error(.operatorMissing, close.offset, close.text) }
    index += 1
    return inner
  }

  private func simple(_ word: Word) throws(LicenseExpressionError) -> LicenseExpression {
    let text = word.text
    if text == "NONE" || text == "NOASSERTION" {
      throw Self.error(.standsAlone, word.offset, text)
    }
    if text == "+" { throw Self.error(.gluedPlus, word.offset, text) }
    if text.hasPrefix(":") { throw Self.error(.gluedColon, word.offset, text) }
    if text.hasPrefix("DocumentRef-") { return try documentReference(word) }
    for prefix in ["LicenseRef-", "DocumentRef-", "AdditionRef-"]
    where !text.hasPrefix(prefix) && text.lowercased().hasPrefix(prefix.lowercased()) {
      throw Self.error(.prefixCase, word.offset, text)
    }
    if text.hasPrefix("LicenseRef-") { return try reference(text, word) }
    return try listed(word)
  }

  private func documentReference(_ word: Word) throws(LicenseExpressionError) -> LicenseExpression {
    let parts = word.text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts[0].utf8.count > "DocumentRef-".utf8.count else {
      throw Self.error(.emptyName, word.offset, word.text)
    }
    guard parts.count == 2, !parts[1].isEmpty else {
      throw Self.error(.gluedColon, word.offset, word.text)
    }
    guard parts[1].hasPrefix("LicenseRef-") else {
      throw Self.error(.referenceExpected, word.offset, word.text)
    }
    return try reference(parts[1], word)
  }

  private func reference(
    _ name: String,
    _ word: Word
  ) throws(LicenseExpressionError) -> LicenseExpression {
    let rest = name.dropFirst("LicenseRef-".count)
    guard !rest.isEmpty else { throw Self.error(.emptyName, word.offset, word.text) }
    guard !rest.contains("+"), !rest.contains(":") else {
      throw Self.error(.character, word.offset, word.text)
    }
    return .reference(word.text)
  }

  private func listed(_ word: Word) throws(LicenseExpressionError) -> LicenseExpression {
    // "GPL-2.0+" stands in the list itself, as a deprecated identifier.
    if let known = SPDXLicenseList.license(word.text) { return .license(Self.modern(known)) }
    if word.text.hasSuffix("+"), let base = SPDXLicenseList.license(String(word.text.dropLast())) {
      return .license(Self.modern(base + "+"))
    }
    if SPDXLicenseList.exception(word.text) != nil {
      throw Self.error(.exceptionAsLicense, word.offset, word.text)
    }
    let nearest = NearestName.find(word.text, among: SPDXLicenseList.licenses)
    throw Self.error(.unknown, word.offset, word.text, nearest: nearest)
  }

  /// The deprecated short forms of the GNU licenses, written out.
  private static func modern(_ license: String) -> String {
    let isLater = license.hasSuffix("+")
    let base = isLater ? String(license.dropLast()) : license
    guard base.contains("GPL-") || base.hasPrefix("GFDL-"), SPDXLicenseList.isDeprecated(base),
      SPDXLicenseList.license(base + "-only") != nil
    else { return license }
    return base + (isLater ? "-or-later" : "-only")
  }
}
