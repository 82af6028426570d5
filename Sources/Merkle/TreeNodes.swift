/// Gives the digests of a stored tree, from which proofs are made.
public protocol TreeNodes<Hasher> {
  /// The hash of the tree.
  associatedtype Hasher: TreeHasher
  /// The root of the perfect subtree of 2^level leaves that starts at leaf index · 2^level.
  func node(level: Int, index: UInt64) throws -> Hasher.Digest
}

extension TreeNodes {
  /// The root over the leaves `range`, which starts at a multiple of the power of two it needs.
  func root(_ range: Range<UInt64>) throws -> Hasher.Digest {
    let count = range.upperBound - range.lowerBound
    if count == 0 { return Hasher.emptyRoot }
    if count.isPowerOfTwo {
      let level = count.trailingZeroBitCount
      return try node(level: level, index: range.lowerBound >> UInt64(level))
    }
    let split = range.lowerBound + Self.split(count)
    return Hasher.node(
      try root(range.lowerBound..<split),
      try root(split..<range.upperBound)
    )
  }

  /// The largest power of two below `count`.
  private static func split(_ count: UInt64) -> UInt64 {
    1 << UInt64(UInt64.bitWidth - 1 - (count - 1).leadingZeroBitCount)
  }

  /// The head of the first `size` leaves.
  public func head(size: UInt64) throws -> TreeHead<Hasher> {
    TreeHead(size: size, root: try root(0..<size))
  }

  /// RFC 9162 section 2.1.3.1.
  ///
  /// - Precondition: `index < size`, and the stored tree has at least `size` leaves.
  public func inclusionProof(index: UInt64, size: UInt64) throws -> InclusionProof<Hasher> {
    precondition(index < size)
    var path: [Hasher.Digest] = []
    var range = 0..<size
    while range.upperBound - range.lowerBound > 1 {
      let split = range.lowerBound + Self.split(range.upperBound - range.lowerBound)
      if index < split {
        path.append(try root(split..<range.upperBound))
        range = range.lowerBound..<split
      } else {
        path.append(try root(range.lowerBound..<split))
        range = split..<range.upperBound
      }
    }
    return InclusionProof(path: path.reversed())
  }

  /// RFC 9162 section 2.1.4.1.
  ///
  /// - Precondition: `old <= new`, and the stored tree has at least `new` leaves.
  public func consistencyProof(old: UInt64, new: UInt64) throws -> ConsistencyProof<Hasher> {
    precondition(old <= new)
    guard old > 0, old < new else { return ConsistencyProof(path: []) }
    var path: [Hasher.Digest] = []
    var range = 0..<new
    var isWhole = true
    while range.upperBound != old {
      let split = range.lowerBound + Self.split(range.upperBound - range.lowerBound)
      if old <= split {
        path.append(try root(split..<range.upperBound))
        range = range.lowerBound..<split
      } else {
        path.append(try root(range.lowerBound..<split))
        range = split..<range.upperBound
        isWhole = false
      }
    }
    if !isWhole { path.append(try root(range)) }
    return ConsistencyProof(path: path.reversed())
  }
}

/// A tree held in memory: all leaf hashes.
///
/// For small trees, and for tests as the reference.
public struct MemoryTree<Hasher: TreeHasher>: TreeNodes, Sendable {
  /// The leaf hashes in order.
  public let leaves: [Hasher.Digest]

  /// A tree over `leaves`.
  public init(leaves: [Hasher.Digest]) { self.leaves = leaves }

  /// The digest of a node.
  public func node(level: Int, index: UInt64) throws -> Hasher.Digest {
    let start = Int(index) << level
    return CompactRange<Hasher>.root(of: leaves[start..<start + (1 << level)])
  }
}
