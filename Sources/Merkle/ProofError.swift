/// The rule that a Merkle proof breaks.
public enum ProofError: Error, Equatable, Sendable {
  /// The index is not below the size.
  case indexOutOfRange(index: UInt64, size: UInt64)
  /// The old size is above the new one.
  case sizesReversed(old: UInt64, new: UInt64)
  /// A tree of that size is none of ours.
  case sizeTooLarge(UInt64)
  /// The tree has no node over exactly these leaves.
  case noSubtree(start: UInt64, count: UInt64)
  /// The path has too many or too few digests for the sizes.
  case pathLength(expected: Int, actual: Int)
  /// The path leads to another root than the one given.
  case rootMismatch
  /// The path leads to another old root than the one given.
  case oldRootMismatch

  /// The neighbors do not lie on both sides of the digest.
  case notBetween
  /// Between the neighbors there is room for another leaf.
  case notAdjacent

  /// The reason code that vectors and messages name.
  public var code: String {
    switch self {
    case .indexOutOfRange: "index-out-of-range"
    case .sizesReversed: "sizes-reversed"
    case .sizeTooLarge: "size-too-large"
    case .noSubtree: "no-subtree"
    case .pathLength: "path-length"
    case .rootMismatch: "root-mismatch"
    case .oldRootMismatch: "old-root-mismatch"
    case .notBetween: "not-between"
    case .notAdjacent: "not-adjacent"
    }
  }
}
