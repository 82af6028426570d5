/// What a tree needs of a hash: two digests to one, and the root of nothing.
///
/// Leaves are opaque here: what a leaf is, and how it is told from a node, belongs to the module
/// that lays out leaves. Laws: `node` is a collision-resistant function of the ordered pair, and its
/// domain is separate from that of the leaf hash (RFC 9162 section 2.1.1).
public protocol TreeHasher: Sendable {
  /// The digest of a leaf, a node or a root; 32 bytes.
  associatedtype Digest: Hashable & Sendable
  /// The root of the tree without leaves.
  static var emptyRoot: Digest { get }
  /// The digest of a node.
  static func node(_ left: Digest, _ right: Digest) -> Digest
  /// Appends the 32 bytes of a digest, as tiles store it.
  static func append(_ digest: Digest, to bytes: inout [UInt8])
  /// Reads 32 bytes; `nil` if they are no canonical digest.
  static func digest(_ bytes: ArraySlice<UInt8>) -> Digest?
}
