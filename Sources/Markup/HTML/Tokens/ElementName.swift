/// The name of a tag in lower case: its first sixteen bytes and its length.
///
/// No name of HTML, SVG or MathML that a rule speaks of is longer; longer ones that share both are
/// one name to the stack of open elements, which has no rule for any of them.
struct ElementName: Equatable, Sendable {
  /// Bytes 0 to 7, the first lowest.
  private(set) var low: UInt64 = 0
  /// Bytes 8 to 15.
  private(set) var high: UInt64 = 0
  private(set) var length = 0

  init() {}

  init(_ name: StaticString) {
    for byte in name.description.utf8 { append(byte) }
  }

  /// Takes one byte; capital letters of ASCII become small.
  @inline(__always)
  mutating func append(_ byte: UInt8) {
    let small = UInt64(byte &- 0x41 < 26 ? byte | 0x20 : byte)
    if length < 8 {
      low |= small << UInt64(8 * length)
    } else if length < 16 {
      high |= small << UInt64(8 * (length - 8))
    }
    length += 1
  }
}
