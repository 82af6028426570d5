public import CanonicalCoding
internal import Merkle

/// A DSSE envelope: a payload and signatures over its pre-authentication encoding.
///
/// Unverified: what is inside is worth nothing until `verify` returns.
public struct DSSEEnvelope: Hashable, Sendable {
  /// One signature; the key id is a hint only.
  public struct Signature: Hashable, Sendable {
    /// SHA-256 of the key, hexadecimal: a hint.
    public let keyIdentifier: String
    /// The bytes themselves.
    public let bytes: [UInt8]
  }

  /// The payload type of in-toto statements.
  public static let statementType = "application/vnd.in-toto+json"
  /// The largest payload that is read.
  public static let payloadLimit = 1 << 20
  /// The most signatures that are read.
  public static let signatureLimit = 64

  /// The media type of the payload.
  public let payloadType: String
  /// The bytes that are signed.
  public let payload: [UInt8]
  /// The signatures, in order of their key ids.
  public private(set) var signatures: [Signature]

  /// A payload without signatures.
  public init(payload: [UInt8], payloadType: String = DSSEEnvelope.statementType) {
    self.payload = payload
    self.payloadType = payloadType
    signatures = []
  }

  /// "DSSEv1" SP len SP type SP len SP payload: the bytes that are signed.
  public var preAuthenticationEncoding: [UInt8] {
    Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
  }

  /// Adds a signature; an earlier one of the same key is replaced.
  public mutating func sign(with key: SigningKey) throws {
    let signature = Signature(
      keyIdentifier: key.publicKey.identifier,
      bytes: try key.sign(preAuthenticationEncoding)
    )
    signatures.removeAll { $0.keyIdentifier == signature.keyIdentifier }
    signatures.append(signature)
    signatures.sort { $0.keyIdentifier < $1.keyIdentifier }
  }

  /// The envelope as JSON.
  public var json: JSONValue {
    [
      "payload": .string(Base64.encode(payload)), "payloadType": .string(payloadType),
      "signatures": .array(
        signatures.map {
          ["keyid": .string($0.keyIdentifier), "sig": .string(Base64.encode($0.bytes))]
        }
      ),
    ]
  }

  /// Reads an envelope.
  ///
  /// - Throws: `SignatureError.envelope`.
  public init(_ json: JSONValue) throws(SignatureError) {
    guard let object = json.object, let type = object["payloadType"]?.text,
      let text = object["payload"]?.text, let list = object["signatures"]?.elements
    else { throw .envelope("payload, payloadType or signatures is missing") }
    guard object.members.count == 3 else { throw .envelope("a member that is not known") }
    guard let payload = Base64.decode(text), payload.count <= Self.payloadLimit else {
      throw .envelope("the payload is no base64, or too large")
    }
    guard list.count <= Self.signatureLimit else { throw .envelope("too many signatures") }
    self.payload = payload
    payloadType = type
    signatures = []
    for entry in list {
      guard let signature = entry.object, let key = signature["keyid"]?.text,
        let bytes = signature["sig"]?.text.flatMap(Base64.decode)
      else { throw .envelope("a signature without keyid or sig") }
      signatures.append(Signature(keyIdentifier: key, bytes: bytes))
    }
  }

  /// Checks that enough distinct trusted keys signed, and gives the payload.
  ///
  /// A known key whose signature does not fit refuses the envelope, whatever the others say.
  ///
  /// - Throws: `SignatureError`.
  public func verify(by trust: SignerTrust) throws(SignatureError) -> [UInt8] {
    guard !trust.keys.isEmpty else { throw .noKeys }
    var identifiers: Set<String> = []
    for signature in signatures where !identifiers.insert(signature.keyIdentifier).inserted {
      throw .doubled(key: signature.keyIdentifier)
    }
    let message = preAuthenticationEncoding
    var signers: Set<PublicKey> = []
    for key in trust.keys {
      for signature in signatures where signature.keyIdentifier == key.identifier {
        guard key.isValid(signature.bytes, for: message) else {
          throw .badSignature(key: key.identifier)
        }
        signers.insert(key)
      }
    }
    guard signers.count >= trust.threshold else {
      throw .threshold(found: signers.count, needed: trust.threshold)
    }
    if trust.needsPostQuantum, !signers.contains(where: { $0.scheme == .mlDSA65 }) {
      throw .postQuantumMissing
    }
    return payload
  }
}

/// Which keys are trusted, and how many of them must have signed.
public struct SignerTrust: Sendable {
  /// The trusted keys.
  public let keys: [PublicKey]
  /// So many distinct keys must have signed.
  public let threshold: Int
  /// Whether an ML-DSA-65 key must have signed.
  public let needsPostQuantum: Bool
  /// Roles of which every one that signs epochs must have signed; `nil` where nobody brought a list.
  public let list: SignerList?

  /// - Precondition: the threshold is at least 1; nobody's signature is not a signature.
  public init(
    keys: [PublicKey],
    threshold: Int = 1,
    needsPostQuantum: Bool = false,
    list: SignerList? = nil
  ) {
    precondition(threshold >= 1, "a threshold of 0 trusts everybody")
    self.keys = keys
    self.threshold = threshold
    self.needsPostQuantum = needsPostQuantum
    self.list = list
  }
}
