internal import CanonicalCoding
internal import Files
internal import Manifests
internal import Merkle
internal import SourceAPI

/// The files of one shard, as its receipt names them; none of them is believed.
struct ShardFiles {
  let plan: ScanPlan
  let shard: Shard
  let receipt: ShardReceipt
  let receiptPath: String

  private var folder: String { FilePaths.folder(of: receiptPath) }

  /// A line of a ledger is no longer: a locator and two texts.
  private static let lineLimit = 1 << 20
  /// Ledger entries that are handed over at once.
  private static let entriesAtOnce = 4096

  /// Hands all rows over, then everything that has no leaf; compares digests, leaf hashes and counts on the way.
  ///
  /// - Throws: `IngestError` 65 naming the file that is not what the receipt says, or what `take` throws.
  func read(saltKey: [UInt8]?, _ take: (ProcessedBatch) throws -> Void) throws {
    try check(ShardReceipt.rowsName, receipt.rows)
    try check(ShardReceipt.ledgerName, receipt.ledger)
    var leaves: LeafHashes?
    if let part = receipt.leaves {
      try check(ShardReceipt.leavesName, part)
      leaves = LeafHashes(file: try InputFile(path(ShardReceipt.leavesName)))
    }
    var counts = SourceCounts()
    let path = path(ShardReceipt.rowsName)
    guard var rows = try RowFile.Reader(path, identity: plan.rowIdentity(of: shard)) else {
      throw fault("\(path) are rows of another shard or plan")
    }
    while let form = try rows.next() {
      guard let batch = try? RowBatch(form[...]) else {
        throw fault("\(path) has a batch of a form that no worker writes")
      }
      let processed = try processed(batch, saltKey)
      if let differing = try leaves?.firstDifference(processed.rows) {
        throw fault(
          "record \(differing) of it has another leaf hash in \(folder) than its row gives: the worker had another salt key, or lies"
        )
      }
      counts += processed.counts
      try take(processed)
    }
    try readLedger { batch in
      let processed = try processed(batch, saltKey)
      counts += processed.counts
      try take(processed)
    }
    guard rows.offset == receipt.rows.byteCount, counts == receipt.counts, counts.close else {
      throw fault("the rows and the ledger in \(folder) do not give the counts of its receipt")
    }
  }

  private func path(_ name: String) -> String { FilePaths.join(folder, name) }

  private func fault(_ what: String) -> IngestError {
    IngestError(.badData, "shard \(shard.ordinal): \(what)")
  }

  private func check(_ name: String, _ part: ShardReceipt.Part) throws {
    let path = path(name)
    guard FilePaths.exists(path), try ManifestFiles.digest(of: path) == part.sha256.hex else {
      throw fault(
        "\(path) is missing or has another digest than its receipt says; run the shard again into an empty folder"
      )
    }
  }

  private func processed(
    _ batch: RowBatch,
    _ saltKey: [UInt8]?
  ) throws(IngestError) -> ProcessedBatch {
    try ProcessedBatch(
      batch,
      saltKey: saltKey,
      licenseCount: plan.source.licenses.entries.count
    )
  }

  /// The ledger line by line, in batches; the last of them has the members that were skipped.
  private func readLedger(_ take: (RowBatch) throws -> Void) throws {
    let path = path(ShardReceipt.ledgerName)
    var lines = try LineReader(path, limit: Self.lineLimit)
    var batch = RowBatch()
    while let line = try lines.next() {
      guard let object = (try? JSONParser.parse(line))?.object, let entry = LedgerEntry(object),
        entry.bytes == line
      else { throw fault("\(path) has a line that is no ledger entry") }
      batch.ledger.append(entry)
      if batch.ledger.count >= Self.entriesAtOnce {
        try take(batch)
        batch = RowBatch()
      }
    }
    batch.skipped = receipt.skipped
    try take(batch)
  }
}

/// The leaf hashes that a worker gave, beside those that its rows give.
private struct LeafHashes {
  let file: InputFile
  private var index: UInt64 = 0

  init(file: InputFile) { self.file = file }

  /// The number of the first row whose hashes are others.
  mutating func firstDifference(_ rows: [LeafRow]) throws -> UInt64? {
    guard let bytes = try file.bytes(at: 64 * index, 64 * rows.count) else { return index }
    for (offset, row) in rows.enumerated() {
      let own = row.sha256.bytes + row.poseidon2.bytes
      guard bytes[64 * offset..<64 * offset + 64].elementsEqual(own) else {
        return index + UInt64(offset)
      }
    }
    index += UInt64(rows.count)
    return nil
  }
}
