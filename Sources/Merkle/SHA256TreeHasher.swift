internal import Crypto

/// RFC 9162 section 2.1.1: leaf H(0x00 | bytes), node H(0x01 | left | right), empty H().
public enum SHA256TreeHasher: TreeHasher {
  /// The root of the tree without leaves.
  public static let emptyRoot = SHA256Hash.of([])

  /// The digest of a node.
  public static func node(_ left: SHA256Hash, _ right: SHA256Hash) -> SHA256Hash {
    var message: [UInt8] = [0x01]
    message.reserveCapacity(65)
    for index in 0..<32 { message.append(left.byte(index)) }
    for index in 0..<32 { message.append(right.byte(index)) }
    return .of(message)
  }

  /// The hash of a leaf's bytes.
  public static func leaf(_ bytes: [UInt8]) -> SHA256Hash {
    var message: [UInt8] = [0x00]
    message.reserveCapacity(bytes.count + 1)
    message.append(contentsOf: bytes)
    return .of(message)
  }

  /// The 32 bytes of a digest.
  public static func bytes(_ digest: SHA256Hash) -> [UInt8] { digest.bytes }
  /// Reads 32 bytes.
  public static func digest(_ bytes: ArraySlice<UInt8>) -> SHA256Hash? { SHA256Hash(bytes) }
}
