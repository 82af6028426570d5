public import CanonicalCoding
internal import Files
internal import Licensing
public import Manifests

/// What changes when another policy decides on the newest epoch.
public struct PolicyDifference: Sendable {
  /// A row of both decision tables that differs.
  public struct Change: Sendable {
    /// The row under the old policy.
    public let old: DecisionTable.Row
    /// The row under the new one.
    public let new: DecisionTable.Row
    /// The rules that spoke before.
    public let oldRules: [String]
    /// The rules that speak now.
    public let newRules: [String]
    /// Records under this row.
    public let records: UInt64
  }

  /// One record whose decision changes.
  public struct ChangedRecord: Sendable {
    /// The source.
    public let source: String
    /// Its place in the source's tree.
    public let leaf: UInt64
    /// The way back to it; `nil` for a confidential source.
    public let locator: String?
    /// The row that changes.
    public let change: Change
  }

  /// The day on which both decide.
  public let asOf: CivilDate
  /// The rows that differ, in order of the table.
  public let changes: [Change]
  /// All records of the epoch.
  public let recordCount: UInt64
  private let store: Store
  private let confidential: Set<String>

  /// Compares two policies over the newest epoch.
  ///
  /// - Throws: `IngestError`.
  public init(
    store: Store,
    old: PolicyFile,
    new: PolicyFile,
    asOf: CivilDate?
  ) throws(IngestError) {
    self.store = store
    let (inputs, committedDay) = try store.decisionInputs()
    let day = asOf ?? committedDay
    self.asOf = day
    let manifest: VerifiedManifest
    do {
      manifest = try VerifiedManifest(store.signedCommit(ofEpoch: store.latestEpoch()).commit)
    } catch {
      throw IngestError(error)
    }
    let sources = Dictionary(
      manifest.manifest.sources.map { ($0.id, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    confidential = Set(sources.values.filter(\.confidential).map(\.id))
    recordCount = manifest.manifest.counts.records
    let before = DecisionTable(inputs: inputs, policy: old.policy, asOf: day)
    let after = DecisionTable(inputs: inputs, policy: new.policy, asOf: day)
    var changes: [Change] = []
    for (index, (a, b)) in zip(before.rows, after.rows).enumerated() where a.decision != b.decision
    {
      let entry = sources[a.source]?.licenses[a.licenseIndex]
      changes.append(
        Change(
          old: a,
          new: b,
          oldRules: before.evaluations[index].steps.map(\.rule),
          newRules: after.evaluations[index].steps.map(\.rule),
          records: entry?.preferences[a.preference] ?? 0
        )
      )
    }
    self.changes = changes
  }

  /// Records whose decision changes.
  public var changedRecords: UInt64 { changes.reduce(0) { $0 + $1.records } }

  /// Gives every record whose decision changes, by source and leaf.
  ///
  /// - Throws: `IngestError`.
  /// - Complexity: O(records); one segment in memory.
  public func forEachRecord(_ body: (ChangedRecord) throws -> Void) throws {
    let bySource = Dictionary(grouping: changes, by: \.old.source)
    for (source, own) in bySource.sorted(by: { $0.key < $1.key }) {
      for place in try store.segments(of: source) {
        for (offset, row) in try store.segment(place, of: source).rows.enumerated()
        where row.tombstone == nil {
          let preference = Preference(rawValue: row.leaf.flags.rawValue >> 4 & 3) ?? .unknown
          guard
            let change = own.first(where: {
              $0.old.licenseIndex == Int(row.leaf.licenseIndex) && $0.old.preference == preference
            })
          else { continue }
          try body(
            ChangedRecord(
              source: source,
              leaf: place.firstLeaf + UInt64(offset),
              locator: confidential.contains(source) ? nil : CommittedReader.locator(row),
              change: change
            )
          )
        }
      }
    }
  }
}
