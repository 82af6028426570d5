/// Base64 of RFC 4648 section 4, strict: padding is needed, nothing else is skipped.
public enum Base64 {
  private static let alphabet: [UInt8] = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
  )
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  /// The text of some bytes.
  public static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var word: UInt32 = 0
      for byte in group { word = word << 8 | UInt32(byte) }
      word <<= UInt32(8 * (3 - group.count))
      for index in 0..<4 {
        text.append(
          index <= group.count
            ? alphabet[Int(word >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "=")
        )
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a text; `nil` unless `encode` writes the text just so.
  public static func decode(_ text: String) -> [UInt8]? {
    let letters = Array(text.utf8)
    guard letters.count.isMultiple(of: 4) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(letters.count / 4 * 3)
    for start in stride(from: 0, to: letters.count, by: 4) {
      let isLast = start + 4 == letters.count
      var word: UInt32 = 0
      var count = 3
      for index in 0..<4 {
        let letter = letters[start + index]
        if letter == UInt8(ascii: "=") {
          guard isLast, index >= 2 else { return nil }
          count = min(count, index - 1)
          word <<= 6
        } else {
          guard count == 3, values[Int(letter)] != 255 else { return nil }
          word = word << 6 | UInt32(values[Int(letter)])
        }
      }
      // Bits behind the last byte must be zero: one text for one value.
      guard count == 3 || word & ((1 << UInt32(8 * (3 - count))) - 1) == 0 else { return nil }
      for index in 0..<count {
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(16 - 8 * index)))
      }
    }
    return bytes
  }
}
