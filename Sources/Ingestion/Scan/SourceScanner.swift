public import CanonicalCoding
internal import Files
internal import Manifests
internal import Merkle
public import SourceAPI

/// Scans one source into the store: resumes, commits batch by batch, reads everything back at the end.
public struct SourceScanner: Sendable {
  /// A batch is committed when it has this many leaves, or its segment this many bytes.
  static let commitRows = 16_384
  static let commitBytes = 8 << 20

  /// What is read.
  public let plan: SourcePlan
  /// Where the manifest lies.
  public let manifestPath: String
  /// The plugin.
  public let plugin: any SourcePlugin.Type
  /// What the commitment says of it.
  public let identity: PluginIdentity
  /// The day on which the policy decides.
  public let asOf: CivilDate
  /// Workers that normalize and hash.
  public let jobs: Int
  /// Hears how the scan goes.
  public let observer: any ScanObserver

  /// A scan of a plan with the plugin that its manifest names.
  public init(
    _ plan: SourcePlan,
    manifestPath: String,
    plugin: any SourcePlugin.Type,
    identity: PluginIdentity,
    asOf: CivilDate,
    jobs: Int = 1,
    observer: any ScanObserver = SilentObserver()
  ) {
    (self.plan, self.manifestPath, self.plugin) = (plan, manifestPath, plugin)
    self.identity = identity
    (self.asOf, self.jobs, self.observer) = (asOf, jobs, observer)
  }

  /// Brings the store up to the source.
  ///
  /// - Returns: the state of the completed source, and what its workers say about themselves.
  /// - Throws: `IngestError`.
  func scan(into store: Store) throws(IngestError) -> (state: SourceState, workers: WorkerUsage) {
    var attempts = 0
    while true {
      do throws(IngestError) {
        return try attempt(store, memberGoal: MemberBatch.usualMemberGoal)
      } catch {
        guard error.isRepeatable else { throw error }
        attempts += 1
        guard attempts < Self.attemptLimit else {
          guard error.status == .badData else { throw error }
          return try attemptCarefully(store)
        }
      }
    }
  }

  /// A worker that died is replaced so often; then its death is said.
  private static let attemptLimit = 2

  /// Reads once more, by one worker and member by member, so that its death can be placed.
  private func attemptCarefully(
    _ store: Store
  ) throws(IngestError) -> (state: SourceState, workers: WorkerUsage) {
    let last = LastLocator()
    do throws(IngestError) {
      return try attempt(store, memberGoal: 1, last: last)
    } catch {
      guard error.isRepeatable else { throw error }
      let place = last.text.map { "behind \($0)" } ?? "at its first member"
      throw IngestError(
        error.status,
        "\(error.description), \(place); mend or leave out the input there, then run again"
      )
    }
  }

  /// Where reading stood.
  private final class LastLocator {
    var text: String?
  }

  private func attempt(
    _ store: Store,
    memberGoal: Int,
    last: LastLocator? = nil
  ) throws(IngestError) -> (state: SourceState, workers: WorkerUsage) {
    do {
      if let (before, isNewVersion) = try deltaBase(store) {
        return try scanDelta(
          store,
          before,
          policyDay: isNewVersion ? asOf : before.asOf,
          removals: isNewVersion ? .any : .none
        )
      }
      var (state, start) = try ScanStart(
        plan,
        plugin: identity,
        manifestPath: manifestPath,
        asOf: asOf
      ).begin(store)
      if state.isComplete { return (state, WorkerUsage()) }
      try store.removeOrphans(of: state.id)
      observer.began(source: state.id, totalBytes: plan.byteCount, resumedMembers: start.members)
      let key =
        plan.manifest.confidential ? try KeyRing(store: store.folder).saltKey(of: state.id) : nil
      // What cannot work is said before a worker starts.
      _ = try plugin.init(configuration: plan.configuration)
      var commit = BatchCommit(
        store: store,
        state: state,
        start: start,
        stopsAtRejection: plan.options.stopsAtRejection
      )
      var reading = SourceReading(plan: plan, asOf: state.asOf, saltKey: key, jobs: jobs)
      // Where the place of a death is looked for, nothing is read ahead of it.
      reading.folder = last == nil ? FilePaths.join(store.folder(of: state.id), "ahead") : nil
      reading.memberGoal = memberGoal
      var newBytes: UInt64 = 0
      let starts = inputStarts
      let workers = try reading.run(from: start.checkpoint, members: start.members) { batch in
        newBytes += batch.payloadBytes
        try commit.take(batch)
        if let last {
          last.text =
            batch.rows.last.map(CommittedReader.locator) ?? batch.ledger.last?.locator ?? last.text
        }
        observer.advanced(progress(commit.books, since: start, newBytes, batch, starts))
      }
      try checkInputs()
      state = try commit.finish()
      try store.removeAhead(of: state.id)
      observer.ended(source: state.id)
      return (state, workers)
    } catch {
      throw IngestError(error)
    }
  }

  /// The signed state that this scan makes the next version of; `nil` where it goes on with what there is.
  ///
  /// What changed is taken for a new version when the manifest says so: by another `source.version`. Without that nothing
  /// may be gone; records that do not stand as they are scanned are compared in the same way.
  private func deltaBase(
    _ store: Store
  ) throws(IngestError) -> (state: SourceState, isNewVersion: Bool)? {
    let start = ScanStart(plan, plugin: identity, manifestPath: manifestPath, asOf: asOf)
    guard let state = try store.state(of: plan.manifest.id), state.signedEpoch > 0,
      !start.isSame(state), state.profileDigest == plan.profileDigest.hex
    else { return nil }
    let committed = try ManifestHistory.committed(plan.manifest.id, store)
    let isNewVersion = committed.version != plan.manifest.version
    guard isNewVersion || state.generation > 0 else { return nil }
    let findings = try ManifestHistory.licenseOrder(
      plan.manifest,
      file: manifestPath,
      state: state,
      store: store
    )
    guard findings.isEmpty else { throw IngestError(ManifestError(findings)) }
    return (state, isNewVersion)
  }

  /// Reads the signed version of a source again, and makes tombstones of what its exclusions name.
  ///
  /// - Throws: `IngestError`: 69 when anything else of the source has changed.
  func applyExclusions(in store: Store) throws(IngestError) {
    do {
      guard let state = try store.state(of: plan.manifest.id), state.isComplete,
        state.signedEpoch > 0
      else {
        throw IngestError(
          .unavailable,
          "source '\(plan.manifest.id)' stands in no epoch yet; commit it first: ingest --source \(manifestPath)"
        )
      }
      let start = ScanStart(plan, plugin: identity, manifestPath: manifestPath, asOf: asOf)
      guard start.isSame(state) else {
        throw IngestError(
          .unavailable,
          "source '\(plan.manifest.id)' is not what was committed any more; commit it first: ingest --source \(manifestPath)"
        )
      }
      _ = try scanDelta(store, state, policyDay: state.asOf, removals: .excluded)
    } catch {
      throw IngestError(error)
    }
  }

  private func scanDelta(
    _ store: Store,
    _ before: SourceState,
    policyDay day: CivilDate,
    removals: SourceDelta.Removals
  ) throws -> (state: SourceState, workers: WorkerUsage) {
    try store.removeOrphans(of: before.id)
    observer.began(source: before.id, totalBytes: plan.byteCount, resumedMembers: 0)
    let key =
      plan.manifest.confidential ? try KeyRing(store: store.folder).saltKey(of: before.id) : nil
    _ = try plugin.init(configuration: plan.configuration)
    var delta = try SourceDelta(
      plan,
      identity: identity,
      manifestPath: manifestPath,
      asOf: day,
      removalDay: removals == .none ? day : asOf,
      store: store,
      before: before
    )
    var reading = SourceReading(plan: plan, asOf: day, saltKey: key, jobs: jobs)
    reading.folder = FilePaths.join(store.folder(of: before.id), "ahead")
    let start = ResumePoint(licenseCount: plan.licenses.entries.count)
    var books = start
    var newBytes: UInt64 = 0
    let starts = inputStarts
    let workers = try reading.run(from: start.checkpoint, members: 0) { batch in
      newBytes += batch.payloadBytes
      books.add(batch)
      try delta.take(batch)
      observer.advanced(progress(books, since: start, newBytes, batch, starts))
    }
    try checkInputs()
    let state = try delta.finish(allows: removals)
    try store.removeAhead(of: state.id)
    observer.ended(source: state.id)
    return (state, workers)
  }

  /// For each input the bytes of all inputs before it, and those of all at the end.
  private var inputStarts: [UInt64] {
    plan.inputs.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.fingerprint.byteCount) }
  }

  private func progress(
    _ books: ResumePoint,
    since start: ResumePoint,
    _ newBytes: UInt64,
    _ batch: ProcessedBatch,
    _ starts: [UInt64]
  ) -> ScanProgress {
    let total = starts.last ?? 0
    return ScanProgress(
      source: plan.manifest.id,
      records: books.counts.records,
      rejected: books.counts.rejected,
      excluded: books.counts.excludedTotal,
      skipped: books.counts.skipped,
      newRecords: books.counts.records - min(start.counts.records, books.counts.records),
      newPayloadBytes: newBytes,
      readBytes: min(
        total,
        starts[min(batch.inputIndex, plan.inputs.count)] + batch.inputOffset
      ),
      totalBytes: total
    )
  }

  /// Every file must be as it was planned: a scan never mixes two states of an input.
  private func checkInputs() throws {
    for input in plan.inputs where input.skipped == nil {
      let now = try FilePaths.fingerprint(FilePaths.join(plan.folder, input.path))
      guard now == input.fingerprint else {
        throw SourceError.changed(
          input: input.path,
          detail: "size or time differ from those at the start"
        )
      }
    }
  }
}
