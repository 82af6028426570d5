internal import Algebra

/// The statements that the engine can be tried and measured with; none says anything about a registry.
public enum ExampleStatement: String, CaseIterable, Sendable {
  /// "I know n numbers below 2^16 with this sum."
  case range
  /// "I know n inputs of Poseidon2, width 16, and what it makes of them": a table of permutations.
  case permutations
  /// The shape of the provenance statement: n records, each used once, in n training examples.
  case provenance

  /// The sizes that are allowed.
  public var counts: ClosedRange<Int> {
    switch self {
    case .range: 1...RangeExample.countLimit
    case .permutations: 1...(1 << 20) - 128
    case .provenance: 1...(1 << 22) - 128
    }
  }

  /// The statement of a size; `sum` counts for `range` alone.
  ///
  /// - Precondition: the count is allowed.
  public func statement(count: Int, sum: UInt64, profile: Profile) -> Statement {
    precondition(counts.contains(count), "a count that is allowed")
    switch self {
    case .range: return RangeExample.statement(count: count, sum: sum, profile: profile)
    case .permutations: return PermutationExample.statement(count: count, profile: profile)
    case .provenance: return ProvenanceShape.statement(count: count, profile: profile)
    }
  }

  /// The height of a table for some active rows and 2^7 pad rows.
  static func logHeight(_ count: Int) -> Int {
    var log = 8
    while (1 << log) - 128 < count { log += 1 }
    return log
  }

  /// A code for tables of a height: long lanes where h is folded, short ones where it is sent.
  ///
  /// The tail has room for every query.
  static func code(logHeight: Int, profile: Profile) -> CodeParameters {
    let log = profile.isFolded ? min(19, max(11, logHeight)) : min(15, max(10, logHeight - 1))
    let tail = min(log - 1, max(9, profile.isFolded ? log - 7 : log - 5))
    return CodeParameters(logDataLength: log, logTailLength: tail, logInverseRate: 2)
  }
}
