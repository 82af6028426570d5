internal import Files
public import Manifests
public import Merkle

/// Adds reviews beside a manifest, and signatures to the last one.
public struct ReviewWriter: Sendable {
  private let manifestPath: String
  private let manifest: SourceManifest
  /// What lies there.
  public let folder: ReviewFolder?

  /// The reviews of a manifest's source.
  ///
  /// - Throws: `IngestError` 78 for a bad manifest, list of signers or review.
  public init(manifestPath: String, plugins: [String]) throws(IngestError) {
    self.manifestPath = manifestPath
    do {
      manifest = try SourcePlan.readManifest(manifestPath, plugins: plugins)
    } catch {
      throw IngestError(error)
    }
    folder = try ReviewFolder.load(manifest.id, manifestPath: manifestPath)
  }

  /// The source.
  public var source: SourceManifest { manifest }

  /// Writes the next review, signed.
  ///
  /// - Parameters:
  ///   - key: the reviewer's own key; it has to be in the list of signers.
  ///   - policy: a waiver has to name a rule of it that says review.
  ///   - make: gives the review for a sequence, the digest of the one before, and the digest of the manifest.
  /// - Returns: the file, and whether everybody who is asked for has signed.
  /// - Throws: `IngestError` 78.
  public func add(
    key: SigningKey,
    policy: PolicyFile?,
    make: (UInt64, SHA256Hash?, SHA256Hash) throws(ReviewError) -> Review
  ) throws(IngestError) -> (path: String, isComplete: Bool) {
    let history = folder?.history ?? .empty
    if let pending = folder?.pending {
      throw IngestError(
        .badManifest,
        "review-chain: review \(pending.review.sequence) still lacks signatures; add them first: ingest review sign \(manifestPath) --key FILE"
      )
    }
    let list = try ReviewFolder.signers(beside: manifestPath)
    do throws(ReviewError) {
      let review = try make(
        UInt64(history.reviews.count) + 1,
        history.reviews.last?.digest,
        manifest.digest
      )
      _ = try history.adding(review)
      try check(review, policy)
      return try write(ReviewFile(review), key, list)
    } catch {
      throw IngestError(.badManifest, "\(error)")
    }
  }

  /// Adds a signature to the last review, where some are missing.
  ///
  /// - Throws: `IngestError` 78.
  public func sign(key: SigningKey) throws(IngestError) -> (path: String, isComplete: Bool) {
    guard let pending = folder?.pending else {
      throw IngestError(
        .badManifest,
        "no review of source '\(manifest.id)' lacks a signature; ingest review show \(manifestPath)"
      )
    }
    let list = try ReviewFolder.signers(beside: manifestPath)
    do throws(ReviewError) { return try write(pending, key, list) } catch {
      throw IngestError(.badManifest, "\(error)")
    }
  }

  /// A waiver lifts the review of exactly one rule that is there, and only of entries that are there.
  private func check(_ review: Review, _ policy: PolicyFile?) throws(ReviewError) {
    let entries = LicenseEntries(manifest).entries.map(\.expression)
    for license in review.scope.licenses where !entries.contains(license) {
      throw .member(
        "scope.licenses",
        "source '\(manifest.id)' has no license entry \(license); it has \(entries.joined(separator: ", "))"
      )
    }
    guard let name = review.rule, let policy else { return }
    guard let rule = policy.policy.rules.first(where: { $0.id == name }) else {
      throw .member(
        "rule",
        "policy \(policy.policy.id) has no rule '\(name)'; built-in rules cannot be waived"
      )
    }
    guard rule.then == .review else {
      throw .member(
        "rule",
        rule.then == .deny
          ? "policy.waiver-on-deny: rule \(name) denies, and a deny cannot be waived"
          : "rule \(name) allows: there is nothing to lift"
      )
    }
  }

  private func write(
    _ unsigned: ReviewFile,
    _ key: SigningKey,
    _ list: SignerList
  ) throws(ReviewError) -> (path: String, isComplete: Bool) {
    var file = unsigned
    let identifier = key.publicKey.identifier
    guard !file.envelope.signatures.contains(where: { $0.keyIdentifier == identifier }) else {
      throw .signature(.doubled(key: identifier))
    }
    let folder = ReviewFolder.path(of: manifest.id, manifestPath: manifestPath)
    let path = FilePaths.join(folder, ReviewFile.name(sequence: file.review.sequence))
    do {
      try file.sign(with: key)
    } catch {
      throw .member("signature", "the key cannot sign")
    }
    // Asked of the list before anything is written: nobody leaves a file that the next run refuses.
    let isComplete = try file.signers(list) != nil
    do throws(FileError) {
      try DurableFile.makeFolder(folder)
      try DurableFile.write(file.bytes, to: path)
    } catch {
      throw .member("file", "\(error)")
    }
    return (path, isComplete)
  }
}
