public import CanonicalCoding
internal import Files
public import Manifests
internal import Merkle
internal import SourceAPI

/// Takes requests that records leave the registry: finds them, writes signed exclusions, makes the next epoch with tombstones,
/// and answers with proofs.
public struct ExclusionDesk: Sendable {
  /// A request as it came in.
  public struct Request: Sendable {
    /// Which records; several content digests where one text has other normal forms under other profiles.
    public var matches: [Exclusion.Match]
    /// Why.
    public var reason: ExclusionReason
    /// A ticket, a file number.
    public var reference: String
    /// The day on which it came in.
    public var received: CivilDate
    /// The sources that are asked; empty for all.
    public var sources: [String]

    /// A request from its parts.
    public init(
      matches: [Exclusion.Match],
      reason: ExclusionReason,
      reference: String,
      received: CivilDate,
      sources: [String]
    ) {
      (self.matches, self.reason, self.reference) = (matches, reason, reference)
      (self.received, self.sources) = (received, sources)
    }
  }

  /// What came of a request.
  public struct Outcome: Sendable {
    /// Records that were found, by source.
    public let found: [(source: String, leaf: UInt64)]
    /// The epoch that is the newest now.
    public let epoch: UInt64
    /// Whether an epoch was made for it.
    public let isNew: Bool
    /// What the requester gets.
    public let answer: ExclusionAnswer
  }

  private let registry: Registry
  private var store: Store { registry.store }

  /// A desk over a registry, which says how sources are read and who signs.
  public init(_ registry: Registry) { self.registry = registry }

  /// Carries a request out.
  ///
  /// - Throws: `IngestError`: 69 without an epoch, or for a source that has changed since.
  /// - Complexity: every source that may hold a match is read again.
  public func carryOut(_ request: Request) throws(IngestError) -> Outcome {
    let latest = try store.latestEpoch()
    guard latest > 0 else {
      throw IngestError(.unavailable, "no epoch is signed yet; run ingest --source FILE")
    }
    let records = try sources(request)
    let before = try store.contents(ofEpoch: latest)
    let signed = try store.signedCommit(ofEpoch: latest)
    let (signers, _) = try registry.signers()
    let day = max(before.asOf, request.received)
    var written: [ExclusionFile] = []
    var shown: [InclusionProofFile] = []
    for record in records {
      guard
        let commitment = before.sources.first(where: { $0.commitment.id == record.state.id })?
          .commitment, try concerns(request, record)
      else { continue }
      written += try write(request, for: record, signers)
      try apply(record, day)
      shown += try removals(since: commitment, signed)
    }
    let wasProving = before.sources.contains { $0.commitment.absenceRoot != nil }
    let isNew = !shown.isEmpty || !wasProving
    if isNew {
      _ = try registry.sign([], before.policy, day)
    }
    let answer = ExclusionAnswer(
      exclusions: written,
      before: shown,
      removed: shown.isEmpty
        ? nil : try ProofMaker(store).difference(old: latest, new: store.latestEpoch()),
      absent: try absences(request, shown)
    )
    return Outcome(
      found: shown.map { ($0.source, $0.index) },
      epoch: try store.latestEpoch(),
      isNew: isNew,
      answer: answer
    )
  }

  /// The sources that are asked, as the store has them.
  private func sources(_ request: Request) throws(IngestError) -> [SourceRecord] {
    let known = try store.sourceIdentifiers()
    for id in request.sources where !known.contains(id) {
      throw IngestError(
        .usage,
        "there is no source '\(id)'; the store has \(known.joined(separator: ", "))"
      )
    }
    var records: [SourceRecord] = []
    for id in request.sources.isEmpty ? known : request.sources {
      guard let record = try SourceRecord.load(id, from: store), record.state.signedEpoch > 0 else {
        continue
      }
      records.append(record)
    }
    return records
  }

  /// Whether a source may hold what is asked for: by digest or locator the store knows, an address or a host the source alone.
  private func concerns(_ request: Request, _ record: SourceRecord) throws(IngestError) -> Bool {
    var digests: Set<SHA256Hash> = []
    for match in request.matches {
      switch match {
      case .contentDigest(let digest): digests.insert(digest)
      case .locator(let locator):
        if (try? ProofMaker(store).find("\(record.state.id):\(locator)")) != nil { return true }
      case .address, .host: return true
      }
    }
    guard !digests.isEmpty else { return false }
    // What is a tombstone already may still wait for its epoch.
    for place in try store.segments(of: record.state.id) {
      for row in try store.segment(place, of: record.state.id).rows
      where digests.contains(row.leaf.contentDigest) { return true }
    }
    return false
  }

  /// Writes the signed exclusions of a source; one that is there already is taken for this request.
  private func write(
    _ request: Request,
    for record: SourceRecord,
    _ signers: [SigningKey]
  ) throws(IngestError) -> [ExclusionFile] {
    let id = record.state.id
    let folder = ExclusionFolder.path(of: id, manifestPath: record.state.manifestPath)
    var known = try ExclusionFolder.load(id, manifestPath: record.state.manifestPath)
    var files: [ExclusionFile] = []
    do {
      for match in request.matches {
        if let same = known.first(where: { $0.exclusion.match == match }) {
          files.append(same)
          continue
        }
        var file = ExclusionFile(
          try Exclusion(
            source: id,
            sequence: UInt64(known.count) + 1,
            previous: known.last?.exclusion.digest,
            match: match,
            reason: request.reason,
            reference: request.reference,
            received: request.received
          )
        )
        for key in signers { try file.sign(with: key) }
        try DurableFile.makeFolder(folder)
        try DurableFile.write(
          file.bytes,
          to: FilePaths.join(folder, ExclusionFile.name(sequence: file.exclusion.sequence))
        )
        known.append(file)
        files.append(file)
      }
      return files
    } catch {
      throw IngestError(error)
    }
  }

  /// Reads the source again with its exclusions.
  private func apply(_ record: SourceRecord, _ day: CivilDate) throws(IngestError) {
    var options = registry.options.plan
    if let kept = options.reading(as: record.state.options) { options = kept }
    let plan = try SourcePlan.load(record.state.manifestPath, options: options)
    let scanner = SourceScanner(
      plan,
      manifestPath: record.state.manifestPath,
      plugin: try plan.plugin(of: registry.plugins),
      identity: try plan.pluginIdentity(of: registry.plugins),
      asOf: day,
      jobs: registry.options.jobs,
      observer: registry.observer
    )
    try scanner.applyExclusions(in: store)
  }

  /// The proofs that what became a tombstone since the signed epoch stood in it.
  private func removals(
    since source: SourceCommitment,
    _ signed: SignedCommit
  ) throws(IngestError) -> [InclusionProofFile] {
    let maker = ProofMaker(store)
    var rows = CommittedRows(store: store, source: source.id)
    var proofs: [InclusionProofFile] = []
    for removed in try maker.removed(since: source) {
      let row: LeafRow
      do { row = try rows.row(at: removed.leaf) } catch { throw IngestError(error) }
      proofs.append(try maker.inclusion(of: removed.leaf, row, in: source, signed))
    }
    return proofs
  }

  /// For each content digest the proof that no live record has it, over all sources where that can be shown.
  private func absences(
    _ request: Request,
    _ shown: [InclusionProofFile]
  ) throws(IngestError) -> [AbsenceProofFile] {
    var digests: Set<SHA256Hash> = []
    for case .contentDigest(let digest) in request.matches { digests.insert(digest) }
    for proof in shown {
      if let leaf = RecordLeaf(proof.leaf) { digests.insert(leaf.contentDigest) }
    }
    var proofs: [AbsenceProofFile] = []
    for digest in digests.sorted() {
      let proof = try AbsenceMaker(store).proof(of: digest)
      if !proof.sources.isEmpty { proofs.append(proof) }
    }
    return proofs
  }
}
