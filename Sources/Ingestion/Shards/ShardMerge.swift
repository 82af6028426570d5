internal import CanonicalCoding
internal import Crypto
internal import Files
internal import Manifests
internal import Merkle
internal import SourceAPI

/// Takes the receipts of a plan's shards over into a store: exactly one for each, every file compared with its digest and
/// every leaf hashed anew.
struct ShardMerge {
  /// A receipt with the folder of its files.
  struct Found {
    let receipt: ShardReceipt
    let path: String
    var folder: String { FilePaths.folder(of: path) }
  }

  private let plan: ScanPlan
  private let found: [Found]

  /// Finds the receipts below some paths and checks that each shard has exactly one.
  ///
  /// - Parameters:
  ///   - plan: the plan.
  ///   - paths: receipts, or folders that are searched for them.
  /// - Throws: `IngestError` 65 naming the shards that are missing, or both receipts that differ.
  init(_ plan: ScanPlan, receipts paths: [String]) throws(IngestError) {
    var byOrdinal: [Int: Found] = [:]
    let identifier = plan.identifier
    do {
      for (path, isNamed) in try Self.expand(paths) {
        let receipt = try ShardReceipt(InputFile.contents(of: path, limit: 1 << 20), file: path)
        // A folder may hold the shards of other plans too.
        if !isNamed, receipt.plan != identifier { continue }
        guard receipt.plan == identifier, plan.shards.indices.contains(receipt.ordinal) else {
          throw IngestError(
            .badData,
            "\(path): is a receipt of shard \(receipt.ordinal) of the plan \(receipt.plan.hex.prefix(16))…, not of \(identifier.hex.prefix(16))…"
          )
        }
        guard receipt.inputDigest == plan.inputDigest(of: plan.shards[receipt.ordinal]) else {
          throw IngestError(
            .badData,
            "\(path): is a receipt of shard \(receipt.ordinal) over other inputs than the plan has there"
          )
        }
        guard let other = byOrdinal[receipt.ordinal] else {
          byOrdinal[receipt.ordinal] = Found(receipt: receipt, path: path)
          continue
        }
        guard other.receipt.digest == receipt.digest else {
          throw IngestError(
            .badData,
            "nondeterministic shard \(receipt.ordinal): \(other.path) and \(path) say different things; nothing is merged"
          )
        }
      }
    } catch {
      throw IngestError(error)
    }
    let missing = plan.shards.map(\.ordinal).filter { byOrdinal[$0] == nil }
    guard missing.isEmpty else {
      let names = missing.prefix(20).map(String.init).joined(separator: ", ")
      throw IngestError(
        .badData,
        "no receipt for shard \(names)\(missing.count > 20 ? " and \(missing.count - 20) others" : ""); run ingest shard for each, then merge again"
      )
    }
    self.plan = plan
    found = plan.shards.compactMap { byOrdinal[$0.ordinal] }
  }

  /// The receipts, and whether somebody named each of them.
  private static func expand(_ paths: [String]) throws(FileError) -> [(String, Bool)] {
    var files: [(String, Bool)] = []
    for path in paths {
      guard FilePaths.isFolder(path) else {
        files.append((path, true))
        continue
      }
      var found: [String] = []
      try collect(path, &found)
      files += found.map { ($0, false) }
    }
    return files
  }

  private static func collect(_ folder: String, _ files: inout [String]) throws(FileError) {
    for entry in try FolderWalk.entries(of: folder) {
      let path = FilePaths.join(folder, PathText.text(of: entry.name))
      // What a shard had not finished is nobody's receipt.
      if entry.kind == .folder, !path.contains(".part-") { try collect(path, &files) }
      if entry.kind == .file, FilePaths.name(of: path) == ShardReceipt.name { files.append(path) }
    }
  }

  /// Commits all rows, in the order of the plan.
  func run(into store: Store, observer: any ScanObserver) throws -> SourceState {
    let source = plan.source
    let path = FilePaths.join(source.folder, FilePaths.name(of: source.manifest.file))
    let (state, _) = try ScanStart(
      source,
      manifestPath: FilePaths.resolved(path) ?? path,
      asOf: plan.asOf
    ).begin(store)
    try store.removeOrphans(of: state.id)
    let key =
      source.manifest.confidential ? try KeyRing(store: store.folder).saltKey(of: state.id) : nil
    // Always from the first shard: what the store has already is compared.
    let start = ResumePoint(licenseCount: source.licenses.entries.count)
    observer.began(source: state.id, totalBytes: source.byteCount, resumedMembers: 0)
    var commit = BatchCommit(store: store, state: state, start: start)
    for (shard, found) in zip(plan.shards, self.found) {
      try merge(shard, found, key) { batch in
        try commit.take(batch)
        observer.advanced(
          ScanProgress(
            source: state.id,
            records: commit.books.counts.records,
            rejected: commit.books.counts.rejected,
            excluded: commit.books.counts.excludedTotal,
            skipped: commit.books.counts.skipped,
            newRecords: commit.books.counts.records,
            newPayloadBytes: 0,
            readBytes: source.inputs[..<shard.inputs.upperBound]
              .reduce(0) { $0 + $1.fingerprint.byteCount },
            totalBytes: source.byteCount
          )
        )
      }
    }
    let complete = try commit.finish()
    observer.ended(source: state.id)
    return complete
  }

  private func merge(
    _ shard: Shard,
    _ found: Found,
    _ saltKey: [UInt8]?,
    _ take: (ProcessedBatch) throws -> Void
  ) throws {
    let receipt = found.receipt
    for (name, part) in [
      (ShardReceipt.rowsName, receipt.rows), (ShardReceipt.ledgerName, receipt.ledger),
    ] { try check(FilePaths.join(found.folder, name), part, shard) }
    var leaves: LeafHashes?
    if let part = receipt.leaves {
      let path = FilePaths.join(found.folder, ShardReceipt.leavesName)
      try check(path, part, shard)
      leaves = LeafHashes(file: try InputFile(path))
    }
    var counts = SourceCounts()
    let path = FilePaths.join(found.folder, ShardReceipt.rowsName)
    guard var rows = try RowFile.Reader(path, identity: plan.rowIdentity(of: shard)) else {
      throw IngestError(
        .badData,
        "shard \(shard.ordinal): \(path) are rows of another shard or plan"
      )
    }
    while let form = try rows.next() {
      guard let batch = try? RowBatch(form[...]) else {
        throw IngestError(.badData, "\(path): a batch of a form that no worker writes")
      }
      let processed = try processed(batch, saltKey)
      if let differing = try leaves?.firstDifference(processed.rows) {
        throw IngestError(
          .badData,
          "shard \(shard.ordinal): record \(differing) of it has another leaf hash in \(found.folder) than its row gives: the worker had another salt key, or lies"
        )
      }
      counts += processed.counts
      try take(processed)
    }
    let rest = try processed(try ledger(found), saltKey)
    counts += rest.counts
    try take(rest)
    guard rows.offset == receipt.rows.byteCount, counts == receipt.counts, counts.close else {
      throw IngestError(
        .badData,
        "shard \(shard.ordinal): the rows and the ledger in \(found.folder) do not give the counts of its receipt"
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

  /// Everything of a shard that has no leaf.
  private func ledger(_ found: Found) throws -> RowBatch {
    let path = FilePaths.join(found.folder, ShardReceipt.ledgerName)
    var batch = RowBatch()
    batch.skipped = found.receipt.skipped
    for line in try InputFile.contents(of: path, limit: 1 << 31).split(separator: 0x0A) {
      guard let object = (try? JSONParser.parse(Array(line)))?.object,
        let entry = LedgerEntry(object), entry.bytes.elementsEqual(line)
      else { throw IngestError(.badData, "\(path): a line that is no ledger entry") }
      batch.ledger.append(entry)
    }
    return batch
  }

  private func check(_ path: String, _ part: ShardReceipt.Part, _ shard: Shard) throws {
    guard FilePaths.exists(path), try ManifestFiles.digest(of: path) == part.sha256.hex else {
      throw IngestError(
        .badData,
        "shard \(shard.ordinal): \(path) is missing or has another digest than its receipt says; run the shard again into an empty folder"
      )
    }
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
