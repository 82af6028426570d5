internal import CanonicalCoding
internal import Files
public import Manifests
internal import Merkle
internal import SourceAPI

/// A completed source with its manifest, as the combined manifest needs it.
public struct SourceRecord: Sendable {
  /// What the store keeps of it.
  public internal(set) var state: SourceState
  /// The manifest; with its reviews where somebody has read them.
  public var manifest: SourceManifest
  /// What is committed about the source.
  public internal(set) var commitment: SourceCommitment

  /// The commitment that follows from state and manifest.
  init(_ state: SourceState, manifest: SourceManifest, profileName: String) {
    self.state = state
    self.manifest = manifest
    let entries = LicenseEntries(manifest).entries
    let licenses = entries.enumerated().map { index, entry in
      let tally =
        index < state.books.licenses.count ? state.books.licenses[index].counts : [0, 0, 0]
      return SourceCommitment.License(
        expression: entry.expression,
        records: tally.reduce(0, +),
        preferences: [.unknown: tally[0], .allowed: tally[1], .disallowed: tally[2]],
        until: entry.grant?.until
      )
    }
    var commitment = SourceCommitment(
      id: manifest.id,
      version: manifest.version,
      pluginName: state.plugin.name,
      pluginVersion: state.plugin.version,
      confidential: manifest.confidential,
      manifestDigest: .of(CanonicalJSON.encode(manifest.typedForm)),
      manifestFileDigest: .of(manifest.fileBytes),
      profileName: profileName,
      profileDigest: SHA256Hash(hex: state.profileDigest) ?? .of([]),
      counts: state.books.counts,
      licenses: licenses,
      ledger: CountedHead(count: state.ledger.size, sha256Root: state.ledger.root),
      size: state.sha256.size,
      tombstones: state.tombstoneCount,
      sha256Root: state.sha256.root,
      poseidon2Root: state.poseidon2.root
    )
    commitment.absenceRoot = state.absenceRoot
    commitment.pluginDigest = state.plugin.sha256.flatMap { SHA256Hash(hex: $0) }
    self.commitment = commitment
  }

  /// Keeps copies of the manifest and its license texts, so that the store stands on its own: with the source, and for
  /// good by digest, because later epochs have other manifests.
  static func keepManifest(_ plan: SourcePlan, in store: Store) throws(IngestError) {
    let manifest = plan.manifest
    do throws(FileError) {
      let folder = store.folder(of: manifest.id)
      try DurableFile.makeFolder(folder)
      try DurableFile.write(manifest.fileBytes, to: FilePaths.join(folder, "source.manifest"))
      let kept = store.path(ofManifest: SHA256Hash.of(manifest.fileBytes))
      guard !FilePaths.exists(kept) else { return }
      let texts = store.folder(ofTexts: manifest.digest)
      for document in manifest.documents where document.field.hasPrefix("license.texts.") {
        let text = try InputFile.contents(
          of: FilePaths.join(plan.folder, document.uri),
          limit: Self.textLimit
        )
        try DurableFile.makeFolder(texts)
        let name = String(document.field.dropFirst("license.texts.".count))
        try DurableFile.write(text, to: FilePaths.join(texts, "\(name).txt"))
      }
      try DurableFile.makeFolder(FilePaths.folder(of: kept))
      try DurableFile.write(
        DecisionInputs(manifest, plan.licenses).bytes,
        to: store.path(ofInputs: SHA256Hash.of(manifest.fileBytes))
      )
      try DurableFile.write(manifest.fileBytes, to: kept)
    } catch {
      throw IngestError(error)
    }
  }

  /// The longest license text that is kept.
  static let textLimit = 1 << 22

  /// Loads a source of the store; `nil` while it is not complete.
  ///
  /// - Parameters:
  ///   - id: the source.
  ///   - store: the store.
  /// - Returns: the source with the manifest that was committed.
  /// - Throws: `IngestError`.
  public static func load(
    _ id: String,
    from store: Store
  ) throws(IngestError) -> SourceRecord? {
    guard let state = try store.state(of: id), state.isComplete else { return nil }
    do {
      let path = FilePaths.join(store.folder(of: id), "source.manifest")
      let manifest = try SourceManifest.decode(
        InputFile.contents(of: path, limit: (1 << 20) + 1),
        file: path,
        plugins: nil
      )
      guard SHA256Hash.of(CanonicalJSON.encode(manifest.typedForm)).hex == state.manifestDigest
      else {
        throw IngestError(
          .badData,
          "\(path): is not the manifest that was committed; restore the store from a copy"
        )
      }
      return SourceRecord(
        state,
        manifest: manifest,
        profileName: manifest.input.profile
      )
    } catch {
      throw IngestError(error)
    }
  }
}
