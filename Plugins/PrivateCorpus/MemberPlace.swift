/// A member of an object: its name in the line, and where it lies in the canonical bytes.
///
/// Four words, because a line may hold a million members. Lines are far below 4 GiB.
struct MemberPlace {
  private let nameStart: UInt32
  /// Twice the name's number of bytes, and one more where it has escapes.
  private let nameForm: UInt32
  private let start: UInt32
  private let count: UInt32

  init(name: Range<Int>, hasEscape: Bool, range: Range<Int>) {
    nameStart = UInt32(truncatingIfNeeded: name.lowerBound)
    nameForm = UInt32(truncatingIfNeeded: name.count) << 1 | (hasEscape ? 1 : 0)
    start = UInt32(truncatingIfNeeded: range.lowerBound)
    count = UInt32(truncatingIfNeeded: range.count)
  }

  /// The inside of the name's quotes, in the line.
  var name: Range<Int> { Int(nameStart)..<Int(nameStart) + Int(nameForm >> 1) }
  var hasEscape: Bool { nameForm & 1 == 1 }
  /// The member in the canonical bytes.
  var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
  /// Where the name's quote stands in the line.
  var offset: Int { Int(nameStart) - 1 }
}
