public import CanonicalCoding
internal import Files
internal import Licensing
internal import Manifests
public import SourceAPI

/// The main job: scan the sources that are named, then rebuild and sign the combined manifest over
/// all that the store holds.
public struct Registry: Sendable {
  /// What the command line says about a run.
  public struct Options: Sendable {
    /// Workers that normalize and hash.
    public var jobs = 1
    /// The most rejected records with which a source is signed still.
    public var allowedRejections: UInt64 = 0
    /// The most records without a license with which a source is signed still.
    public var allowedUnlicensed: UInt64 = 0
    /// The day on which the policy decides.
    public var asOf: CivilDate?
    /// The time that the manifest states, given from outside.
    public var created: String?
    /// The names of the keys that sign; empty for all that the store has.
    public var keys: [String] = []
    /// Whether the epoch can prove that something is not in it.
    public var provesAbsence = false
    /// What is read.
    public var plan = SourcePlan.Options()
    /// Nothing said.
    public init() {}
  }

  /// What came of a run.
  public struct Outcome: Sendable {
    /// The sources of this run.
    public let scanned: [SourceRecord]
    /// The number of the epoch, from 1.
    public let epoch: EpochBuilder.Epoch
    /// The public key that was made because the store had none, with its file.
    public let newKey: (identifier: String, path: String)?
  }

  /// The store.
  public let store: Store
  /// The plugins, or any of these.
  public let plugins: [String: any SourcePlugin.Type]
  /// What the command line adds.
  public let options: Options
  /// Hears how the scan goes.
  public let observer: any ScanObserver

  /// A registry over a store and the plugins that are linked in.
  public init(
    store: Store,
    plugins: [String: any SourcePlugin.Type],
    options: Options = Options(),
    observer: any ScanObserver = SilentObserver()
  ) {
    (self.store, self.plugins, self.options, self.observer) = (store, plugins, options, observer)
  }

  /// Scans the sources of these manifests and signs the epoch.
  ///
  /// - Throws: `IngestError`; with rejected records beyond the allowance 65, and nothing is signed.
  public func run(_ paths: [String]) throws(IngestError) -> Outcome {
    var plans: [(path: String, plan: SourcePlan)] = []
    for path in paths { plans.append((path, try SourcePlan.load(path, options: options.plan))) }
    try checkTogether(plans)
    let asOf: CivilDate
    if let day = options.asOf {
      asOf = day
    } else {
      asOf = try latestDay(plans.map { ($0.plan.manifest, $0.path) })
    }
    var scanned: [SourceRecord] = []
    for (path, plan) in plans {
      scanned.append(try scan(plan, path: path, asOf: asOf))
    }
    guard let policy = plans.first?.plan.policy else {
      throw IngestError(.usage, "no source was named")
    }
    return try sign(scanned, policy, asOf)
  }

  /// Takes the shards of a plan over, wherever they were read, and signs the epoch.
  ///
  /// - Parameters:
  ///   - plan: the plan.
  ///   - receipts: receipts of its shards, or folders with them.
  /// - Returns: the source and the epoch.
  /// - Throws: `IngestError`: 65 when a shard has no receipt, or two that differ.
  public func merge(_ plan: ScanPlan, receipts: [String]) throws(IngestError) -> Outcome {
    let merge = try ShardMerge(plan, receipts: receipts)
    let start = ProcessUsage.monotonicSeconds
    do {
      _ = try merge.run(into: store, observer: observer)
    } catch {
      throw IngestError(error)
    }
    let record = try complete(plan.source, since: start)
    let asOf: CivilDate
    if let day = options.asOf {
      asOf = day
    } else {
      asOf = max(plan.asOf, try latestDay([(plan.source.manifest, plan.source.manifest.file)]))
    }
    return try sign([record], plan.source.policy, asOf)
  }

  /// Builds and signs the epoch over the sources of this run and all others of the store.
  func sign(
    _ scanned: [SourceRecord],
    _ policy: PolicyFile,
    _ asOf: CivilDate
  ) throws(IngestError) -> Outcome {
    try checkRejections(scanned)
    try checkLicenses(scanned)
    var records = scanned
    for id in try store.sourceIdentifiers() where !records.contains(where: { $0.state.id == id }) {
      guard let other = try SourceRecord.load(id, from: store) else {
        // An epoch that silently lost a source would look like a removal.
        if let state = try store.state(of: id), state.signedEpoch > 0 {
          throw IngestError(
            .refused,
            "source '\(id)' stands in epoch \(state.signedEpoch) and is being read again; finish it first: ingest --source \(state.manifestPath)"
          )
        }
        continue
      }
      // A source whose rejections nobody allowed yet stays out until it is named again.
      if other.state.signedEpoch > 0 { records.append(other) }
    }
    records = try withReviews(records)
    let (signers, made) = try signers()
    let created = options.created ?? "\(asOf)T00:00:00Z"
    var builder = EpochBuilder(
      store: store,
      policy: policy,
      asOf: asOf,
      created: created,
      signers: signers
    )
    builder.provesAbsence = options.provesAbsence
    let epoch = try builder.build(records)
    return Outcome(scanned: scanned, epoch: epoch, newKey: made)
  }

  /// The records with their signed reviews: those beside the manifests, which may only go on from those of the epoch before.
  private func withReviews(_ records: [SourceRecord]) throws(IngestError) -> [SourceRecord] {
    let latest = try store.latestEpoch()
    let before = latest > 0 ? try store.reviews(ofEpoch: latest) : [:]
    return try records.map { record throws(IngestError) in
      let id = record.state.id
      let earlier = before[id] ?? .empty
      let folder = try ReviewFolder.load(id, manifestPath: record.state.manifestPath)
      if let folder, !folder.history.continues(earlier) {
        let first = zip(earlier.reviews, folder.history.reviews).first { $0 != $1 }?.0.sequence
        let number = first ?? UInt64(folder.history.reviews.count) + 1
        throw IngestError(
          .badManifest,
          "\(FilePaths.join(folder.path, ReviewFile.name(sequence: number))): \(ReviewError.rewritten("review \(number) of source '\(id)' is not the one that epoch \(latest) committed (\(store.folder(ofEpoch: latest))/\(EpochBuilder.reviewsName))"))"
        )
      }
      var record = record
      record.manifest.reviews = folder?.history ?? earlier
      return record
    }
  }

  /// Two sources of one id, or two policies, cannot stand in one manifest.
  private func checkTogether(_ plans: [(path: String, plan: SourcePlan)]) throws(IngestError) {
    var seen: [String: String] = [:]
    for (path, plan) in plans {
      if let other = seen.updateValue(path, forKey: plan.manifest.id) {
        throw IngestError(
          ManifestError([
            ManifestFinding(
              file: path,
              line: 1,
              column: 1,
              code: "manifest.source-id-twice",
              field: "source.id",
              sentence: "'\(plan.manifest.id)' is also the id of \(other); give one of them another"
            )
          ])
        )
      }
    }
    for (path, plan) in plans.dropFirst() where plan.policy.bytes != plans[0].plan.policy.bytes {
      throw IngestError(
        .badManifest,
        "\(path): names another policy than \(plans[0].path); one epoch has one policy"
      )
    }
  }

  /// The latest day that any manifest speaks of: the default for as-of and created, because no clock
  /// may reach a committed byte.
  private func latestDay(_ named: [(manifest: SourceManifest, path: String)]) throws(IngestError)
    -> CivilDate
  {
    var all = named
    for id in try store.sourceIdentifiers() where !all.contains(where: { $0.manifest.id == id }) {
      if let record = try SourceRecord.load(id, from: store) {
        all.append((record.manifest, record.state.manifestPath))
      }
    }
    var days: [CivilDate] = []
    for (manifest, path) in all {
      days += [manifest.input.collectedTo, manifest.license.from].compactMap { $0 }
      let reviews = try ReviewFolder.load(manifest.id, manifestPath: path)
      days += reviews?.history.reviews.map(\.on) ?? []
      days += try ExclusionFolder.load(manifest.id, manifestPath: path).map(\.exclusion.received)
    }
    guard let day = days.max() else {
      throw IngestError(.usage, "no day is known; pass --as-of YYYY-MM-DD")
    }
    return day
  }

  private func scan(_ plan: SourcePlan, path: String, asOf: CivilDate) throws(IngestError)
    -> SourceRecord
  {
    let start = ProcessUsage.monotonicSeconds
    let scanner = SourceScanner(
      plan,
      manifestPath: FilePaths.resolved(path) ?? path,
      plugin: try plan.plugin(of: plugins),
      identity: try plan.pluginIdentity(of: plugins),
      asOf: asOf,
      jobs: options.jobs,
      observer: observer
    )
    let workers = try scanner.scan(into: store).workers
    return try complete(plan, since: start, workers: workers)
  }

  /// The record of a source whose rows are all committed.
  private func complete(
    _ plan: SourcePlan,
    since start: Double,
    workers: WorkerUsage = WorkerUsage()
  ) throws(IngestError) -> SourceRecord {
    let id = plan.manifest.id
    try SourceRecord.keepManifest(plan, in: store)
    guard let record = try SourceRecord.load(id, from: store) else {
      throw IngestError(.booksOpen, "source '\(id)' was read and is not complete")
    }
    try ScanReport(
      record,
      inputs: plan.inputs,
      wallSeconds: ProcessUsage.monotonicSeconds - start,
      jobs: options.jobs,
      workers: workers
    )
    .write(to: store)
    return record
  }

  private func checkRejections(_ scanned: [SourceRecord]) throws(IngestError) {
    let damaged = scanned.filter { $0.state.books.counts.rejected > options.allowedRejections }
    guard let first = damaged.first else { return }
    let count = first.state.books.counts.rejected
    let reasons = first.state.books.reasons.filter { $0.key.hasPrefix("rejected:") }
      .sorted { $0.key < $1.key }.map { "\($0.key.dropFirst(9)) \($0.value)" }.joined(
        separator: ", "
      )
    throw IngestError(
      .badData,
      "source '\(first.state.id)': \(count) of \(first.state.books.counts.members) members are rejected (\(reasons)); nothing is signed. ingest status --ledger \(first.state.id) lists them; mend the input, or allow them with --allow-rejected \(count)"
    )
  }

  /// Records of no license are nobody's mistake but ours when they are used: they are allowed by number, or not at all.
  private func checkLicenses(_ scanned: [SourceRecord]) throws(IngestError) {
    for record in scanned {
      let count = record.state.unlicensedRecords(record.commitment)
      guard count > options.allowedUnlicensed else { continue }
      throw IngestError(
        .badData,
        "source '\(record.state.id)': \(count) records have no license (NOASSERTION or NONE); nothing is signed. Say in its manifest which license they have (license.concluded, or an override), or allow them with --allow-unlicensed \(count)"
      )
    }
  }

  func signers() throws(IngestError) -> ([SigningKey], (identifier: String, path: String)?) {
    let ring = KeyRing(store: store.folder)
    var names = options.keys.isEmpty ? ring.signerNames() : options.keys
    var made: (identifier: String, path: String)?
    if names.isEmpty {
      let (key, path) = try ring.makeSigner("registry", scheme: .ed25519)
      made = (key.identifier, path)
      names = ["registry"]
    }
    var signers: [SigningKey] = []
    for name in names { signers.append(try ring.signer(name)) }
    return (signers, made)
  }
}
