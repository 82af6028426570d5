/// A tree in memory with every perfect subtree: for proofs about trees that no store holds.
public struct LevelTree<Hasher: TreeHasher>: TreeNodes, Sendable {
  /// Level by level, leaves first; each has half as many nodes as the one below, rounded down.
  private let levels: [[Hasher.Digest]]

  /// The tree of some leaves.
  ///
  /// - Complexity: O(leaves) node hashes, twice as many digests in memory.
  public init(leaves: [Hasher.Digest], hashing: NodeHashing<Hasher> = .reference) {
    var levels = [leaves]
    while let last = levels.last, last.count > 1 {
      levels.append(hashing.nodes(Array(last.prefix(last.count / 2 * 2))))
    }
    self.levels = levels
  }

  /// A perfect subtree's root.
  ///
  /// - Precondition: the tree has it.
  public func node(level: Int, index: UInt64) throws -> Hasher.Digest { levels[level][Int(index)] }

  /// Size and root.
  public var head: TreeHead<Hasher> {
    get throws { try head(size: UInt64(levels[0].count)) }
  }
}
