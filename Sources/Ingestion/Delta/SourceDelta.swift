internal import CanonicalCoding
internal import Files
internal import Kernels
internal import Manifests
internal import Merkle
internal import SourceAPI

/// The next version of a source that stands in a signed epoch: what is still there keeps its leaf, what is gone becomes a
/// tombstone in its place, what is new is appended.
///
/// A record is still there when its leaf is: payload, normal form, license, place and all. Everything is committed in one
/// step at the end; a run that is killed before leaves the source as it was, and the next begins anew.
struct SourceDelta {
  let plan: SourcePlan
  let identity: PluginIdentity
  let manifestPath: String
  /// The day on which the policy decides.
  let asOf: CivilDate
  /// The day of the tombstones.
  let removalDay: CivilDate
  let store: Store
  /// The state that is signed.
  let before: SourceState

  /// The leaves that were live, by hash.
  private var leaves: [SHA256Hash: UInt64] = [:]
  private var entries: Set<SHA256Hash> = []
  private var isKept: [Bool]
  /// The leaf of each record, in the order of the scan.
  private var order: [UInt64] = []
  private var books: ResumePoint
  /// Reasons of records that this scan leaves out, by locator.
  private var excluded: [String: ExclusionReason] = [:]
  /// Leaves that are gone because a rule says so.
  private var ruledOut: Set<UInt64> = []
  private var added: [(sha256: SHA256Hash, poseidon2: Poseidon2Digest)] = []
  private var addedLedger: [SHA256Hash] = []
  private var rows: [LeafRow] = []
  private var ledger: [[UInt8]] = []
  private var byteCount = 0
  private var places: [SegmentPlace] = []

  /// Reads what is committed.
  init(
    _ plan: SourcePlan,
    identity: PluginIdentity,
    manifestPath: String,
    asOf: CivilDate,
    removalDay: CivilDate,
    store: Store,
    before: SourceState
  ) throws(IngestError) {
    (self.plan, self.identity, self.manifestPath) = (plan, identity, manifestPath)
    (self.asOf, self.removalDay) = (asOf, removalDay)
    (self.store, self.before) = (store, before)
    books = ResumePoint(licenseCount: plan.licenses.entries.count)
    isKept = Array(repeating: false, count: Int(before.sha256.size))
    for place in try store.segments(of: before.id) {
      let segment = try store.segment(place, of: before.id)
      for (offset, row) in segment.rows.enumerated() {
        let leaf = place.firstLeaf + UInt64(offset)
        if row.tombstone == nil { leaves[row.sha256] = leaf } else { isKept[Int(leaf)] = true }
      }
      for entry in segment.ledger { entries.insert(SHA256TreeHasher.leaf(entry)) }
    }
  }

  /// Takes the next batch in the order of the source.
  mutating func take(_ batch: ProcessedBatch) throws(IngestError) {
    for row in batch.rows {
      if let leaf = leaves[row.sha256], !isKept[Int(leaf)] {
        isKept[Int(leaf)] = true
        order.append(leaf)
        continue
      }
      order.append(before.sha256.size + UInt64(added.count))
      added.append((row.sha256, row.poseidon2))
      rows.append(row)
      byteCount += row.descriptor.count + 219
    }
    for entry in batch.ledger {
      if let reason = ExclusionReason(rawValue: entry.reason) { excluded[entry.locator] = reason }
      take(entry)
    }
    books.add(batch)
    if rows.count >= SourceScanner.commitRows || byteCount >= SourceScanner.commitBytes {
      try writeSegment()
    }
  }

  /// The ledger grows, and has no entry twice.
  private mutating func take(_ entry: LedgerEntry) {
    let bytes = entry.bytes
    let hash = SHA256TreeHasher.leaf(bytes)
    guard entries.insert(hash).inserted else { return }
    addedLedger.append(hash)
    ledger.append(bytes)
    byteCount += bytes.count
  }

  /// Writes gathered rows as a segment, which no commit names yet.
  private mutating func writeSegment() throws(IngestError) {
    guard !rows.isEmpty || !ledger.isEmpty else { return }
    let segment = Segment(
      firstLeaf: before.sha256.size + UInt64(added.count - rows.count),
      rows: rows,
      firstLedger: before.ledger.size + UInt64(addedLedger.count - ledger.count),
      ledger: ledger
    )
    do throws(FileError) {
      places.append(try segment.write(to: store.folder(of: before.id)))
    } catch {
      throw IngestError(error)
    }
    rows.removeAll(keepingCapacity: true)
    ledger.removeAll(keepingCapacity: true)
    byteCount = 0
  }

  /// Which records may be gone.
  enum Removals {
    /// None: the source is what it was.
    case none
    /// Those that a rule leaves out now; everything else is what it was.
    case excluded
    /// Any: the source is a new version.
    case any
  }

  /// Commits everything in one step.
  ///
  /// - Throws: `IngestError` 69 for records that are gone where nothing may be.
  mutating func finish(allows removals: Removals) throws -> SourceState {
    let removed = try tombstones()
    let unasked = removed.first { leaf in
      removals == .none || removals == .excluded && !ruledOut.contains(leaf.leaf)
    }
    if removals == .excluded, !added.isEmpty {
      throw IngestError(
        .unavailable,
        "source '\(before.id)': \(added.count) records are new; give it a new source.version and commit that first"
      )
    }
    if let first = unasked {
      throw IngestError(
        .unavailable,
        "source '\(before.id)': \(removed.count) committed records are gone, the first is leaf \(first.leaf); restore the inputs, or give it a new source.version: what is gone becomes a tombstone in the next epoch"
      )
    }
    // A tombstone counts days from 1970-01-01 on; archives of older days have an older as-of day by default.
    guard removed.isEmpty || removalDay.dayNumber >= 0 else {
      throw IngestError(
        .usage,
        "source '\(before.id)': records are gone, and a tombstone has no day before 1970-01-01 (it would be \(removalDay)); pass --as-of"
      )
    }
    guard books.counts.close else {
      throw IngestError(
        .booksOpen,
        "source '\(before.id)': members do not equal records + rejected + excluded + skipped"
      )
    }
    try writeSegment()
    var after = before
    let isSame = try removed.isEmpty && hasSameOrder()
    if !isSame {
      after.generation += 1
      try DurableFile.write(ScanOrder.bytes(order), to: ScanOrder.path(after, in: store))
    }
    if !removed.isEmpty { try rebuild(&after, removed) }
    after.sha256.append(contentsOf: added.map(\.sha256), hashing: .sideBySide)
    after.poseidon2.append(contentsOf: added.map(\.poseidon2), hashing: NodeHashing(.best))
    for hash in addedLedger { after.ledger.append(hash) }
    after.tombstoneCount += UInt64(removed.count)
    (after.manifestDigest, after.manifestPath) = (plan.manifestDigest.hex, manifestPath)
    (after.inputsDigest, after.options) = (plan.inputsDigest.hex, plan.options.whatIsRead)
    (after.profileDigest, after.plugin, after.asOf) = (plan.profileDigest.hex, identity, asOf)
    (books.size, books.ledgerCount) = (after.sha256.size, after.ledger.size)
    (after.books, after.resume, after.isComplete) = (books, books, true)
    try store.commit(after, replacing: before, segments: places, tombstones: removed)
    return after
  }

  /// Whether all records stand where they stood, and what is new came at the end.
  private func hasSameOrder() throws(IngestError) -> Bool {
    if before.generation == 0 { return order == Array(0..<UInt64(order.count)) }
    guard added.isEmpty else { return false }
    return try order == ScanOrder(before, in: store).leaves(of: 0..<UInt64(order.count))
  }

  /// What is gone, with its reasons; all tombstones are counted where this scan does not count them itself.
  private mutating func tombstones() throws -> [RemovedLeaf] {
    var removed: [RemovedLeaf] = []
    for place in try store.segments(of: before.id) {
      let segment = try store.segment(place, of: before.id)
      for (offset, row) in segment.rows.enumerated() {
        let leaf = place.firstLeaf + UInt64(offset)
        let locator = CommittedReader.locator(row)
        let reason: ExclusionReason
        let day: CivilDate
        if let tombstone = row.tombstone {
          (reason, day) = (tombstone.reason, tombstone.day)
        } else if !isKept[Int(leaf)] {
          (reason, day) = (excluded[locator] ?? .other, removalDay)
          if excluded[locator] != nil { ruledOut.insert(leaf) }
          removed.append(
            RemovedLeaf(leaf: leaf, reason: reason, day: day, generation: before.generation + 1)
          )
        } else {
          continue
        }
        guard excluded[locator] == nil else { continue }
        books.counts.members += 1
        books.counts.excluded[reason, default: 0] += 1
        books.reasons["excluded:\(reason.rawValue):tombstone", default: 0] += 1
        take(
          LedgerEntry(
            locator: locator,
            offset: 0,
            length: 0,
            reason: reason.rawValue,
            detail: "leaf \(leaf) is a tombstone of \(day)"
          )
        )
      }
    }
    return removed
  }

  /// The right edges of both trees with the tombstones in their places.
  private func rebuild(_ after: inout SourceState, _ removed: [RemovedLeaf]) throws(IngestError) {
    after.sha256 = CompactRange()
    after.poseidon2 = CompactRange()
    var rest = removed[...]
    for place in try store.segments(of: before.id) {
      let end = place.firstLeaf + place.leafCount
      let own = rest.prefix { $0.leaf < end }
      rest = rest.dropFirst(own.count)
      let segment = try store.segment(place, of: before.id).removing(Array(own))
      after.sha256.append(contentsOf: segment.rows.map(\.sha256), hashing: .sideBySide)
      after.poseidon2.append(
        contentsOf: segment.rows.map(\.poseidon2),
        hashing: NodeHashing(.best)
      )
    }
  }
}
