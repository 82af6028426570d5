internal import Crypto

/// A key that signs.
///
/// Only its seed is kept, as PKCS #8 in PEM; it never reaches a log or an error.
public struct SigningKey: Sendable {
  /// The signature scheme.
  public let scheme: SignatureScheme
  private let seed: [UInt8]
  /// The key that verifies.
  public let publicKey: PublicKey

  /// The key of a seed of 32 bytes; `nil` for any other number.
  public init?(scheme: SignatureScheme, seed: [UInt8]) {
    guard seed.count == 32 else { return nil }
    self.scheme = scheme
    self.seed = seed
    switch scheme {
    case .ed25519:
      guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
        return nil
      }
      publicKey = PublicKey(scheme: scheme, bytes: Array(key.publicKey.rawRepresentation))
    case .mlDSA65:
      guard let key = try? MLDSA65.PrivateKey(seedRepresentation: seed, publicKey: nil) else {
        return nil
      }
      publicKey = PublicKey(scheme: scheme, bytes: Array(key.publicKey.rawRepresentation))
    }
  }

  /// Reads a PEM file; `nil` unless it is one private key of a scheme of ours.
  public init?(pem: String) {
    guard let der = PEM.decode(pem, label: "PRIVATE KEY") else { return nil }
    for scheme in SignatureScheme.allCases where der.starts(with: scheme.privatePrefix) {
      self.init(scheme: scheme, seed: Array(der.dropFirst(scheme.privatePrefix.count)))
      return
    }
    return nil
  }

  /// PKCS #8 in PEM: the secret itself.
  public var secretPEM: String { PEM.encode(scheme.privatePrefix + seed, label: "PRIVATE KEY") }

  /// The signature over a message; ML-DSA's is randomized.
  public func sign(_ message: [UInt8]) throws -> [UInt8] {
    switch scheme {
    case .ed25519:
      Array(try Curve25519.Signing.PrivateKey(rawRepresentation: seed).signature(for: message))
    case .mlDSA65:
      Array(
        try MLDSA65.PrivateKey(seedRepresentation: seed, publicKey: nil).signature(for: message)
      )
    }
  }
}
