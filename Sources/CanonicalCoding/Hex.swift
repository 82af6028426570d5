/// Lower-case hexadecimal, the only text form of bytes in committed files.
public enum Hex {
  /// Writes two digits for each byte.
  public static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    append(bytes, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Writes two digits for each byte.
  public static func encode(_ bytes: some Sequence<UInt8>) -> String { encode(Array(bytes)) }

  /// Appends two digits for each byte.
  public static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
    text.reserveCapacity(text.count + 2 * bytes.count)
    for byte in bytes {
      text.append(digit(byte >> 4))
      text.append(digit(byte & 15))
    }
  }

  /// Appends the sixteen digits of a word, most significant first.
  public static func append(_ word: UInt64, to text: inout [UInt8]) {
    append(UInt32(truncatingIfNeeded: word >> 32), to: &text)
    append(UInt32(truncatingIfNeeded: word), to: &text)
  }

  /// Eight digits at once: each half byte becomes a byte of a word, and 39 is added where it is a letter.
  @inline(__always)
  private static func append(_ half: UInt32, to text: inout [UInt8]) {
    var word = UInt64(half)
    word = (word | word << 16) & 0x0000_FFFF_0000_FFFF
    word = (word | word << 8) & 0x00FF_00FF_00FF_00FF
    word = (word | word << 4) & 0x0F0F_0F0F_0F0F_0F0F
    let letters = ((word &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
    word = word &+ 0x3030_3030_3030_3030 &+ letters &* 39
    // SAFETY: the eight bytes of the word are copied inside the call.
    unsafe withUnsafeBytes(of: word.bigEndian) { unsafe text.append(contentsOf: $0) }
  }

  @inline(__always)
  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

  /// Reads an even number of lower-case digits; anything else, upper case included, is `nil`.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}
