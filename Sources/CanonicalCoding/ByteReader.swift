/// Why bytes could not be read as a value of ours.
public enum ByteReaderError: Error, Equatable, Sendable {
  /// Fewer bytes are left than the next field needs.
  case endOfBytes(offset: Int, needed: Int)
  /// Bytes are left after the last field.
  case leftOver(offset: Int, count: Int)
}

/// Reads fixed-width fields from bytes that nobody has checked yet.
///
/// Every read is bounded by what is there; no length that the bytes declare is used to allocate
/// before it was compared with what is left.
public struct ByteReader: Sendable {
  private let bytes: ArraySlice<UInt8>
  /// The number of bytes already read.
  public private(set) var offset: Int

  /// Reads from the start of `bytes`.
  public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// Reads from the start of a slice; offsets count from there.
  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    offset = 0
  }

  /// The number of bytes that are left.
  public var remaining: Int { bytes.count - offset }

  /// The next unsigned integer, most significant byte first.
  ///
  /// - Throws: `ByteReaderError.endOfBytes`.
  public mutating func read(_ type: UInt8.Type = UInt8.self) throws(ByteReaderError) -> UInt8 {
    UInt8(truncatingIfNeeded: try integer(byteCount: 1))
  }

  /// The next unsigned integer, most significant byte first.
  ///
  /// - Throws: `ByteReaderError.endOfBytes`.
  public mutating func read(_ type: UInt16.Type = UInt16.self) throws(ByteReaderError) -> UInt16 {
    UInt16(truncatingIfNeeded: try integer(byteCount: 2))
  }

  /// The next unsigned integer, most significant byte first.
  ///
  /// - Throws: `ByteReaderError.endOfBytes`.
  public mutating func read(_ type: UInt32.Type = UInt32.self) throws(ByteReaderError) -> UInt32 {
    UInt32(truncatingIfNeeded: try integer(byteCount: 4))
  }

  /// The next unsigned integer, most significant byte first.
  ///
  /// - Throws: `ByteReaderError.endOfBytes`.
  public mutating func read(_ type: UInt64.Type = UInt64.self) throws(ByteReaderError) -> UInt64 {
    try integer(byteCount: 8)
  }

  private mutating func integer(byteCount: Int) throws(ByteReaderError) -> UInt64 {
    var value: UInt64 = 0
    for byte in try read(count: byteCount) { value = value << 8 | UInt64(byte) }
    return value
  }

  /// The next `count` bytes.
  ///
  /// - Throws: `ByteReaderError.endOfBytes`.
  public mutating func read(count: Int) throws(ByteReaderError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw .endOfBytes(offset: offset, needed: count)
    }
    defer { offset += count }
    let start = bytes.startIndex + offset
    return bytes[start..<start + count]
  }

  /// Says that nothing may follow.
  ///
  /// - Throws: `ByteReaderError.leftOver`.
  public func finish() throws(ByteReaderError) {
    guard remaining == 0 else { throw .leftOver(offset: offset, count: remaining) }
  }
}
