/// Members in the order of the source, with their bytes in one buffer that is used again.
///
/// Batches instead of single records: one buffer serves thousands of members, and no record costs a
/// heap allocation for its bytes.
public struct MemberBatch: Sendable {
  /// A plugin stops adding once the arena holds this many bytes.
  public static let byteGoal = 4 << 20
  /// What `memberGoal` is unless somebody wants smaller batches.
  public static let usualMemberGoal = 2048

  /// The arena: bytes of all members, one after the other.
  public var bytes: [UInt8] = []
  /// The members.
  public var members: [Member] = []
  /// A plugin stops adding once the batch has this many members.
  public let memberGoal: Int

  /// An empty batch.
  public init(memberGoal: Int = MemberBatch.usualMemberGoal) { self.memberGoal = memberGoal }

  /// Whether a plugin should hand it over.
  public var isFull: Bool { bytes.count >= Self.byteGoal || members.count >= memberGoal }

  /// Forgets the members and keeps the memory.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    members.removeAll(keepingCapacity: true)
  }
}
