/// What can be told of a JSON number from its bytes.
enum JSONNumberForm {
  /// Up to fifteen digits without a zero before them: exact in binary64 and written the same way.
  static func isPlainWhole(_ line: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard range.count <= 15 else { return false }
    for index in range where !(0x30...0x39).contains(line[index]) { return false }
    return range.count == 1 || line[range.lowerBound] != 0x30
  }

  /// Whether a byte may stand in a number.
  static func mayHold(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
      || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
  }
}
