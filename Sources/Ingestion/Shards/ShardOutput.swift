internal import CanonicalCoding
internal import Crypto
internal import Files
internal import Manifests
internal import Merkle

/// Writes what a shard gives, so that the files depend on its records alone: batches of a worker, which depend on how much
/// was read at once, are cut anew.
final class ShardOutput {
  /// Rows of one batch in the file.
  static let rowGoal = 4096

  /// What was written.
  struct Result {
    var counts: SourceCounts
    var skipped: [String: UInt64]
    var rows: ShardReceipt.Part
    var ledger: ShardReceipt.Part
    var leaves: ShardReceipt.Part?
  }

  private let rows: DigestedFile
  private let ledger: DigestedFile
  private let leaves: DigestedFile?
  private var pending = RowBatch()
  private var counts = SourceCounts()
  private var skipped: [String: UInt64] = [:]

  /// Begins the files in a folder that nobody else writes to.
  init(_ folder: String, identity: SHA256Hash, hasLeaves: Bool) throws(FileError) {
    rows = try DigestedFile(FilePaths.join(folder, ShardReceipt.rowsName))
    ledger = try DigestedFile(FilePaths.join(folder, ShardReceipt.ledgerName))
    leaves =
      hasLeaves ? try DigestedFile(FilePaths.join(folder, ShardReceipt.leavesName)) : nil
    try rows.append(RowFile.magic + identity.bytes)
  }

  /// Takes a batch; `processed` is the same with its leaves hashed.
  func take(_ batch: RowBatch, _ processed: ProcessedBatch) throws(FileError) {
    counts += processed.counts
    skipped.merge(batch.skipped, uniquingKeysWith: &+)
    pending.rows += batch.rows
    while pending.rows.count >= Self.rowGoal { try flush(Self.rowGoal) }
    var lines: [UInt8] = []
    for entry in batch.ledger { lines += entry.bytes + [0x0A] }
    if !lines.isEmpty { try ledger.append(lines) }
    guard let leaves else { return }
    var hashes: [UInt8] = []
    hashes.reserveCapacity(64 * processed.rows.count)
    for row in processed.rows { hashes += row.sha256.bytes + row.poseidon2.bytes }
    if !hashes.isEmpty { try leaves.append(hashes) }
  }

  private func flush(_ count: Int) throws(FileError) {
    var batch = RowBatch()
    batch.rows = Array(pending.rows.prefix(count))
    pending.rows.removeFirst(count)
    try rows.append(RowFile.framed(batch))
  }

  /// Writes what is left and makes everything durable.
  func finish() throws(FileError) -> Result {
    if !pending.rows.isEmpty { try flush(pending.rows.count) }
    return Result(
      counts: counts,
      skipped: skipped,
      rows: try rows.finish(),
      ledger: try ledger.finish(),
      leaves: try leaves?.finish()
    )
  }
}

/// A new file and the digest of its bytes.
private final class DigestedFile {
  private let file: AppendedFile
  private var hash = SHA256()

  init(_ path: String) throws(FileError) { file = try AppendedFile(path) }

  func append(_ bytes: [UInt8]) throws(FileError) {
    hash.update(data: bytes)
    try file.append(bytes[...])
  }

  func finish() throws(FileError) -> ShardReceipt.Part {
    try file.sync()
    return ShardReceipt.Part(byteCount: file.byteCount, sha256: SHA256Hash(hash.finalize()))
  }
}
