/// Why a text is not the strict JSON that we take.
///
/// Offsets count bytes from 0.
public enum JSONError: Error, Equatable, Sendable {
  case syntax(offset: Int)
  case invalidUTF8(offset: Int)
  case loneSurrogate(offset: Int)
  case duplicateName(offset: Int)
  case tooDeep(offset: Int)
  /// The number would change its value in RFC 8785 form.
  case inexactNumber(offset: Int)
  case trailingBytes(offset: Int)

  /// The byte at which the rule was broken.
  public var offset: Int {
    switch self {
    case .syntax(let offset), .invalidUTF8(let offset), .loneSurrogate(let offset),
      .duplicateName(let offset), .tooDeep(let offset), .inexactNumber(let offset),
      .trailingBytes(let offset):
      offset
    }
  }

  /// The reason code that ledgers and tests name.
  public var code: String {
    switch self {
    case .syntax: "json-syntax"
    case .invalidUTF8: "json-utf8"
    case .loneSurrogate: "json-lone-surrogate"
    case .duplicateName: "json-duplicate-key"
    case .tooDeep: "json-depth"
    case .inexactNumber: "json-number"
    case .trailingBytes: "json-trailing"
    }
  }
}

/// Reads RFC 8259 strictly: valid UTF-8, no name twice, no lone surrogate, bounded nesting, no
/// number that RFC 8785 cannot keep.
///
/// This is the readable reference; rows of a corpus go through `JSONRowScanner`, which is tested
/// against it.
public struct JSONParser {
  /// The deepest nesting that is read.
  public static let depthLimit = 128

  private let bytes: [UInt8]
  private var offset = 0

  /// Reads one value that fills `bytes`, white space aside.
  ///
  /// - Throws: `JSONError` with the byte offset.
  /// - Complexity: O(n).
  public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    if let bad = UTF8Check.firstInvalid(bytes) { throw .invalidUTF8(offset: bad) }
    var parser = JSONParser(bytes: bytes)
    let value = try parser.value(depth: 0)
    parser.skipWhiteSpace()
    guard parser.offset == bytes.count else { throw .trailingBytes(offset: parser.offset) }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipWhiteSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    skipWhiteSpace()
    guard let byte = next else { throw .syntax(offset: offset) }
    switch byte {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"):
      try literal("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try literal("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    default: return .number(try number())
    }
  }

  private mutating func literal(_ word: String) throws(JSONError) {
    for expected in word.utf8 {
      guard next == expected else { throw .syntax(offset: offset) }
      offset += 1
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    guard depth <= Self.depthLimit else { throw .tooDeep(offset: offset) }
    offset += 1
    var object = JSONObject()
    skipWhiteSpace()
    if next == UInt8(ascii: "}") {
      offset += 1
      return object
    }
    while true {
      skipWhiteSpace()
      let start = offset
      guard next == UInt8(ascii: "\"") else { throw .syntax(offset: offset) }
      let name = try string()
      guard object[name] == nil else { throw .duplicateName(offset: start) }
      skipWhiteSpace()
      guard next == UInt8(ascii: ":") else { throw .syntax(offset: offset) }
      offset += 1
      object[name] = try value(depth: depth)
      skipWhiteSpace()
      if next == UInt8(ascii: ",") {
        offset += 1
      } else if next == UInt8(ascii: "}") {
        offset += 1
        return object
      } else {
        throw .syntax(offset: offset)
      }
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    guard depth <= Self.depthLimit else { throw .tooDeep(offset: offset) }
    offset += 1
    var list: [JSONValue] = []
    skipWhiteSpace()
    if next == UInt8(ascii: "]") {
      offset += 1
      return list
    }
    while true {
      list.append(try value(depth: depth))
      skipWhiteSpace()
      if next == UInt8(ascii: ",") {
        offset += 1
      } else if next == UInt8(ascii: "]") {
        offset += 1
        return list
      } else {
        throw .syntax(offset: offset)
      }
    }
  }

  private mutating func string() throws(JSONError) -> String {
    offset += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return String(decoding: text, as: UTF8.self)
      case 0..<0x20: throw .syntax(offset: offset)
      case UInt8(ascii: "\\"): try escape(into: &text)
      default:
        text.append(byte)
        offset += 1
      }
    }
    throw .syntax(offset: offset)
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    let start = offset
    offset += 1
    guard let byte = next else { throw .syntax(offset: offset) }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = UInt32(try unit())
      if code & 0xFC00 == 0xD800 {
        guard next == UInt8(ascii: "\\"), offset + 1 < bytes.count,
          bytes[offset + 1] == UInt8(ascii: "u")
        else { throw .loneSurrogate(offset: start) }
        offset += 2
        let low = UInt32(try unit())
        guard low & 0xFC00 == 0xDC00 else { throw .loneSurrogate(offset: start) }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw .loneSurrogate(offset: start) }
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default: throw .syntax(offset: offset - 1)
    }
  }

  private mutating func unit() throws(JSONError) -> UInt16 {
    var code: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next else { throw .syntax(offset: offset) }
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: throw .syntax(offset: offset)
      }
      code = code << 4 | UInt16(digit)
      offset += 1
    }
    return code
  }

  private mutating func number() throws(JSONError) -> Double {
    let start = offset
    if next == UInt8(ascii: "-") { offset += 1 }
    guard let first = next, (0x30...0x39).contains(first) else { throw .syntax(offset: offset) }
    offset += 1
    if first != 0x30 { skipDigits() }
    var isInteger = true
    if next == UInt8(ascii: ".") {
      isInteger = false
      offset += 1
      try someDigits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isInteger = false
      offset += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
      try someDigits()
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard let value = Self.exactValue(text, isInteger: isInteger) else {
      throw .inexactNumber(offset: start)
    }
    return value
  }

  private mutating func skipDigits() {
    while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
  }

  private mutating func someDigits() throws(JSONError) {
    let start = offset
    skipDigits()
    guard offset > start else { throw .syntax(offset: offset) }
  }

  /// The double of a number that RFC 8785 keeps: finite, and an integer at most 2^53.
  static func exactValue(_ text: String, isInteger: Bool) -> Double? {
    if isInteger {
      guard let value = Int64(text), value.magnitude <= 9_007_199_254_740_992 else { return nil }
      return Double(value)
    }
    guard let value = Double(text), value.isFinite else { return nil }
    return value
  }
}
