internal import CanonicalCoding
internal import Files
internal import Kernels
internal import Manifests
internal import Merkle

/// One committed batch as a file that never changes: leaf rows, then ledger entries, then SHA-256 of
/// all before.
///
/// `IGS1 | u64 firstLeaf | u32 leafCount | u64 firstLedger | u32 ledgerCount`, for each leaf the 151
/// bytes of `IRL1`, both leaf hashes (32 bytes each), `u32` length and bytes of the descriptor; for each
/// ledger entry `u32` length and JCS bytes.
public struct Segment: Sendable {
  /// The index of the first leaf.
  public let firstLeaf: UInt64
  /// The rows in order.
  public let rows: [LeafRow]
  /// The index of the first ledger entry.
  public let firstLedger: UInt64
  /// JCS bytes.
  public let ledger: [[UInt8]]

  /// A segment of rows and entries at their places.
  public init(firstLeaf: UInt64, rows: [LeafRow], firstLedger: UInt64, ledger: [[UInt8]]) {
    (self.firstLeaf, self.rows, self.firstLedger, self.ledger) = (
      firstLeaf, rows, firstLedger, ledger
    )
  }

  /// The segment with tombstones in the place of some rows.
  func removing(_ removed: [RemovedLeaf]) -> Segment {
    var rows = rows
    for removed in removed {
      let index = Int(removed.leaf - firstLeaf)
      rows[index] = rows[index].removed(removed.reason, on: removed.day)
    }
    return Segment(firstLeaf: firstLeaf, rows: rows, firstLedger: firstLedger, ledger: ledger)
  }

  /// The file's bytes.
  public var bytes: [UInt8] {
    var writer = ByteWriter(capacity: rows.count * 640)
    writer.write("IGS1")
    writer.write(firstLeaf)
    writer.write(UInt32(rows.count))
    writer.write(firstLedger)
    writer.write(UInt32(ledger.count))
    for row in rows {
      writer.write(row.leaf.bytes)
      writer.write(row.sha256.bytes)
      writer.write(row.poseidon2.bytes)
      writer.write(UInt32(row.descriptor.count))
      writer.write(row.descriptor)
    }
    for entry in ledger {
      writer.write(UInt32(entry.count))
      writer.write(entry)
    }
    let digest = SHA256Hash.of(writer.bytes)
    writer.write(digest.bytes)
    return writer.bytes
  }

  /// Writes the file below a source's folder; it counts once a commit names it.
  func write(to folder: String) throws(FileError) -> SegmentPlace {
    let bytes = bytes
    let name = "\(firstLeaf)-\(firstLedger)-\(Hex.encode(bytes.suffix(8))).seg"
    let folder = FilePaths.join(folder, "segments")
    try DurableFile.makeFolder(folder)
    try DurableFile.write(bytes, to: FilePaths.join(folder, name))
    return SegmentPlace(
      firstLeaf: firstLeaf,
      leafCount: UInt64(rows.count),
      firstLedger: firstLedger,
      ledgerCount: UInt64(ledger.count),
      file: name
    )
  }

  /// What is wrong with a segment's bytes.
  public enum Failure: Error, Equatable, Sendable {
    case digest
    case form(offset: Int)
    /// The stored hash of a leaf is not that of its bytes.
    case leafHash(index: UInt64)
  }

  /// Reads a file, checks its digest, and hashes every leaf anew in both forms.
  ///
  /// - Throws: `Failure`.
  public init(_ bytes: [UInt8]) throws(Failure) {
    guard bytes.count >= 32,
      SHA256Hash.of(bytes.dropLast(32)).bytes.elementsEqual(bytes.suffix(32))
    else {
      throw .digest
    }
    var reader = ByteReader(bytes)
    do {
      guard try reader.read(count: 4).elementsEqual("IGS1".utf8) else {
        throw Failure.form(offset: 0)
      }
      firstLeaf = try reader.read()
      let rowCount: UInt32 = try reader.read()
      firstLedger = try reader.read()
      let ledgerCount: UInt32 = try reader.read()
      var rows: [LeafRow] = []
      for _ in 0..<rowCount {
        let offset = reader.offset
        let form = try reader.read(count: RecordLeaf.byteCount)
        guard let leaf = RecordLeaf(form), let sha256 = SHA256Hash(try reader.read(count: 32)),
          let poseidon2 = Poseidon2Digest(try reader.read(count: 32))
        else { throw Failure.form(offset: offset) }
        let length: UInt32 = try reader.read()
        let descriptor = try reader.read(count: Int(length))
        rows.append(
          LeafRow(leaf: leaf, sha256: sha256, poseidon2: poseidon2, descriptor: Array(descriptor))
        )
      }
      let poseidon2 = RecordLeaf.poseidon2(of: rows.map(\.leaf), kernel: .best)
      let sha256 = LeafDigests.of(rows.map(\.leaf))
      let descriptors = LeafDigests.of(rows.lazy.map(\.descriptor))
      for (index, row) in rows.enumerated()
      where row.poseidon2 != poseidon2[index] || row.sha256 != sha256[index]
        || row.leaf.descriptorDigest != descriptors[index]
      {
        throw Failure.leafHash(index: firstLeaf + UInt64(index))
      }
      self.rows = rows
      var ledger: [[UInt8]] = []
      for _ in 0..<ledgerCount {
        let length: UInt32 = try reader.read()
        ledger.append(Array(try reader.read(count: Int(length))))
      }
      self.ledger = ledger
      guard reader.remaining == 32 else { throw Failure.form(offset: reader.offset) }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .form(offset: reader.offset)
    }
  }
}
