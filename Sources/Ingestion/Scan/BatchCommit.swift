internal import CanonicalCoding
internal import Files
internal import Kernels
internal import Manifests
internal import Merkle

/// Gathers processed batches and commits them; what is committed already is compared instead.
struct BatchCommit {
  private let store: Store
  /// The state in the database.
  private var committed: SourceState
  /// The state after the rows that are gathered.
  private var state: SourceState
  /// The books of the scan from its start on.
  private(set) var books: ResumePoint
  private var rows: [LeafRow] = []
  private var ledger: [[UInt8]] = []
  private var byteCount = 0
  private var known: CommittedRows
  private let stopsAtRejection: Bool

  init(store: Store, state: SourceState, start: ResumePoint, stopsAtRejection: Bool = false) {
    self.store = store
    self.stopsAtRejection = stopsAtRejection
    committed = state
    self.state = state
    books = start
    known = CommittedRows(store: store, source: state.id)
  }

  /// Takes the next batch in the order of the source.
  mutating func take(_ batch: ProcessedBatch) throws {
    if stopsAtRejection { try refuseRejected(batch) }
    let first = rows.count
    for (offset, row) in batch.rows.enumerated() {
      let index = books.size + UInt64(offset)
      if index < committed.sha256.size {
        try known.compare(row, at: index)
        continue
      }
      rows.append(row)
      byteCount += row.descriptor.count + 219
    }
    let added = rows[first...]
    state.sha256.append(contentsOf: added.map(\.sha256), hashing: .sideBySide)
    state.poseidon2.append(contentsOf: added.map(\.poseidon2), hashing: NodeHashing(.best))
    for (offset, entry) in batch.ledger.enumerated() {
      let bytes = entry.bytes
      let index = books.ledgerCount + UInt64(offset)
      if index < committed.ledger.size {
        try known.compare(ledger: bytes, at: index)
        continue
      }
      ledger.append(bytes)
      byteCount += bytes.count
      state.ledger.append(SHA256TreeHasher.leaf(bytes))
    }
    books.add(batch)
    if books.size >= state.sha256.size, books.ledgerCount >= state.ledger.size {
      state.books = books
      if let checkpoint = batch.checkpoint {
        state.resume = books
        state.resume.checkpoint = checkpoint
      }
    }
    if rows.count >= SourceScanner.commitRows || byteCount >= SourceScanner.commitBytes {
      try commit()
    }
  }

  /// Names the first record that is rejected.
  private func refuseRejected(_ batch: ProcessedBatch) throws(IngestError) {
    guard batch.counts.rejected > 0 else { return }
    let entry = batch.ledger.first { ExclusionReason(rawValue: $0.reason) == nil }
    throw IngestError(
      .badData,
      "source '\(state.id)': \(entry?.locator ?? ""): \(entry?.reason ?? ""): \(entry?.detail ?? ""); stopped at the first rejected record, nothing is signed"
    )
  }

  /// Commits what is left and marks the source complete.
  mutating func finish() throws -> SourceState {
    guard books.size >= committed.sha256.size, books.ledgerCount >= committed.ledger.size else {
      throw IngestError(
        .unavailable,
        "source '\(state.id)': \(committed.sha256.size) records are committed, the source now gives \(books.size); restore the inputs, or give it a new source.version: what is gone becomes a tombstone in the next epoch"
      )
    }
    guard books.counts.close else {
      throw IngestError(
        .booksOpen,
        "source '\(state.id)': members do not equal records + rejected + excluded + skipped"
      )
    }
    state.books = books
    state.resume = books
    state.isComplete = true
    try commit()
    return committed
  }

  private mutating func commit() throws {
    var place: SegmentPlace?
    if !rows.isEmpty || !ledger.isEmpty {
      let segment = Segment(
        firstLeaf: committed.sha256.size,
        rows: rows,
        firstLedger: committed.ledger.size,
        ledger: ledger
      )
      place = try segment.write(to: store.folder(of: state.id))
    }
    try store.commit(state, replacing: committed, segment: place)
    committed = state
    rows.removeAll(keepingCapacity: true)
    ledger.removeAll(keepingCapacity: true)
    byteCount = 0
  }
}

/// The committed leaves of a source, read segment by segment while a scan goes over them again.
struct CommittedRows {
  private let store: Store
  private let source: String
  private var places: [SegmentPlace]?
  private var current: Segment?

  init(store: Store, source: String) {
    self.store = store
    self.source = source
  }

  /// - Throws: `IngestError` 69 naming the leaf whose record is not what it was.
  mutating func compare(_ row: LeafRow, at index: UInt64) throws {
    let segment = try load { index >= $0.firstLeaf && index < $0.firstLeaf + $0.leafCount }
    let stored = segment.rows[Int(index - segment.firstLeaf)]
    guard stored.sha256 == row.sha256, stored.poseidon2 == row.poseidon2 else {
      throw IngestError(
        .unavailable,
        "source '\(source)': record \(index) is not what was committed (leaf \(stored.sha256.hex) then, \(row.sha256.hex) now); restore the input or the manifest, or give it a new source.version: the next epoch has both"
      )
    }
  }

  /// The committed row of a leaf.
  mutating func row(at index: UInt64) throws -> LeafRow {
    let segment = try load { index >= $0.firstLeaf && index < $0.firstLeaf + $0.leafCount }
    return segment.rows[Int(index - segment.firstLeaf)]
  }

  /// The same for a ledger entry.
  mutating func compare(ledger entry: [UInt8], at index: UInt64) throws {
    let segment = try load { index >= $0.firstLedger && index < $0.firstLedger + $0.ledgerCount }
    guard segment.ledger[Int(index - segment.firstLedger)] == entry else {
      throw IngestError(
        .unavailable,
        "source '\(source)': ledger entry \(index) is not what was committed; restore the input"
      )
    }
  }

  private mutating func load(_ holds: (SegmentPlace) -> Bool) throws -> Segment {
    if let current {
      let place = SegmentPlace(
        firstLeaf: current.firstLeaf,
        leafCount: UInt64(current.rows.count),
        firstLedger: current.firstLedger,
        ledgerCount: UInt64(current.ledger.count),
        file: ""
      )
      if holds(place) { return current }
    }
    let list = try places ?? store.segments(of: source)
    places = list
    guard let place = list.first(where: holds) else {
      throw IngestError(
        .badData,
        "source '\(source)': a committed segment is missing; run ingest fsck"
      )
    }
    let segment = try store.segment(place, of: source)
    current = segment
    return segment
  }
}
