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
  private let bytes: [UInt8]
  /// The number of bytes already read.
  public private(set) var offset: Int

  /// Reads from the start of `bytes`.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = 0
  }

  /// The number of bytes that are left.
  public var remaining: Int { bytes.count - offset }

  /// The next unsigned integer, most significant byte first.
  ///
  /// - Throws: `ByteReaderError.endOfBytes`.
  public mutating func read<Value: FixedWidthInteger & UnsignedInteger>(
    _ type: Value.Type = Value.self
  ) throws(ByteReaderError) -> Value {
    let raw = try read(count: Value.bitWidth / 8)
    var value: Value = 0
    for byte in raw { value = value << 8 | Value(byte) }
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
    return bytes[offset..<offset + count]
  }

  /// Says that nothing may follow.
  ///
  /// - Throws: `ByteReaderError.leftOver`.
  public func finish() throws(ByteReaderError) {
    guard remaining == 0 else { throw .leftOver(offset: offset, count: remaining) }
  }
}
