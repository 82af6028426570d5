/// Builds the byte form of a value: fixed-width big-endian integers and raw bytes.
public struct ByteWriter: Sendable {
  /// What has been written so far.
  public private(set) var bytes: [UInt8] = []

  /// Starts with room for `capacity` bytes.
  public init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Appends an unsigned integer, most significant byte first.
  public mutating func write(_ value: UInt8) { bytes.append(value) }
  /// Appends an unsigned integer, most significant byte first.
  public mutating func write(_ value: UInt16) { append(value.bigEndian) }
  /// Appends an unsigned integer, most significant byte first.
  public mutating func write(_ value: UInt32) { append(value.bigEndian) }
  /// Appends an unsigned integer, most significant byte first.
  public mutating func write(_ value: UInt64) { append(value.bigEndian) }

  @inline(__always)
  private mutating func append<Word: BitwiseCopyable>(_ word: Word) {
    // SAFETY: the bytes of an integer are copied inside the call; byte by byte the same took four
    // times as long, and a leaf has sixteen words.
    unsafe withUnsafeBytes(of: word) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends four unsigned integers, each most significant byte first.
  public mutating func write(_ words: SIMD4<UInt64>) {
    for index in 0..<4 { append(words[index].bigEndian) }
  }

  /// Appends bytes as they are.
  public mutating func write(_ raw: [UInt8]) {
    bytes.append(contentsOf: raw)
  }

  /// Appends bytes as they are.
  public mutating func write(_ raw: ArraySlice<UInt8>) {
    bytes.append(contentsOf: raw)
  }

  /// Appends the UTF-8 of a text, without length or terminator.
  public mutating func write(_ text: StaticString) {
    // SAFETY: the buffer is that of a constant.
    text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
  }
}
