/// The right edge of a growing tree: the roots of its perfect subtrees, largest first.
///
/// The shape is RFC 9162's: left-balanced, split at the largest power of two below n. The edge of n
/// leaves has one root for each bit that is set in n, at most 40. That is the whole state of an
/// append-only tree.
public struct CompactRange<Hasher: TreeHasher>: Sendable {
  /// The number of leaves.
  public private(set) var size: UInt64
  /// The roots of the perfect subtrees from left to right.
  public private(set) var edge: [Hasher.Digest]

  /// The tree without leaves.
  public init() {
    size = 0
    edge = []
  }

  /// A range from its stored edge; `nil` if the number of roots is not that of the size's set bits.
  public init?(size: UInt64, edge: [Hasher.Digest]) {
    guard size <= treeSizeLimit, edge.count == size.nonzeroBitCount else { return nil }
    self.size = size
    self.edge = edge
  }

  /// Appends one leaf hash and reports each inner node that became complete.
  ///
  /// `completed` gets the level (1 is the parent of leaves), the index in that level and the digest of
  /// every perfect subtree that this leaf closed.
  ///
  /// - Complexity: amortised O(1) node hashes.
  public mutating func append(
    _ leaf: Hasher.Digest,
    completed: (_ level: Int, _ index: UInt64, _ digest: Hasher.Digest) -> Void = { _, _, _ in }
  ) {
    precondition(size < treeSizeLimit, "a tree has at most 2^40 leaves")
    var digest = leaf
    var level = 0
    var index = size
    while index & 1 == 1, let left = edge.popLast() {
      digest = Hasher.node(left, digest)
      level += 1
      index >>= 1
      completed(level, index, digest)
    }
    edge.append(digest)
    size += 1
  }

  /// Appends leaf hashes, level by level, so that the nodes of a level are hashed together.
  ///
  /// The same edge and the same nodes as from one `append` after the other.
  ///
  /// - Parameters:
  ///   - leaves: the leaf hashes in order.
  ///   - hashing: hashes the nodes of one level.
  ///   - completed: gets the level, the index of the first, and the digests of all perfect subtrees of
  ///     that level which the leaves closed; once a level, from 1 up.
  /// - Complexity: O(k + log n) node hashes for k leaves.
  public mutating func append(
    contentsOf leaves: [Hasher.Digest],
    hashing: NodeHashing<Hasher> = .reference,
    completed: (_ level: Int, _ firstIndex: UInt64, _ digests: [Hasher.Digest]) -> Void = {
      _,
      _,
      _ in
    }
  ) {
    precondition(
      UInt64(leaves.count) <= treeSizeLimit - size,
      "a tree has at most 2^40 leaves"
    )
    guard !leaves.isEmpty else { return }
    var smaller: [Hasher.Digest] = []
    var nodes = leaves
    var level = 0
    // The edge of the levels above, and the number of subtrees of this level before the new ones.
    var before = size
    while !nodes.isEmpty {
      if before & 1 == 1, let left = edge.popLast() { nodes.insert(left, at: 0) }
      if nodes.count & 1 == 1, let last = nodes.popLast() { smaller.append(last) }
      let first = before >> 1
      nodes = nodes.isEmpty ? [] : hashing.nodes(nodes)
      level += 1
      before = first
      if !nodes.isEmpty { completed(level, first, nodes) }
    }
    edge.append(contentsOf: smaller.reversed())
    size += UInt64(leaves.count)
  }

  /// The root over all leaves: the edge joined from the right.
  public var root: Hasher.Digest {
    guard var root = edge.last else { return Hasher.emptyRoot }
    for left in edge.dropLast().reversed() { root = Hasher.node(left, root) }
    return root
  }

  /// Size and root together.
  public var head: TreeHead<Hasher> { TreeHead(size: size, root: root) }

  /// The root over a list of leaf hashes.
  public static func root(of leaves: some Sequence<Hasher.Digest>) -> Hasher.Digest {
    var range = CompactRange()
    range.append(contentsOf: Array(leaves))
    return range.root
  }
}
