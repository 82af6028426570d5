public import Algebra
public import ProofSystem

/// What a reusable group has shown so far: opened positions, and points where its columns were evaluated.
///
/// Beyond its budget a group would no longer hide its columns.
public struct OpeningLedger: Hashable, Sendable {
  /// Why a group serves no further proof.
  public enum Refusal: Error, Hashable, Sendable {
    /// More positions would be open than the query zone hides, or more points than pad rows carry.
    case budgetExhausted
    /// The pad rows do not map onto the values at all points; other coins will do.
    case rankDeficient
  }

  /// The opened positions, ascending.
  public internal(set) var positions: [Int] = []
  /// One point a proof: the coordinates of the largest column of the group.
  public internal(set) var points: [[ChallengeField]] = []

  /// A ledger of a group that nobody has seen.
  public init() {}

  /// The ledger after one more proof.
  ///
  /// - Parameters:
  ///   - new: the positions that the proof opens.
  ///   - point: where it evaluates the columns.
  ///   - columns: the heights of the group's columns.
  ///   - budget: the length of the query zone.
  /// - Returns: the ledger with both.
  /// - Throws: `Refusal`.
  func adding(
    positions new: [Int],
    point: [ChallengeField],
    columns: [ReusableGroup.Shape],
    budget: Int
  ) throws(Refusal) -> OpeningLedger {
    var next = self
    next.positions = Set(positions).union(new).sorted()
    next.points.append(point)
    guard next.positions.count <= budget else { throw .budgetExhausted }
    for shape in Set(columns) {
      guard ChallengeField.degree * next.points.count <= 1 << shape.logPadRowCount else {
        throw .budgetExhausted
      }
      let weights = next.points.map { RankCondition.padWeights(shape, point: $0) }
      guard RankCondition.holds(weights) else { throw .rankDeficient }
    }
    return next
  }
}
