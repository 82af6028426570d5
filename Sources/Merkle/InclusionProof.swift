/// RFC 9162 section 2.1.3: that a leaf stands at an index of a tree.
///
/// The proof does not bring the tree's size: the verifier uses the size of the head it trusts.
public struct InclusionProof<Hasher: TreeHasher>: Sendable {
  /// The digests beside the way from the leaf to the root, from the leaf up.
  public let path: [Hasher.Digest]

  /// A proof as it was received; nothing is checked here.
  public init(path: [Hasher.Digest]) { self.path = path }

  /// Checks that `leaf` is the leaf hash at `index` of the tree with `head`.
  ///
  /// - Throws: `ProofError` naming the rule that is broken.
  /// - Complexity: O(log size) node hashes; the path's length is checked before any.
  public func verify(
    leaf: Hasher.Digest,
    index: UInt64,
    head: TreeHead<Hasher>
  ) throws(ProofError) {
    guard head.size <= treeSizeLimit else { throw .sizeTooLarge(head.size) }
    guard index < head.size else { throw .indexOutOfRange(index: index, size: head.size) }
    let expected = Self.pathLength(index: index, size: head.size)
    guard path.count == expected else {
      throw .pathLength(expected: expected, actual: path.count)
    }
    // fn and sn of section 2.1.3.2.
    var fn = index
    var sn = head.size - 1
    var digest = leaf
    for sibling in path {
      if fn & 1 == 1 || fn == sn {
        digest = Hasher.node(sibling, digest)
        while fn & 1 == 0, fn != 0 {
          fn >>= 1
          sn >>= 1
        }
      } else {
        digest = Hasher.node(digest, sibling)
      }
      fn >>= 1
      sn >>= 1
    }
    guard digest == head.root else { throw .rootMismatch }
  }

  /// The one length that a path for these numbers has.
  static func pathLength(index: UInt64, size: UInt64) -> Int {
    // Levels at which the way branches inside the tree, plus one for each perfect subtree to the left.
    let inner = UInt64.bitWidth - (index ^ (size - 1)).leadingZeroBitCount
    return inner + (index >> UInt64(inner)).nonzeroBitCount
  }
}
