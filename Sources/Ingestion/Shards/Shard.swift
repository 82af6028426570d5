internal import SourceAPI

/// The unit of work: consecutive inputs of a source.
public struct Shard: Hashable, Sendable {
  /// Inputs of one shard at the most.
  public static let inputLimit = 16_384

  /// The number, from 0.
  public let ordinal: Int
  /// Positions in the source's inputs.
  public let inputs: Range<Int>

  /// A shard of some inputs.
  public init(ordinal: Int, inputs: Range<Int>) {
    (self.ordinal, self.inputs) = (ordinal, inputs)
  }

  /// A place of the source as the shard counts: its first input is 0.
  func local(_ place: Checkpoint) -> Checkpoint {
    var local = place
    local.input = max(0, place.input - inputs.lowerBound)
    return local
  }

  /// Shares the inputs of a plan out: as many a shard as reach the goal of bytes, at least one.
  ///
  /// - Parameters:
  ///   - plan: the source.
  ///   - goal: bytes of a shard.
  /// - Returns: the shards in order; together they have every input once.
  public static func all(of plan: SourcePlan, goal: UInt64) -> [Shard] {
    var shards: [Shard] = []
    var start = 0
    var byteCount: UInt64 = 0
    for index in plan.inputs.indices {
      byteCount += plan.inputs[index].fingerprint.byteCount
      if byteCount >= goal || index + 1 - start == inputLimit || index + 1 == plan.inputs.count {
        shards.append(Shard(ordinal: shards.count, inputs: start..<index + 1))
        (start, byteCount) = (index + 1, 0)
      }
    }
    return shards
  }
}
