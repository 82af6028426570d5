public import CanonicalCoding
internal import Files
public import Licensing
public import Manifests
public import Merkle
public import SourceAPI

/// What a run will read: the epoch, the decisions, the records that are taken, and their order.
public struct FeedPlan: Sendable {
  /// What the command line says.
  public struct Options: Sendable {
    /// The policy's file.
    public var policyPath = ""
    /// What the records are read for.
    public var use = Use.train
    /// The day on which the policy decides; `nil` for that of the epoch.
    public var asOf: CivilDate?
    /// The order.
    public var order = TrainingReceipt.Order.committed
    /// Which of the allowed records.
    public var selection = FeedSelection.all
    /// Nothing said.
    public init() {}
  }

  /// A record that is read.
  public struct Record: Hashable, Sendable {
    /// The index of its source in the epoch.
    public let source: UInt32
    /// Its place in the source's tree.
    public let leaf: UInt64
    /// SHA-256 of its content.
    public let contentDigest: SHA256Hash
    /// Bytes of its content.
    public let byteCount: UInt32
    /// Words of its content.
    public let wordCount: UInt32
    /// Its license entry.
    public let licenseIndex: UInt16
  }

  /// The epoch.
  public let manifest: VerifiedManifest
  /// The policy.
  public let policy: PolicyFile
  /// The day.
  public let asOf: CivilDate
  /// What it decides.
  public let table: DecisionTable
  /// What the command line says.
  public let options: Options
  /// The sources in the order of the epoch.
  public let sources: [SourceRecord]
  /// The records that are read, in the order of the registry.
  public let records: [Record]
  /// For each position the record's number in `records`.
  public let order: [UInt32]
  /// Records that the epoch has and this run does not read.
  public let refusedCount: UInt64

  /// Plans a run over the newest epoch of a store.
  ///
  /// - Throws: `IngestError`: 69 without an epoch, 77 when the policy allows nothing that is asked for, 78 for a bad policy.
  public init(
    store: Store,
    plugins: [String: any SourcePlugin.Type],
    options: Options
  ) throws(IngestError) {
    let epoch = try store.latestEpoch()
    guard epoch > 0 else {
      throw IngestError(.unavailable, "no epoch is signed yet; run ingest --source FILE")
    }
    do {
      manifest = try VerifiedManifest(store.signedCommit(ofEpoch: epoch).commit)
      policy = try PolicyFile.decode(
        InputFile.contents(of: options.policyPath, limit: YAMLReader.sizeLimit + 1),
        file: options.policyPath
      )
    } catch {
      throw IngestError(error)
    }
    self.options = options
    asOf = options.asOf ?? manifest.manifest.policy.asOf
    guard policy.policy.uses.contains(options.use) else {
      let uses = policy.policy.uses.map(\.rawValue).joined(separator: ", ")
      throw IngestError(
        .refused,
        "\(options.policyPath): decides on \(uses), not on \(options.use.rawValue); pass a policy for that use"
      )
    }
    let reviews = try store.reviews(ofEpoch: epoch)
    sources = try manifest.manifest.sources.map { source throws(IngestError) in
      guard var record = try SourceRecord.load(source.id, from: store),
        record.commitment == source
      else {
        throw IngestError(
          .unavailable,
          "source '\(source.id)' is not as epoch \(epoch) has it; finish its scan: ingest --source \(source.id).manifest"
        )
      }
      record.manifest.reviews = reviews[source.id] ?? .empty
      return record
    }
    table = DecisionTable(manifests: sources.map(\.manifest), policy: policy.policy, asOf: asOf)
    (records, refusedCount) = try Self.select(store, sources, table, asOf, options.selection)
    guard !records.isEmpty else {
      throw IngestError(
        .refused,
        "the policy and --select leave none of \(refusedCount) records on \(asOf); ingest explain RECORD says why"
      )
    }
    switch options.order {
    case .committed: order = (0..<UInt32(records.count)).map { $0 }
    case .seeded(let seed, _):
      order = TrainingOrder.permutation(
        count: records.count,
        combined: manifest.digest,
        seed: seed
      )
    }
  }

  /// Every record whose row in the table may be used, in the order of the registry.
  private static func select(
    _ store: Store,
    _ sources: [SourceRecord],
    _ table: DecisionTable,
    _ asOf: CivilDate,
    _ selection: FeedSelection
  ) throws(IngestError) -> ([Record], UInt64) {
    var records: [Record] = []
    var refused: UInt64 = 0
    for (index, source) in sources.enumerated() {
      let entries = source.commitment.licenses
      var usable = [[Bool]](repeating: [false, false, false], count: entries.count)
      for row in table.rows where row.source == source.manifest.id {
        usable[row.licenseIndex][Int(row.preference.rawValue)] = row.isUsable(on: asOf)
      }
      let first = records.count
      for place in try store.segments(of: source.manifest.id) {
        let segment = try store.segment(place, of: source.manifest.id)
        for (offset, row) in segment.rows.enumerated() where row.tombstone == nil {
          let entry = Int(row.leaf.licenseIndex)
          let preference = Int(row.leaf.flags.rawValue >> 4 & 3)
          guard entry < usable.count, usable[entry][preference],
            selection.takes(
              row,
              source: source.manifest.id,
              license: entries[entry].expression
            )
          else {
            refused += 1
            continue
          }
          records.append(
            Record(
              source: UInt32(index),
              leaf: segment.firstLeaf + UInt64(offset),
              contentDigest: row.leaf.contentDigest,
              byteCount: UInt32(row.leaf.contentByteCount),
              wordCount: UInt32(row.leaf.wordCount),
              licenseIndex: row.leaf.licenseIndex
            )
          )
        }
      }
      // Records are read in the order of the source, which is not that of leaves where some were removed.
      let order = try ScanOrder(source.state, in: store)
      if !order.isPlain {
        let live = source.state.sha256.size - source.state.tombstoneCount
        let leaves = try order.leaves(of: 0..<live)
        let positions = Dictionary(
          leaves.enumerated().map { ($0.element, $0.offset) },
          uniquingKeysWith: { earlier, _ in earlier }
        )
        records[first...].sort { positions[$0.leaf] ?? 0 < positions[$1.leaf] ?? 0 }
      }
    }
    guard records.count <= UInt32.max else {
      throw IngestError(.usage, "more than 2^32 records; narrow --select")
    }
    return (records, refused)
  }

  /// The record at a position.
  public func record(at position: Int) -> Record { records[Int(order[position])] }
}
