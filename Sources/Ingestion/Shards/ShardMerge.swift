internal import CanonicalCoding
internal import Files
internal import Manifests
internal import SourceAPI

/// Takes the receipts of a plan's shards over into a store: exactly one for each, every file compared with its digest and
/// every leaf hashed anew.
struct ShardMerge {
  private let plan: ScanPlan
  private let shards: [ShardFiles]

  /// Finds the receipts below some paths and checks that each shard has exactly one.
  ///
  /// - Parameters:
  ///   - plan: the plan.
  ///   - paths: receipts, or folders that are searched for them.
  /// - Throws: `IngestError` 65 naming the shards that are missing, or both receipts that differ.
  init(_ plan: ScanPlan, receipts paths: [String]) throws(IngestError) {
    var byOrdinal: [Int: ShardFiles] = [:]
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
          byOrdinal[receipt.ordinal] = ShardFiles(
            plan: plan,
            shard: plan.shards[receipt.ordinal],
            receipt: receipt,
            receiptPath: path
          )
          continue
        }
        guard other.receipt.digest == receipt.digest else {
          throw IngestError(
            .badData,
            "nondeterministic shard \(receipt.ordinal): \(other.receiptPath) and \(path) say different things; nothing is merged"
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
    shards = plan.shards.compactMap { byOrdinal[$0.ordinal] }
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
      let isUnfinished = FilePaths.name(of: path).contains(ShardReceipt.unfinishedMark)
      if entry.kind == .folder, !isUnfinished { try collect(path, &files) }
      if entry.kind == .file, FilePaths.name(of: path) == ShardReceipt.name { files.append(path) }
    }
  }

  /// Commits all rows, in the order of the plan.
  ///
  /// Every file of every shard is read twice: first to check it, and only when nothing is wrong with any to commit it, so
  /// that a lying shard leaves nothing behind.
  func run(into store: Store, observer: any ScanObserver) throws -> SourceState {
    let source = plan.source
    let key =
      source.manifest.confidential
      ? try KeyRing(store: store.folder).saltKey(of: source.manifest.id) : nil
    for shard in shards { try shard.read(saltKey: key) { _ in } }
    if let state = try store.state(of: source.manifest.id), state.generation > 0 {
      throw IngestError(
        .refused,
        "source '\(state.id)': records were removed from it, so that shards cannot be compared with its leaves in order; scan it here: ingest --source \(state.manifestPath)"
      )
    }
    // What an earlier merge or scan left half done may come from other files: it is not compared, it goes.
    if let left = try store.state(of: source.manifest.id), !left.isComplete, left.signedEpoch == 0 {
      try store.discard(left.id)
    }
    let path = FilePaths.join(source.folder, FilePaths.name(of: source.manifest.file))
    let (state, _) = try ScanStart(
      source,
      plugin: plan.plugin,
      manifestPath: FilePaths.resolved(path) ?? path,
      asOf: plan.asOf
    ).begin(store)
    try store.removeOrphans(of: state.id)
    // Always from the first shard: what the store has already is compared.
    let start = ResumePoint(licenseCount: source.licenses.entries.count)
    observer.began(source: state.id, totalBytes: source.byteCount, resumedMembers: 0)
    var commit = BatchCommit(store: store, state: state, start: start)
    for shard in shards {
      let readBytes = source.inputs[..<shard.shard.inputs.upperBound]
        .reduce(0) { $0 + $1.fingerprint.byteCount }
      try shard.read(saltKey: key) { batch in
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
            readBytes: readBytes,
            totalBytes: source.byteCount
          )
        )
      }
    }
    let complete = try commit.finish()
    observer.ended(source: state.id)
    return complete
  }
}
