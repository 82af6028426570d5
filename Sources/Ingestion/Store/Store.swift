internal import CanonicalCoding
internal import Files
internal import GRDB
public import Manifests
internal import Merkle

/// A folder that holds everything committed: an SQLite file as the commit point, immutable segments
/// and tiles as the data, keys, and the signed epochs.
///
/// One writer: the lock is taken when a store is opened for writing, and every commit is a
/// compare-and-swap on size and root besides.
public final class Store: Sendable {
  /// The store's folder.
  public let folder: String
  private let lock: FileLock?
  private let database: DatabaseQueue

  /// Opens a store, and makes it when `creates` says so.
  ///
  /// - Throws: `IngestError`: 75 when another writer holds it, 74 for input and output.
  public init(_ folder: String, isWriter: Bool) throws(IngestError) {
    self.folder = folder
    do {
      if isWriter {
        try DurableFile.makeFolder(folder)
        lock = try FileLock(FilePaths.join(folder, "lock"))
      } else {
        lock = nil
        guard FilePaths.exists(FilePaths.join(folder, "store.sqlite")) else {
          throw IngestError(
            .unavailable,
            "\(folder): there is no store here; commit a source first: ingest --source FILE"
          )
        }
      }
      database = try StoreDatabase.open(FilePaths.join(folder, "store.sqlite"), isWriter: isWriter)
    } catch let error as DatabaseError {
      throw IngestError(
        .inputOutput,
        "\(folder)/store.sqlite: \(error.message ?? "cannot be opened")"
      )
    } catch {
      throw IngestError(error)
    }
  }

  /// The folder of one source.
  public func folder(of source: String) -> String { FilePaths.join(folder, "sources/\(source)") }
  /// The folder of one epoch.
  public func folder(ofEpoch epoch: UInt64) -> String { FilePaths.join(folder, "epochs/\(epoch)") }

  // MARK: sources

  /// The ids of all sources, in order.
  public func sourceIdentifiers() throws(IngestError) -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT id FROM source ORDER BY id") }
  }

  /// The state of a source, or `nil` if nothing is known of it.
  public func state(of source: String) throws(IngestError) -> SourceState? {
    let text = try read {
      try String.fetchOne($0, sql: "SELECT state FROM source WHERE id = ?", arguments: [source])
    }
    guard let text else { return nil }
    guard let json = try? JSONParser.parse(Array(text.utf8)),
      let state = SourceState(id: source, json)
    else {
      throw IngestError(
        .badData,
        "\(folder): the row of source '\(source)' is damaged; run ingest fsck"
      )
    }
    return state
  }

  /// Commits a segment and the state after it: the commit point.
  ///
  /// The segment file must be durable already. The row changes only if size and root are still those
  /// of `before`.
  ///
  /// - Throws: `IngestError`: 75 when another writer was faster.
  public func commit(_ after: SourceState, replacing before: SourceState?, segment: SegmentPlace?)
    throws(IngestError)
  {
    try commit(after, replacing: before, segments: segment.map { [$0] } ?? [], tombstones: [])
  }

  /// The same with several segments, and leaves that are tombstones from now on.
  func commit(
    _ after: SourceState,
    replacing before: SourceState?,
    segments: [SegmentPlace],
    tombstones: [RemovedLeaf]
  ) throws(IngestError) {
    let text = String(decoding: CanonicalJSON.encode(after.json), as: UTF8.self)
    let swapped = try write { database -> Bool in
      if let before {
        try database.execute(
          sql:
            "UPDATE source SET size = ?, root = ?, state = ? WHERE id = ? AND size = ? AND root = ?",
          arguments: [
            Int64(after.sha256.size), after.sha256.root.hex, text, after.id,
            Int64(before.sha256.size),
            before.sha256.root.hex,
          ]
        )
        guard database.changesCount == 1 else { return false }
      } else {
        try database.execute(
          sql: "INSERT INTO source (id, size, root, state) VALUES (?, ?, ?, ?)",
          arguments: [after.id, Int64(after.sha256.size), after.sha256.root.hex, text]
        )
      }
      for removed in tombstones {
        try database.execute(
          sql:
            "INSERT INTO tombstone (source, leaf, reason, day, generation) VALUES (?, ?, ?, ?, ?)",
          arguments: [
            after.id, Int64(removed.leaf), removed.reason.rawValue, removed.day.description,
            Int64(removed.generation),
          ]
        )
      }
      for segment in segments {
        try database.execute(
          sql:
            "INSERT INTO segment (source, firstLeaf, leafCount, firstLedger, ledgerCount, file) VALUES (?, ?, ?, ?, ?, ?)",
          arguments: [
            after.id, Int64(segment.firstLeaf), Int64(segment.leafCount),
            Int64(segment.firstLedger),
            Int64(segment.ledgerCount), segment.file,
          ]
        )
      }
      return true
    }
    guard swapped else {
      throw IngestError(
        .locked,
        "\(folder): source '\(after.id)' was changed by another writer; run again"
      )
    }
  }

  /// Forgets a source that no epoch holds.
  public func discard(_ source: String) throws(IngestError) {
    try write { database in
      try database.execute(sql: "DELETE FROM segment WHERE source = ?", arguments: [source])
      try database.execute(sql: "DELETE FROM tombstone WHERE source = ?", arguments: [source])
      try database.execute(sql: "DELETE FROM source WHERE id = ?", arguments: [source])
    }
    do throws(FileError) {
      let path = folder(of: source)
      if FilePaths.isFolder(path) { try FolderWalk.removeTree(path) }
    } catch {
      throw IngestError(error)
    }
  }

  // MARK: segments

  /// The segments of a source in order.
  public func segments(of source: String) throws(IngestError) -> [SegmentPlace] {
    try read { database in
      try Row.fetchAll(
        database,
        sql:
          "SELECT firstLeaf, leafCount, firstLedger, ledgerCount, file FROM segment WHERE source = ? ORDER BY firstLeaf, firstLedger",
        arguments: [source]
      ).map {
        SegmentPlace(
          firstLeaf: UInt64($0[0] as Int64),
          leafCount: UInt64($0[1] as Int64),
          firstLedger: UInt64($0[2] as Int64),
          ledgerCount: UInt64($0[3] as Int64),
          file: $0[4]
        )
      }
    }
  }

  /// Reads a segment and hashes its leaves anew.
  ///
  /// - Throws: `IngestError`: 65 naming the file when its bytes are not those that were committed.
  public func segment(_ place: SegmentPlace, of source: String) throws(IngestError) -> Segment {
    let path = FilePaths.join(folder(of: source), "segments/\(place.file)")
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(of: path, limit: 1 << 30)
    } catch {
      throw error.isMissing
        ? IngestError(.badData, "\(path): is missing; restore the store from a copy")
        : IngestError(error)
    }
    let segment: Segment
    do throws(Segment.Failure) {
      segment = try Segment(bytes)
    } catch {
      throw IngestError(.badData, "\(path): \(Self.describe(error)); restore the store from a copy")
    }
    guard segment.firstLeaf == place.firstLeaf, UInt64(segment.rows.count) == place.leafCount,
      segment.firstLedger == place.firstLedger, UInt64(segment.ledger.count) == place.ledgerCount
    else { throw IngestError(.badData, "\(path): is not the segment that was committed here") }
    let removed = try tombstones(
      of: source,
      place.firstLeaf..<place.firstLeaf + place.leafCount
    )
    return removed.isEmpty ? segment : segment.removing(removed)
  }

  /// The leaves of a source that are tombstones, in order.
  func tombstones(
    of source: String,
    _ range: Range<UInt64> = 0..<UInt64(Int64.max)
  ) throws(IngestError) -> [RemovedLeaf] {
    let found = try read { database in
      // Stores of earlier builds, opened to be read, have no such table.
      guard try database.tableExists("tombstone") else {
        return [(UInt64, String, String, UInt64)]()
      }
      return try Row.fetchAll(
        database,
        sql:
          "SELECT leaf, reason, day, generation FROM tombstone WHERE source = ? AND leaf >= ? AND leaf < ? ORDER BY leaf",
        arguments: [source, Int64(range.lowerBound), Int64(range.upperBound)]
      ).map { (UInt64($0[0] as Int64), $0[1] as String, $0[2] as String, UInt64($0[3] as Int64)) }
    }
    var removed: [RemovedLeaf] = []
    for (leaf, reason, day, generation) in found {
      guard let reason = ExclusionReason(rawValue: reason), let day = CivilDate(day) else {
        throw IngestError(.badData, "\(folder): a tombstone of '\(source)' is damaged")
      }
      removed.append(RemovedLeaf(leaf: leaf, reason: reason, day: day, generation: generation))
    }
    return removed
  }

  private static func describe(_ failure: Segment.Failure) -> String {
    switch failure {
    case .digest: "its bytes do not have their digest: the file was changed"
    case .form(let offset): "is no segment at byte \(offset)"
    case .leafHash(let index): "the stored hash of leaf \(index) is not that of its bytes"
    }
  }

  /// Removes segment files that no commit names: what a crash left between write and commit.
  func removeOrphans(of source: String) throws(IngestError) {
    let folder = FilePaths.join(folder(of: source), "segments")
    guard FilePaths.isFolder(folder) else { return }
    let known = Set(try segments(of: source).map(\.file))
    do throws(FileError) {
      for entry in try FolderWalk.entries(of: folder) {
        let name = String(decoding: entry.name, as: UTF8.self)
        if !known.contains(name) { try DurableFile.remove(FilePaths.join(folder, name)) }
      }
    } catch {
      throw IngestError(error)
    }
  }

  /// Removes the rows that came early; those of a complete source are all in its segments.
  func removeAhead(of source: String) throws(IngestError) {
    let path = FilePaths.join(folder(of: source), "ahead")
    guard FilePaths.isFolder(path) else { return }
    do throws(FileError) { try FolderWalk.removeTree(path) } catch { throw IngestError(error) }
  }

  // MARK: epochs

  /// The newest epoch, 0 before the first.
  public func latestEpoch() throws(IngestError) -> UInt64 {
    let number = try read { try Int64.fetchOne($0, sql: "SELECT max(number) FROM epoch") }
    return UInt64(number ?? 0)
  }

  /// Records an epoch and that its sources are signed in it.
  public func commit(epoch: UInt64, digest: String, states: [SourceState]) throws(IngestError) {
    try write { database in
      try database.execute(
        sql: "INSERT INTO epoch (number, digest) VALUES (?, ?)",
        arguments: [Int64(epoch), digest]
      )
      for state in states {
        let text = String(decoding: CanonicalJSON.encode(state.json), as: UTF8.self)
        try database.execute(
          sql: "UPDATE source SET state = ? WHERE id = ?",
          arguments: [text, state.id]
        )
      }
    }
  }

  /// The digest of an epoch's commit file.
  public func digest(ofEpoch epoch: UInt64) throws(IngestError) -> String? {
    try read {
      try String.fetchOne(
        $0,
        sql: "SELECT digest FROM epoch WHERE number = ?",
        arguments: [Int64(epoch)]
      )
    }
  }

  /// The signed commit file of an epoch.
  public func signedCommit(ofEpoch epoch: UInt64) throws(IngestError) -> SignedCommit {
    do {
      let folder = folder(ofEpoch: epoch)
      let commit = try InputFile.contents(
        of: FilePaths.join(folder, "combined.commit.json"),
        limit: 1 << 28
      )
      let text = try InputFile.contents(
        of: FilePaths.join(folder, "combined.commit.dsse.json"),
        limit: 1 << 24
      )
      return SignedCommit(commit: commit, envelope: try DSSEEnvelope(try JSONParser.parse(text)))
    } catch let error as FileError where error.isMissing {
      throw IngestError(.unavailable, "there is no epoch \(epoch) in \(self.folder)")
    } catch let error as JSONError {
      throw IngestError(.badData, "epoch \(epoch): the envelope is no JSON (\(error.code))")
    } catch {
      throw IngestError(error)
    }
  }

  // MARK: access

  private func read<Value>(_ body: (Database) throws -> Value) throws(IngestError) -> Value {
    do { return try database.read(body) } catch { throw Self.wrap(error, folder) }
  }

  private func write<Value>(_ body: (Database) throws -> Value) throws(IngestError) -> Value {
    do { return try database.write(body) } catch { throw Self.wrap(error, folder) }
  }

  private static func wrap(_ error: any Error, _ folder: String) -> IngestError {
    guard let error = error as? DatabaseError else { return IngestError(error) }
    let isLocked = error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED
    let isCorrupt = error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
    return IngestError(
      isLocked ? .locked : isCorrupt ? .badData : .inputOutput,
      "\(folder)/store.sqlite: \(error.message ?? "failed")"
    )
  }
}

/// A leaf that is a tombstone.
struct RemovedLeaf: Hashable, Sendable {
  /// The position in the tree.
  let leaf: UInt64
  let reason: ExclusionReason
  let day: CivilDate
  /// The generation of the source that removed it.
  let generation: UInt64
}

/// Where a committed batch lies.
public struct SegmentPlace: Hashable, Sendable {
  /// The index of the first leaf.
  public let firstLeaf: UInt64
  /// The number of leaves.
  public let leafCount: UInt64
  /// The index of the first ledger entry.
  public let firstLedger: UInt64
  /// The number of ledger entries.
  public let ledgerCount: UInt64
  /// The name in the source's folder `segments`.
  public let file: String
}
