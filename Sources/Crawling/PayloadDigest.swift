internal import CanonicalCoding
internal import Crypto

/// SHA-256 as reports and evidence write it.
enum PayloadDigest {
  static func hex(_ bytes: [UInt8]) -> String { Hex.encode(Array(SHA256.hash(data: bytes))) }
}
