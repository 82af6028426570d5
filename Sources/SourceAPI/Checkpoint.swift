/// A place in a source from which a reader can go on without judging what was before.
public struct Checkpoint: Hashable, Sendable {
  /// The input's number in the plan.
  public var input: Int
  /// The byte offset in the file of the input at which reading begins.
  public var offset: UInt64
  /// Members of this input before the place.
  public var ordinal: UInt64
  /// Bytes that come out behind `offset` before the place, as a compressed stream is entered at its members' starts alone.
  public var skipped: UInt64
  /// The place in all that comes out of the input.
  public var position: UInt64

  /// Where the containers stand that lie in this one at the place, the outermost first.
  public var inner: [Checkpoint] = []

  /// A place.
  public init(
    input: Int,
    offset: UInt64,
    ordinal: UInt64,
    skipped: UInt64 = 0,
    position: UInt64 = 0
  ) {
    (self.input, self.offset, self.ordinal) = (input, offset, ordinal)
    (self.skipped, self.position) = (skipped, position)
  }

  /// The start of an input.
  public static func start(of input: Int) -> Checkpoint {
    Checkpoint(input: input, offset: 0, ordinal: 0)
  }

  /// The text that the store keeps.
  public var text: String {
    let own = "\(input):\(offset):\(ordinal):\(skipped):\(position)"
    return inner.isEmpty ? own : own + "/" + inner.map(\.text).joined(separator: "/")
  }

  /// Reads the text; `nil` for any other.
  public init?(_ text: String) {
    let levels = text.split(separator: "/", omittingEmptySubsequences: false)
    guard levels.count <= 17, let own = Checkpoint(level: levels[0]) else { return nil }
    self = own
    for level in levels.dropFirst() {
      guard let place = Checkpoint(level: level) else { return nil }
      inner.append(place)
    }
  }

  private init?(level text: Substring) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 5, let input = Int(parts[0]), input >= 0, let offset = UInt64(parts[1]),
      let ordinal = UInt64(parts[2]), let skipped = UInt64(parts[3]),
      let position = UInt64(parts[4]), skipped <= position
    else { return nil }
    self.init(
      input: input,
      offset: offset,
      ordinal: ordinal,
      skipped: skipped,
      position: position
    )
  }
}
