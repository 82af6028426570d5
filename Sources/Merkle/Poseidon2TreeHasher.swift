internal import Algebra

/// The tree that circuits open: node (P16(left | right) + (left | right))[0…7], empty sponge(EMPT, (0)).
public enum Poseidon2TreeHasher: TreeHasher {
  /// "EMPT", the tag of the empty tree.
  static let emptyTag: UInt32 = 0x454D_5054

  /// The root of the tree without leaves.
  public static let emptyRoot = Poseidon2Digest(
    words: Poseidon2.sponge(tag: emptyTag, message: [.zero])
  )

  /// The digest of a node.
  public static func node(_ left: Poseidon2Digest, _ right: Poseidon2Digest) -> Poseidon2Digest {
    Poseidon2Digest(words: Poseidon2.compress(left.words, right.words))
  }

  /// Appends the 32 bytes of a digest.
  public static func append(_ digest: Poseidon2Digest, to bytes: inout [UInt8]) {
    digest.append(to: &bytes)
  }
  /// Reads 32 bytes.
  public static func digest(_ bytes: ArraySlice<UInt8>) -> Poseidon2Digest? {
    Poseidon2Digest(bytes)
  }
}
