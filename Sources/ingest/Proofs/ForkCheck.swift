internal import Manifests
internal import Merkle

/// An epoch that a signed file speaks of.
struct SignedEpoch {
  let number: UInt64
  let digest: SHA256Hash
  /// The identifiers of the keys that signed the file.
  let signers: Set<String>

  /// The epoch of a manifest, and the one before it, which it names.
  static func of(_ manifest: VerifiedManifest, _ envelope: DSSEEnvelope) -> [SignedEpoch] {
    let signers = Set(envelope.signatures.map(\.keyIdentifier))
    let own = SignedEpoch(
      number: manifest.manifest.epoch,
      digest: manifest.digest,
      signers: signers
    )
    guard let previous = manifest.manifest.previous else { return [own] }
    return [
      own, SignedEpoch(number: previous.epoch, digest: previous.sha256, signers: signers),
    ]
  }
}

/// Compares the epochs of all files of one call: two different ones of one number under one key are a fork, as when a
/// copied or restored store goes on beside the first.
struct ForkCheck {
  private var seen: [(epoch: SignedEpoch, file: String)] = []

  /// Takes the epochs of a file that holds by itself.
  ///
  /// - Returns: what contradicts it, if anything does.
  mutating func contradiction(of epochs: [SignedEpoch], in file: String) -> String? {
    for epoch in epochs {
      for other in seen
      where other.epoch.number == epoch.number && other.epoch.digest != epoch.digest
        && !other.epoch.signers.isDisjoint(with: epoch.signers)
      {
        return
          "epoch \(epoch.number) is sha256 \(epoch.digest.hex) here and \(other.epoch.digest.hex) in \(other.file), under one key: a fork; keep both files, they are the evidence, and ask whoever holds the key"
      }
    }
    seen += epochs.map { ($0, file) }
    return nil
  }
}
