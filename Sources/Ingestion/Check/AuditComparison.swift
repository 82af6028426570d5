internal import Files
internal import Kernels
internal import Manifests
internal import Merkle

/// Compares a source that is read again with all that is committed of it: each record with its leaf, then the trees.
struct AuditComparison {
  private let state: SourceState
  private let store: Store
  private let order: ScanOrder
  private var known: CommittedRows
  private(set) var books: ResumePoint
  /// Live leaves that were met, where records do not stand as they are scanned.
  private var met: Set<UInt64> = []
  private var entries: Set<SHA256Hash> = []
  private var sha256 = CompactRange<SHA256TreeHasher>()
  private var poseidon2 = CompactRange<Poseidon2TreeHasher>()

  init(_ state: SourceState, _ store: Store, licenseCount: Int) throws(IngestError) {
    (self.state, self.store) = (state, store)
    order = try ScanOrder(state, in: store)
    known = CommittedRows(store: store, source: state.id)
    books = ResumePoint(licenseCount: licenseCount)
    guard !order.isPlain else { return }
    for place in try store.segments(of: state.id) {
      let segment = try store.segment(place, of: state.id)
      sha256.append(contentsOf: segment.rows.map(\.sha256), hashing: .sideBySide)
      poseidon2.append(contentsOf: segment.rows.map(\.poseidon2), hashing: NodeHashing(.best))
      for entry in segment.ledger { entries.insert(SHA256TreeHasher.leaf(entry)) }
    }
  }

  /// Live leaves.
  private var liveCount: UInt64 { state.sha256.size - state.tombstoneCount }

  private func fault(_ what: String) -> IngestError {
    IngestError(.badData, "source '\(state.id)': \(what)")
  }

  /// Takes the next batch of the scan.
  mutating func take(_ batch: ProcessedBatch) throws {
    let first = books.counts.records
    guard first + UInt64(batch.rows.count) <= liveCount else {
      throw fault("the source has more records than were committed")
    }
    let leaves = try order.leaves(of: first..<first + UInt64(batch.rows.count))
    for (row, leaf) in zip(batch.rows, leaves) {
      try known.compare(row, at: leaf)
      if !order.isPlain { met.insert(leaf) }
    }
    if order.isPlain {
      sha256.append(contentsOf: batch.rows.map(\.sha256), hashing: .sideBySide)
      poseidon2.append(contentsOf: batch.rows.map(\.poseidon2), hashing: NodeHashing(.best))
    }
    for (offset, entry) in batch.ledger.enumerated() {
      let bytes = entry.bytes
      guard order.isPlain else {
        guard entries.contains(SHA256TreeHasher.leaf(bytes)) else {
          throw fault("\(entry.locator) is left out now and was not when the source was committed")
        }
        continue
      }
      let index = books.ledgerCount + UInt64(offset)
      guard index < state.ledger.size else {
        throw fault("the source has more ledger entries than were committed")
      }
      try known.compare(ledger: bytes, at: index)
    }
    books.add(batch)
  }

  /// The end of the scan.
  ///
  /// - Throws: `IngestError` 65 where trees or counts are not those that are committed.
  func finish() throws {
    let committed = state.books.counts
    // What was removed is counted among the members, and is no part of the source any more.
    let isCounted =
      order.isPlain
      ? books.counts == committed
      : UInt64(met.count) == liveCount && books.counts.records == committed.records
        && books.counts.bytes == committed.bytes && books.counts.words == committed.words
        && books.counts.rejected == committed.rejected && books.counts.skipped == committed.skipped
    guard sha256.head == state.sha256.head, poseidon2.head == state.poseidon2.head, isCounted,
      books.licenses == state.books.licenses
    else { throw fault("roots or counts differ from the committed ones") }
  }
}
