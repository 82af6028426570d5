internal import CanonicalCoding
internal import Crypto
internal import Merkle

/// The two signature schemes; both sign the pre-authentication encoding of DSSE.
public enum SignatureScheme: String, Sendable, CaseIterable {
  /// RFC 8032.
  case ed25519
  /// FIPS 204, pure, empty context.
  case mlDSA65 = "ml-dsa-65"

  /// The DER SubjectPublicKeyInfo up to the key's own bytes (RFC 8410; RFC 9881).
  var publicPrefix: [UInt8] {
    switch self {
    case .ed25519: [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
    case .mlDSA65:
      [
        0x30, 0x82, 0x07, 0xB2, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
        0x03, 0x12, 0x03,
        0x82, 0x07, 0xA1, 0x00,
      ]
    }
  }

  /// The PKCS #8 form up to the seed of 32 bytes.
  var privatePrefix: [UInt8] {
    switch self {
    case .ed25519:
      [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
      ]
    case .mlDSA65:
      [
        0x30, 0x34, 0x02, 0x01, 0x00, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
        0x04, 0x03, 0x12,
        0x04, 0x22, 0x80, 0x20,
      ]
    }
  }

  var publicByteCount: Int { self == .ed25519 ? 32 : 1952 }
}

/// A key that verifies, in the form in which people pass it on: PEM of SubjectPublicKeyInfo.
public struct PublicKey: Hashable, Sendable {
  /// The signature scheme.
  public let scheme: SignatureScheme
  /// The key's own bytes.
  public let bytes: [UInt8]

  init(scheme: SignatureScheme, bytes: [UInt8]) {
    self.scheme = scheme
    self.bytes = bytes
  }

  /// Reads a PEM file; `nil` unless it is one public key of a scheme of ours.
  public init?(pem: String) {
    guard let der = PEM.decode(pem, label: "PUBLIC KEY") else { return nil }
    for scheme in SignatureScheme.allCases where der.starts(with: scheme.publicPrefix) {
      let key = Array(der.dropFirst(scheme.publicPrefix.count))
      guard key.count == scheme.publicByteCount else { return nil }
      self.init(scheme: scheme, bytes: key)
      return
    }
    return nil
  }

  /// The DER SubjectPublicKeyInfo.
  public var der: [UInt8] { scheme.publicPrefix + bytes }
  /// PEM of the DER form.
  public var pem: String { PEM.encode(der, label: "PUBLIC KEY") }
  /// SHA-256 of the DER form: a hint in envelopes, and the name by which people compare keys.
  public var identifier: String { SHA256Hash.of(der).hex }

  /// Whether `signature` is this key's over `message`.
  public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
    switch scheme {
    case .ed25519:
      guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else {
        return false
      }
      return key.isValidSignature(signature, for: message)
    case .mlDSA65:
      guard let key = try? MLDSA65.PublicKey(rawRepresentation: bytes) else { return false }
      return key.isValidSignature(signature, for: message)
    }
  }
}

/// PEM after RFC 7468, with one block.
enum PEM {
  static func encode(_ der: [UInt8], label: String) -> String {
    var text = "-----BEGIN \(label)-----\n"
    var body = Substring(Base64.encode(der))
    while !body.isEmpty {
      text += body.prefix(64) + "\n"
      body = body.dropFirst(64)
    }
    return text + "-----END \(label)-----\n"
  }

  static func decode(_ text: String, label: String) -> [UInt8]? {
    let lines = text.split(whereSeparator: \.isNewline)
    guard lines.count >= 3, lines.first == "-----BEGIN \(label)-----",
      lines.last == "-----END \(label)-----"
    else {
      return nil
    }
    return Base64.decode(lines.dropFirst().dropLast().joined())
  }
}
