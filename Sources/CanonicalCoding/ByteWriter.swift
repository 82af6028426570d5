/// Builds the byte form of a value: fixed-width big-endian integers and raw bytes.
public struct ByteWriter: Sendable {
  /// What has been written so far.
  public private(set) var bytes: [UInt8] = []

  /// Starts with room for `capacity` bytes.
  public init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Appends an unsigned integer, most significant byte first.
  public mutating func write<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
    for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
    }
  }

  /// Appends bytes as they are.
  public mutating func write(_ raw: some Sequence<UInt8>) {
    bytes.append(contentsOf: raw)
  }

  /// Appends the UTF-8 of a text, without length or terminator.
  public mutating func write(_ text: StaticString) {
    bytes.append(contentsOf: text.description.utf8)
  }
}
