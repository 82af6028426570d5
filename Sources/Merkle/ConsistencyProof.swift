/// RFC 9162 section 2.1.4: that a tree begins with all leaves of an older one, in the same order.
public struct ConsistencyProof<Hasher: TreeHasher>: Sendable {
  /// The digests from which both roots follow.
  public let path: [Hasher.Digest]

  /// A proof as it was received; nothing is checked here.
  public init(path: [Hasher.Digest]) { self.path = path }

  /// Checks that the tree with `new` extends the tree with `old`.
  ///
  /// Every tree extends the empty one, and itself; then the path is empty.
  ///
  /// - Throws: `ProofError` naming the rule that is broken.
  public func verify(old: TreeHead<Hasher>, new: TreeHead<Hasher>) throws(ProofError) {
    guard new.size <= treeSizeLimit else { throw .sizeTooLarge(new.size) }
    guard old.size <= new.size else { throw .sizesReversed(old: old.size, new: new.size) }
    if old.size == 0 || old.size == new.size {
      guard path.isEmpty else { throw .pathLength(expected: 0, actual: path.count) }
      if old.size == 0 {
        guard old.root == Hasher.emptyRoot else { throw .oldRootMismatch }
      } else {
        guard old.root == new.root else { throw .rootMismatch }
      }
      return
    }
    let expected = Self.pathLength(old: old.size, new: new.size)
    guard path.count == expected else {
      throw .pathLength(expected: expected, actual: path.count)
    }
    // Section 2.1.4.2: a size that is a power of two has its own root as the first digest.
    var fn = old.size - 1
    var sn = new.size - 1
    while fn & 1 == 1 {
      fn >>= 1
      sn >>= 1
    }
    var rest = path[...]
    var oldDigest = old.root
    if !old.size.isPowerOfTwo, let first = rest.popFirst() { oldDigest = first }
    var newDigest = oldDigest
    for sibling in rest {
      if fn & 1 == 1 || fn == sn {
        oldDigest = Hasher.node(sibling, oldDigest)
        newDigest = Hasher.node(sibling, newDigest)
        while fn & 1 == 0, fn != 0 {
          fn >>= 1
          sn >>= 1
        }
      } else {
        newDigest = Hasher.node(newDigest, sibling)
      }
      fn >>= 1
      sn >>= 1
    }
    guard oldDigest == old.root else { throw .oldRootMismatch }
    guard newDigest == new.root else { throw .rootMismatch }
  }

  /// The one length that a path for 0 < old < new has.
  static func pathLength(old: UInt64, new: UInt64) -> Int {
    let shift = UInt64((old).trailingZeroBitCount)
    let start = old.isPowerOfTwo ? 0 : 1
    return start
      + InclusionProof<Hasher>.pathLength(index: (old - 1) >> shift, size: ((new - 1) >> shift) + 1)
  }
}

extension UInt64 {
  /// Whether exactly one bit is set.
  var isPowerOfTwo: Bool { nonzeroBitCount == 1 }
}
