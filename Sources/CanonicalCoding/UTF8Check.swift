/// Validity of UTF-8 after the Unicode Standard, table 3-7.
public enum UTF8Check {
  /// The offset of the first byte that starts no well-formed sequence, or `nil` if all are.
  ///
  /// - Complexity: O(n); runs of ASCII go 32 bytes at a time.
  public static func firstInvalid(_ bytes: [UInt8]) -> Int? { firstInvalid(bytes[...]) }

  /// The same over a slice; the offset is an index of the slice.
  public static func firstInvalid(_ bytes: ArraySlice<UInt8>) -> Int? {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] < 0x80 {
        index += ByteScan.asciiRun(bytes, from: index)
        continue
      }
      guard let length = sequenceLength(bytes, at: index) else { return index }
      index += length
    }
    return nil
  }

  /// The length of the well-formed multi-byte sequence at `index`, or `nil`.
  public static func sequenceLength(_ bytes: ArraySlice<UInt8>, at index: Int) -> Int? {
    guard let (length, second) = shape(lead: bytes[index]), bytes.endIndex - index >= length,
      second.contains(bytes[index + 1])
    else { return nil }
    for next in index + 2..<max(index + 2, index + length) where bytes[next] & 0xC0 != 0x80 {
      return nil
    }
    return length
  }

  /// How many bytes a lead begins, and which may come second; `nil` for a byte that is no lead.
  public static func shape(lead: UInt8) -> (length: Int, second: ClosedRange<UInt8>)? {
    switch lead {
    case 0xC2...0xDF: (2, 0x80...0xBF)
    case 0xE0: (3, 0xA0...0xBF)
    case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
    case 0xED: (3, 0x80...0x9F)
    case 0xF0: (4, 0x90...0xBF)
    case 0xF1...0xF3: (4, 0x80...0xBF)
    case 0xF4: (4, 0x80...0x8F)
    default: nil
    }
  }
}
