/// A node of the RFC 9162 tree of some size, named by the leaves below it.
public struct Subtree: Hashable, Sendable {
  /// The first leaf.
  public let start: UInt64
  /// The number of leaves, at least one.
  public let count: UInt64

  /// A node by its leaves; whether a tree has it is asked where its size is known.
  public init(start: UInt64, count: UInt64) { (self.start, self.count) = (start, count) }

  /// The leaf behind the last.
  public var end: UInt64 { start &+ count }

  /// The fewest nodes of the tree of `size` leaves that hold exactly the leaves of a range, from left to right.
  ///
  /// - Precondition: the range lies in the tree.
  /// - Complexity: O(log size); at most two nodes a level.
  public static func cover(_ range: Range<UInt64>, size: UInt64) -> [Subtree] {
    precondition(range.upperBound <= size, "a range of the tree's leaves")
    var found: [Subtree] = []
    func visit(_ node: Range<UInt64>) {
      if range.lowerBound <= node.lowerBound, node.upperBound <= range.upperBound {
        found.append(Subtree(start: node.lowerBound, count: node.upperBound - node.lowerBound))
      } else if node.overlaps(range) {
        let middle = Self.split(node)
        visit(node.lowerBound..<middle)
        visit(middle..<node.upperBound)
      }
    }
    if !range.isEmpty { visit(0..<size) }
    return found
  }

  /// The way from the root of a tree of `size` leaves down to the node, from the root: for each step the range
  /// of the sibling and whether it is the left one; `nil` if the tree has no such node.
  ///
  /// - Complexity: O(log size).
  func way(size: UInt64) -> [(sibling: Range<UInt64>, isLeft: Bool)]? {
    guard count > 0, size <= treeSizeLimit, start < size, count <= size - start else { return nil }
    var steps: [(sibling: Range<UInt64>, isLeft: Bool)] = []
    var node: Range<UInt64> = 0..<size
    while node != start..<end {
      guard node.upperBound - node.lowerBound > 1 else { return nil }
      let middle = Self.split(node)
      if end <= middle {
        steps.append((middle..<node.upperBound, false))
        node = node.lowerBound..<middle
      } else if start >= middle {
        steps.append((node.lowerBound..<middle, true))
        node = middle..<node.upperBound
      } else {
        return nil
      }
    }
    return steps
  }

  /// Where a node of more than one leaf is split: at the largest power of two below its count.
  private static func split(_ node: Range<UInt64>) -> UInt64 {
    let count = node.upperBound - node.lowerBound
    return node.lowerBound + 1 << UInt64(UInt64.bitWidth - 1 - (count - 1).leadingZeroBitCount)
  }
}

/// That a node stands at a place of a tree: an inclusion proof of more than one leaf at once.
public struct SubtreeProof<Hasher: TreeHasher>: Sendable {
  /// The siblings from the node up to the root.
  public let path: [Hasher.Digest]

  /// A proof as it was received; nothing is checked here.
  public init(path: [Hasher.Digest]) { self.path = path }

  /// Checks that `digest` is the digest of a node of the tree with `head`.
  ///
  /// - Throws: `ProofError` naming the rule that is broken.
  /// - Complexity: O(log size) node hashes; the path's length is checked before any.
  public func verify(
    digest: Hasher.Digest,
    at node: Subtree,
    head: TreeHead<Hasher>
  ) throws(ProofError) {
    guard head.size <= treeSizeLimit else { throw .sizeTooLarge(head.size) }
    guard let way = node.way(size: head.size) else {
      throw .noSubtree(start: node.start, count: node.count)
    }
    guard path.count == way.count else {
      throw .pathLength(expected: way.count, actual: path.count)
    }
    var root = digest
    for (sibling, step) in zip(path, way.reversed()) {
      root = step.isLeft ? Hasher.node(sibling, root) : Hasher.node(root, sibling)
    }
    guard root == head.root else { throw .rootMismatch }
  }
}

extension TreeNodes {
  /// The digest of a node and the proof that it stands in the tree of the first `size` leaves.
  ///
  /// - Precondition: the tree has the node.
  public func subtreeProof(
    _ node: Subtree,
    size: UInt64
  ) throws -> (digest: Hasher.Digest, proof: SubtreeProof<Hasher>) {
    guard let way = node.way(size: size) else { preconditionFailure("a node of the tree") }
    var path: [Hasher.Digest] = []
    for step in way.reversed() { path.append(try root(step.sibling)) }
    return (try root(node.start..<node.end), SubtreeProof(path: path))
  }
}
