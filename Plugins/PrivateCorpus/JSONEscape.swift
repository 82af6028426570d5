internal import CanonicalCoding

/// The escapes of JSON strings that canonical form writes another way: `\/` and `\u`.
enum JSONEscape {
  /// Whether canonical form keeps the escape of this letter as it is.
  @inline(__always)
  static func isKept(_ letter: UInt8) -> Bool {
    switch letter {
    case UInt8(ascii: "n"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "t"),
      UInt8(ascii: "r"), UInt8(ascii: "b"), UInt8(ascii: "f"):
      true
    default: false
    }
  }

  /// The character of the escape whose backslash is at `start`, and the offset behind it.
  ///
  /// - Throws: `JSONError` with an offset in `text`.
  static func read(
    _ text: Span<UInt8>,
    at start: Int
  ) throws(JSONError) -> (character: Unicode.Scalar, next: Int) {
    guard start + 1 < text.count else { throw .syntax(offset: start + 1) }
    if text[start + 1] == UInt8(ascii: "/") { return ("/", start + 2) }
    guard text[start + 1] == UInt8(ascii: "u") else { throw .syntax(offset: start + 1) }
    var code = UInt32(try unit(text, at: start + 2))
    var next = start + 6
    if code & 0xFC00 == 0xD800 {
      guard next + 1 < text.count, text[next] == UInt8(ascii: "\\"),
        text[next + 1] == UInt8(ascii: "u")
      else { throw .loneSurrogate(offset: start) }
      let low = UInt32(try unit(text, at: next + 2))
      guard low & 0xFC00 == 0xDC00 else { throw .loneSurrogate(offset: start) }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      next += 6
    }
    guard let character = Unicode.Scalar(code) else { throw .loneSurrogate(offset: start) }
    return (character, next)
  }

  /// Four hexadecimal digits.
  private static func unit(_ text: Span<UInt8>, at start: Int) throws(JSONError) -> UInt16 {
    var code: UInt16 = 0
    for offset in start..<start + 4 {
      guard offset < text.count else { throw .syntax(offset: offset) }
      let digit: UInt8
      switch text[offset] {
      case let byte where (0x30...0x39).contains(byte): digit = byte - 0x30
      case let byte where (0x41...0x46).contains(byte): digit = byte - 0x41 + 10
      case let byte where (0x61...0x66).contains(byte): digit = byte - 0x61 + 10
      default: throw .syntax(offset: offset)
      }
      code = code << 4 | UInt16(digit)
    }
    return code
  }
}
