internal import Algebra
public import Merkle
internal import ProofSystem

/// A list of subtrees that a link statement opens, one behind the other.
public struct TreeSegment: Hashable, Sendable {
  /// One subtree with the way to its tree's root.
  public struct Part: Hashable, Sendable {
    /// The index of the tree: of the source; 0 for the only tree.
    public var source: Int
    /// The leaves.
    public var node: Subtree
    /// The digest of the node.
    public var digest: Poseidon2Digest
    /// The siblings from the node to the root.
    public var path: [Poseidon2Digest]

    /// A part as it was received; nothing is checked here.
    public init(source: Int, node: Subtree, digest: Poseidon2Digest, path: [Poseidon2Digest]) {
      (self.source, self.node, self.digest, self.path) = (source, node, digest, path)
    }
  }

  /// More parts than any segment of the registry's order has: two nodes a level and source.
  static let partLimit = 1 << 16

  /// The parts in order.
  public var parts: [Part]

  /// A segment as it was received; nothing is checked here.
  public init(_ parts: [Part]) { self.parts = parts }

  /// The places of a range of the trees' concatenated leaves: its fewest subtrees, from left to right.
  public static func cover(
    _ range: Range<UInt64>,
    sizes: [UInt64]
  ) -> [(source: Int, node: Subtree)] {
    var found: [(source: Int, node: Subtree)] = []
    var first: UInt64 = 0
    for (source, size) in sizes.enumerated() {
      let own = range.clamped(to: first..<first + size)
      if !own.isEmpty {
        let nodes = Subtree.cover(own.lowerBound - first..<own.upperBound - first, size: size)
        found += nodes.map { (source, $0) }
      }
      first += size
    }
    return found
  }

  /// N, the number of leaves; `nil` when there are more than a table has rows.
  var leafCount: Int? {
    var sum: UInt64 = 0
    for part in parts {
      let (next, overflow) = sum.addingReportingOverflow(part.node.count)
      guard !overflow, next <= 1 << 24 else { return nil }
      sum = next
    }
    return Int(sum)
  }

  /// For each part the leaves of the parts before it.
  public var offsets: [Int] {
    var sum = 0
    return parts.map { part in
      defer { sum += Int(truncatingIfNeeded: part.node.count) }
      return sum
    }
  }

  /// Checks that every part is a node of its tree and its path leads to the root, that parts ascend without
  /// overlap, and that they hold at least one leaf and at most as many as a table has rows.
  ///
  /// - Returns: N.
  /// - Throws: `VerificationError.publicInputInvalid`.
  func check(_ heads: [TreeHead<Poseidon2TreeHasher>]) throws(VerificationError) -> Int {
    guard !parts.isEmpty, parts.count <= Self.partLimit, let count = leafCount else {
      throw .publicInputInvalid
    }
    var last: (source: Int, end: UInt64) = (-1, 0)
    for part in parts {
      guard heads.indices.contains(part.source) else { throw .publicInputInvalid }
      do {
        try SubtreeProof<Poseidon2TreeHasher>(path: part.path).verify(
          digest: part.digest,
          at: part.node,
          head: heads[part.source]
        )
      } catch {
        throw .publicInputInvalid
      }
      guard (last.source, last.end) <= (part.source, part.node.start) else {
        throw .publicInputInvalid
      }
      last = (part.source, part.node.end)
    }
    return count
  }

  /// Item 3 of the public inputs of S1.
  var publicInputs: [UInt8] {
    func number(_ value: Int) -> [UInt8] { ProofCoding.bytes(UInt32(truncatingIfNeeded: value)) }
    var bytes = number(parts.count)
    for part in parts {
      bytes += number(part.source) + ProofCoding.bytes(part.node.start)
      bytes += ProofCoding.bytes(part.node.count) + part.digest.statementBytes
      bytes += number(part.path.count)
      for digest in part.path { bytes += digest.statementBytes }
    }
    return bytes
  }
}
