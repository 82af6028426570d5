internal import Crypto

/// RFC 9162 section 2.1.1: leaf H(0x00 | bytes), node H(0x01 | left | right), empty H().
public enum SHA256TreeHasher: TreeHasher {
  /// The root of the tree without leaves.
  public static let emptyRoot = SHA256Hash.of([])

  /// The digest of a node.
  public static func node(_ left: SHA256Hash, _ right: SHA256Hash) -> SHA256Hash {
    var message: [UInt8] = []
    message.reserveCapacity(65)
    message.append(0x01)
    left.append(to: &message)
    right.append(to: &message)
    return .of(message)
  }

  /// The hash of a leaf's bytes.
  public static func leaf(_ bytes: [UInt8]) -> SHA256Hash { leaf(bytes[...]) }

  /// The hash of a leaf's bytes, out of a longer run.
  public static func leaf(_ bytes: ArraySlice<UInt8>) -> SHA256Hash {
    var message: [UInt8] = []
    message.reserveCapacity(bytes.count + 1)
    message.append(0x00)
    message.append(contentsOf: bytes)
    return .of(message)
  }

  /// Appends the 32 bytes of a digest.
  public static func append(_ digest: SHA256Hash, to bytes: inout [UInt8]) {
    digest.append(to: &bytes)
  }
  /// Reads 32 bytes.
  public static func digest(_ bytes: ArraySlice<UInt8>) -> SHA256Hash? { SHA256Hash(bytes) }
}
