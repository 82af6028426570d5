internal import CanonicalCoding
internal import Manifests

/// COSE_Sign1 (RFC 9052 section 4.2) over the commit file, tagged, with the payload inside.
///
/// Protected: algorithm EdDSA, content type, key id, and issuer and subject as CWT claims (RFC 9597). Nothing is unprotected.
enum COSESign1 {
  /// The content type of the payload.
  static let contentType = "application/vnd.ingest.commit+json"
  private static let edDSA: Int64 = -8

  /// Signs a commit file.
  ///
  /// - Throws: `ExportError` for a key that is no Ed25519 key.
  static func sign(
    _ payload: [UInt8],
    issuer: String,
    key: SigningKey
  ) throws(ExportError) -> [UInt8] {
    guard key.scheme == .ed25519, let kid = Hex.decode(key.publicKey.identifier) else {
      throw ExportError("key", "COSE_Sign1 is signed with an Ed25519 key; name one with --key")
    }
    let header = CBOR.map([
      (1, .integer(edDSA)), (3, .text(contentType)), (4, .bytes(kid)),
      (15, .map([(1, .text(issuer)), (2, .text("combined"))])),
    ]).encoded
    do {
      let signature = try key.sign(structure(header, payload))
      return CBOR.tagged(
        18,
        .array([.bytes(header), .map([]), .bytes(payload), .bytes(signature)])
      )
      .encoded
    } catch {
      throw ExportError("key", "the key cannot sign")
    }
  }

  /// What is signed.
  private static func structure(_ header: [UInt8], _ payload: [UInt8]) -> [UInt8] {
    CBOR.array([.text("Signature1"), .bytes(header), .bytes([]), .bytes(payload)]).encoded
  }

  /// Checks a file against the commit file and the keys that are trusted.
  ///
  /// - Returns: what is wrong; `nil` when nothing is.
  static func refusal(of bytes: [UInt8], payload: [UInt8], keys: [PublicKey]) -> String? {
    guard case .tagged(18, .array(let parts))? = CBOR.decode(bytes), parts.count == 4,
      case .bytes(let header) = parts[0], case .map(let unprotected) = parts[1],
      unprotected.isEmpty, case .bytes(let body) = parts[2], case .bytes(let signature) = parts[3],
      case .map(let members)? = CBOR.decode(header)
    else { return "is no COSE_Sign1 in deterministic encoding as we write it" }
    func member(_ key: Int64) -> CBOR? { members.first { $0.key == key }?.value }
    guard member(1) == .integer(edDSA), member(3) == .text(contentType), members.count == 4,
      case .bytes(let kid)? = member(4), case .map(let claims)? = member(15), claims.count == 2
    else { return "the protected header is not ours" }
    guard body == payload else { return "the payload is not the commit file" }
    guard let key = keys.first(where: { $0.identifier == Hex.encode(kid) }) else {
      return "no key with the identifier \(Hex.encode(kid).prefix(16)) was given"
    }
    return key.isValid(signature, for: structure(header, payload))
      ? nil : "the signature does not fit"
  }
}
