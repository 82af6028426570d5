/// That a digest is not among the leaves of a tree whose leaves are digests in ascending order: two neighbors that it lies between.
///
/// Below the first leaf the first one suffices, above the last the last; in an empty tree nothing is needed. Equal leaves may stand
/// side by side. The proof does not bring the tree's size: the verifier uses the size of the head it trusts.
public struct AbsenceProof: Hashable, Sendable {
  /// A leaf beside the place where the digest would stand.
  public struct Neighbor: Hashable, Sendable {
    /// Its index.
    public let index: UInt64
    /// The digest that stands there.
    public let digest: SHA256Hash
    /// The way to the root.
    public let path: [SHA256Hash]

    /// A neighbor as it was received; nothing is checked here.
    public init(index: UInt64, digest: SHA256Hash, path: [SHA256Hash]) {
      (self.index, self.digest, self.path) = (index, digest, path)
    }
  }

  /// The largest leaf below the digest; `nil` where there is none.
  public let below: Neighbor?
  /// The smallest leaf above it; `nil` where there is none.
  public let above: Neighbor?

  /// A proof as it was received; nothing is checked here.
  public init(below: Neighbor?, above: Neighbor?) { (self.below, self.above) = (below, above) }

  /// The proof about a digest, from a stored tree; `nil` when the digest is a leaf.
  ///
  /// - Parameters:
  ///   - digest: what is asked for.
  ///   - size: the number of leaves.
  ///   - tree: the tree's nodes.
  ///   - leaf: gives the digest at an index.
  /// - Throws: what reading the tree throws.
  /// - Complexity: O(log size) leaves and nodes.
  public init?<Tree: TreeNodes<SHA256TreeHasher>>(
    of digest: SHA256Hash,
    size: UInt64,
    tree: Tree,
    leaf: (UInt64) throws -> SHA256Hash
  ) throws {
    // The first leaf that is not below the digest.
    var range = 0..<size
    while !range.isEmpty {
      let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
      range = try leaf(middle) < digest ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    let place = range.lowerBound
    func neighbor(_ index: UInt64) throws -> Neighbor {
      Neighbor(
        index: index,
        digest: try leaf(index),
        path: try tree.inclusionProof(index: index, size: size).path
      )
    }
    above = place < size ? try neighbor(place) : nil
    if above?.digest == digest { return nil }
    below = place > 0 ? try neighbor(place - 1) : nil
  }

  /// Checks that `digest` is not among the leaves of the tree with `head`.
  ///
  /// - Throws: `ProofError` naming the rule that is broken.
  /// - Complexity: O(log size) node hashes.
  public func verify(
    digest: SHA256Hash,
    head: TreeHead<SHA256TreeHasher>
  ) throws(ProofError) {
    guard head.size <= treeSizeLimit else { throw .sizeTooLarge(head.size) }
    // Which neighbors there have to be follows from their places alone.
    let next: UInt64
    if let below {
      guard below.digest < digest else { throw .notBetween }
      let (after, overflow) = below.index.addingReportingOverflow(1)
      guard !overflow, after <= head.size else {
        throw .indexOutOfRange(index: below.index, size: head.size)
      }
      next = after
    } else {
      next = 0
    }
    if let above {
      guard digest < above.digest else { throw .notBetween }
      guard above.index == next else { throw .notAdjacent }
    } else {
      guard next == head.size else { throw .notAdjacent }
    }
    guard head.size > 0 else {
      guard head.root == SHA256TreeHasher.emptyRoot else { throw .rootMismatch }
      return
    }
    for neighbor in [below, above].compactMap(\.self) {
      try InclusionProof<SHA256TreeHasher>(path: neighbor.path).verify(
        leaf: SHA256TreeHasher.leaf(neighbor.digest.bytes),
        index: neighbor.index,
        head: head
      )
    }
  }
}
