internal import CanonicalCoding
internal import Crypto
public import Merkle

/// What stands for a record's content in the sorted tree of live records.
public enum AbsenceDigest {
  /// The algorithm as commitments name it.
  public static let algorithm = "SORTED-RFC9162-SHA256"

  /// The content digest itself; for a confidential source HMAC-SHA-256(key, "ingest/absence/v1" | digest), so that nobody
  /// can try digests without the key.
  public static func of(_ contentDigest: SHA256Hash, key: [UInt8]?) -> SHA256Hash {
    guard let key else { return contentDigest }
    let message = Array("ingest/absence/v1".utf8) + contentDigest.bytes
    let code = HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key))
    return SHA256Hash(Array(code)) ?? contentDigest
  }
}
