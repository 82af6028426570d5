public import CanonicalCoding
internal import Files
public import Manifests
internal import Merkle
internal import SourceAPI

/// Makes the combined manifest of all completed sources, signs it, and records it as an epoch.
public struct EpochBuilder: Sendable {
  /// The version of this tool, as commitments name it.
  public static let toolVersion = "1.0.0"
  /// The name of the commit file.
  public static let commitName = "combined.commit.json"

  /// What came of a build.
  public struct Epoch: Sendable {
    /// The number of the epoch.
    public let number: UInt64
    /// The manifest.
    public let manifest: VerifiedManifest
    /// The bytes themselves.
    public let bytes: [UInt8]
    /// The signatures over the commit file.
    public let envelope: DSSEEnvelope
    /// Whether nothing had changed since the epoch was made.
    public let isUnchanged: Bool
    /// The folder that holds its files.
    public let folder: String
  }

  /// The policy's file in an epoch's folder.
  static let policyName = "combined.policy"

  /// The file with the payloads of every review that counts, one a line.
  static let reviewsName = "combined.reviews.jsonl"

  /// The store.
  public let store: Store
  /// The policy.
  public let policy: PolicyFile
  /// The day on which the policy decides.
  public let asOf: CivilDate
  /// `YYYY-MM-DDTHH:MM:SSZ`, given from outside, never read from a clock.
  public let created: String
  /// The keys that sign.
  public let signers: [SigningKey]
  /// Whether the epoch can prove that something is not in it.
  public var provesAbsence = false

  /// A builder under a policy on a day.
  public init(
    store: Store,
    policy: PolicyFile,
    asOf: CivilDate,
    created: String,
    signers: [SigningKey]
  ) {
    (self.store, self.policy, self.asOf) = (store, policy, asOf)
    (self.created, self.signers) = (created, signers)
  }

  /// Reads the leaves of every source back, builds the manifest, signs and records it.
  ///
  /// If nothing changed since the last epoch, that one is given back and only signatures are added.
  ///
  /// - Throws: `IngestError`.
  public func build(_ records: [SourceRecord]) throws(IngestError) -> Epoch {
    var sources = records
    for source in sources { try SourceReadBack.run(source.state, store: store) }
    let table = DecisionTable(manifests: sources.map(\.manifest), policy: policy.policy, asOf: asOf)
    let latest = try store.latestEpoch()
    let isSticky = try wasProvingAbsence(latest)
    if provesAbsence || isSticky { try addAbsence(to: &sources) }
    var manifest = CommittedManifest(
      created: created,
      epoch: latest + 1,
      toolVersion: Self.toolVersion,
      sources: sources.map(\.commitment),
      policy: CommittedManifest.Policy(policy, asOf: asOf, table: table.head),
      previous: nil
    )
    manifest.tombstones = try tombstones(sources)
    let reviews = Self.payloads(sources)
    manifest.reviews = CountedHead(entries: reviews)
    if latest > 0 {
      let last = try store.signedCommit(ofEpoch: latest)
      let verified = try verified(last.commit)
      if isSame(verified.manifest, manifest) { return try resign(last, verified) }
      manifest.previous = CommittedManifest.Previous(epoch: latest, sha256: verified.digest)
    }
    let bytes = manifest.bytes
    let checked = try verified(bytes)
    let envelope = try sign(
      DSSEEnvelope(payload: CommitStatement(name: Self.commitName, manifest: checked).bytes)
    )
    let folder = store.folder(ofEpoch: manifest.epoch)
    let lines: [UInt8] = Array(table.lines.map { $0 + [0x0A] }.joined())
    try write(
      [
        (Self.commitName, bytes),
        ("combined.commit.dsse.json", CanonicalJSON.encode(envelope.json)),
        ("combined.decisions.jsonl", lines), (Self.policyName, policy.bytes),
        (Self.reviewsName, Array(reviews.map { $0 + [0x0A] }.joined())),
      ],
      to: folder
    )
    let states = sources.map { source in
      var state = source.state
      state.signedEpoch = manifest.epoch
      return state
    }
    try store.commit(epoch: manifest.epoch, digest: checked.digest.hex, states: states)
    try publish(manifest.epoch)
    return Epoch(
      number: manifest.epoch,
      manifest: checked,
      bytes: bytes,
      envelope: envelope,
      isUnchanged: false,
      folder: folder
    )
  }

  /// Whether the epoch before proves absence: what was provable once stays so.
  private func wasProvingAbsence(_ epoch: UInt64) throws(IngestError) -> Bool {
    guard epoch > 0 else { return false }
    let last = try verified(store.signedCommit(ofEpoch: epoch).commit)
    return last.manifest.sources.contains { $0.absenceRoot != nil }
  }

  private func addAbsence(to sources: inout [SourceRecord]) throws(IngestError) {
    for index in sources.indices {
      let state = sources[index].state
      let digests = try SortedDigests(
        state,
        confidential: sources[index].manifest.confidential,
        store: store
      )
      let root = try digests.build(state, store: store)
      sources[index].state.absence = AbsenceState(
        root: root,
        size: state.sha256.size,
        generation: state.generation
      )
      sources[index].commitment.absenceRoot = root
    }
  }

  /// The payloads of all reviews, ascending by source and sequence.
  private static func payloads(_ sources: [SourceRecord]) -> [[UInt8]] {
    sources.map(\.manifest).sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
      .flatMap { $0.reviews.reviews.map(\.bytes) }
  }

  /// The head over all tombstones, ascending by source and leaf.
  private func tombstones(_ sources: [SourceRecord]) throws(IngestError) -> CountedHead {
    var range = CompactRange<SHA256TreeHasher>()
    let sorted = sources.sorted { $0.state.id.utf8.lexicographicallyPrecedes($1.state.id.utf8) }
    for source in sorted where source.state.tombstoneCount > 0 {
      for place in try store.segments(of: source.state.id) {
        for row in try store.segment(place, of: source.state.id).rows {
          if let tombstone = row.tombstone { range.append(tombstone.sha256) }
        }
      }
    }
    return CountedHead(count: range.size, sha256Root: range.root)
  }

  private func isSame(_ last: CommittedManifest, _ next: CommittedManifest) -> Bool {
    last.sources == next.sources && last.policy == next.policy && last.reviews == next.reviews
      && last.licenseListDigest == next.licenseListDigest
      && last.licenseTableDigest == next.licenseTableDigest
  }

  private func verified(_ bytes: [UInt8]) throws(IngestError) -> VerifiedManifest {
    do throws(CommitmentError) {
      return try VerifiedManifest(bytes)
    } catch {
      throw IngestError(.booksOpen, "the combined manifest does not pass its own check: \(error)")
    }
  }

  private func sign(_ unsigned: DSSEEnvelope) throws(IngestError) -> DSSEEnvelope {
    var envelope = unsigned
    do {
      for key in signers { try envelope.sign(with: key) }
    } catch {
      throw IngestError(.booksOpen, "a key cannot sign")
    }
    return envelope
  }

  private func resign(_ last: SignedCommit, _ verified: VerifiedManifest) throws(IngestError)
    -> Epoch
  {
    var envelope = last.envelope
    let present = Set(envelope.signatures.map(\.keyIdentifier))
    let missing = signers.filter { !present.contains($0.publicKey.identifier) }
    let number = verified.manifest.epoch
    let folder = store.folder(ofEpoch: number)
    if !missing.isEmpty {
      do {
        for key in missing { try envelope.sign(with: key) }
      } catch {
        throw IngestError(.booksOpen, "a key cannot sign")
      }
      try write([("combined.commit.dsse.json", CanonicalJSON.encode(envelope.json))], to: folder)
    }
    // Epochs of earlier versions did not keep their policy; it is this one, or the epoch would be another.
    if !FilePaths.exists(FilePaths.join(folder, Self.policyName)) {
      try write([(Self.policyName, policy.bytes)], to: folder)
    }
    // A crash between the epoch's row and its copies leaves old copies: they are made again.
    try publish(number)
    return Epoch(
      number: number,
      manifest: verified,
      bytes: last.commit,
      envelope: envelope,
      isUnchanged: true,
      folder: folder
    )
  }

  private func write(_ files: [(name: String, bytes: [UInt8])], to folder: String)
    throws(IngestError)
  {
    do throws(FileError) {
      try DurableFile.makeFolder(folder)
      for file in files { try DurableFile.write(file.bytes, to: FilePaths.join(folder, file.name)) }
    } catch {
      throw IngestError(error)
    }
  }

  /// Copies the newest epoch's files to the store's folder, where people look first.
  private func publish(_ epoch: UInt64) throws(IngestError) {
    let folder = store.folder(ofEpoch: epoch)
    var files: [(String, [UInt8])] = []
    do throws(FileError) {
      for name in [
        Self.commitName, "combined.commit.dsse.json", "combined.decisions.jsonl", Self.reviewsName,
      ] where FilePaths.exists(FilePaths.join(folder, name)) {
        files.append(
          (name, try InputFile.contents(of: FilePaths.join(folder, name), limit: 1 << 28))
        )
      }
    } catch {
      throw IngestError(error)
    }
    try write(files, to: store.folder)
  }
}
