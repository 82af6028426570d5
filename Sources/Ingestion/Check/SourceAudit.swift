internal import CanonicalCoding
internal import Files
internal import Kernels
internal import Manifests
internal import Merkle
public import SourceAPI

/// Reads a source again from its bytes and compares every leaf, ledger entry, count and root with
/// what the store holds.
///
/// Nothing is written.
public struct SourceAudit: Sendable {
  /// What an audit found.
  public struct Result: Sendable {
    /// The source.
    public let source: String
    /// Records that have a leaf.
    public let records: UInt64
    /// The root of the SHA-256 tree.
    public let sha256Root: String
  }

  /// The store.
  public let store: Store
  /// The plugins, or any of these.
  public let plugins: [String: any SourcePlugin.Type]
  /// Workers that normalize and hash.
  public let jobs: Int
  /// What the command line adds.
  public let options: SourcePlan.Options
  /// Hears how the scan goes.
  public let observer: any ScanObserver

  /// An audit over a store.
  public init(
    _ store: Store,
    plugins: [String: any SourcePlugin.Type],
    jobs: Int = 1,
    options: SourcePlan.Options = SourcePlan.Options(),
    observer: any ScanObserver = SilentObserver()
  ) {
    (self.store, self.plugins, self.jobs) = (store, plugins, jobs)
    (self.options, self.observer) = (options, observer)
  }

  /// Audits one source.
  ///
  /// - Throws: `IngestError` 65 naming the first record that differs; 69 when an input is gone.
  public func run(_ id: String) async throws(IngestError) -> Result {
    do {
      guard let state = try store.state(of: id), state.isComplete else {
        throw IngestError(
          .unavailable,
          "source '\(id)' is not complete; run ingest --source \(id).manifest"
        )
      }
      let plan = try SourcePlan.load(
        state.manifestPath,
        options: options.reading(as: state.options) ?? options
      )
      guard plan.manifestDigest.hex == state.manifestDigest else {
        throw IngestError(
          .badData,
          "source '\(id)': \(state.manifestPath) is not the manifest that was committed"
        )
      }
      guard plan.profileDigest.hex == state.profileDigest else {
        throw IngestError(
          .refused,
          "source '\(id)': this machine has another profile (library versions); audit where the profile is the same"
        )
      }
      try plan.check(readBy: state.plugin, plugins)
      let plugin = try plan.plugin(of: plugins)
      return try await compare(plan, state, plugin)
    } catch let error as IngestError where error.description.contains("is not what was committed") {
      throw IngestError(.badData, error.description)
    } catch {
      throw IngestError(error)
    }
  }

  private func compare(
    _ plan: SourcePlan,
    _ state: SourceState,
    _ plugin: any SourcePlugin.Type
  ) async throws -> Result {
    let key =
      plan.manifest.confidential ? try KeyRing(store: store.folder).saltKey(of: state.id) : nil
    _ = try plugin.init(configuration: plan.configuration)
    var comparison = try AuditComparison(state, store, licenseCount: plan.licenses.entries.count)
    observer.began(source: state.id, totalBytes: plan.byteCount, resumedMembers: 0)
    let reading = SourceReading(plan: plan, asOf: state.asOf, saltKey: key, jobs: jobs)
    try reading.run(from: .start(of: 0), members: 0) { batch in try comparison.take(batch) }
    observer.ended(source: state.id)
    try comparison.finish()
    return Result(
      source: state.id,
      records: comparison.books.counts.records,
      sha256Root: state.sha256.root.hex
    )
  }
}
