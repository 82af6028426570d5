internal import CanonicalCoding
internal import Kernels
public import Manifests
public import Merkle
public import SourceAPI

/// One leaf with its hashes and its descriptor, as a segment stores it, or the tombstone that stands there now.
public struct LeafRow: Hashable, Sendable {
  /// The leaf of the record.
  public let leaf: RecordLeaf
  /// The SHA-256 side.
  public let sha256: SHA256Hash
  /// The Poseidon2 side.
  public let poseidon2: Poseidon2Digest
  /// The JCS bytes of the descriptor.
  public let descriptor: [UInt8]
  /// What stands in the tree instead, where the record was removed; the hashes are those of the tombstone then.
  public private(set) var tombstone: Tombstone?

  /// A row from its parts.
  public init(leaf: RecordLeaf, sha256: SHA256Hash, poseidon2: Poseidon2Digest, descriptor: [UInt8])
  {
    (self.leaf, self.sha256, self.poseidon2, self.descriptor) = (
      leaf, sha256, poseidon2, descriptor
    )
  }

  /// The row with a tombstone in its place.
  func removed(_ reason: ExclusionReason, on day: CivilDate) -> LeafRow {
    let tombstone = Tombstone(reason: reason, day: day, formerLeaf: sha256)
    var row = LeafRow(
      leaf: leaf,
      sha256: tombstone.sha256,
      poseidon2: tombstone.poseidon2,
      descriptor: descriptor
    )
    row.tombstone = tombstone
    return row
  }
}

/// Records under one license entry, by preference.
public struct LicenseTally: Hashable, Sendable {
  /// Unknown, allowed, disallowed.
  public var counts: [UInt64] = [0, 0, 0]
}

/// A batch with its leaves hashed and its members counted, in the order of the source.
public struct ProcessedBatch: Sendable {
  /// The rows in order.
  public private(set) var rows: [LeafRow] = []
  /// The reject ledger.
  public let ledger: [LedgerEntry]
  /// The books.
  public private(set) var counts = SourceCounts()
  /// The license entries, in their order.
  public private(set) var licenses: [LicenseTally]
  /// Members by detailed reason, for the report: `skipped:request`, `rejected:truncated`.
  public private(set) var reasons: [String: UInt64] = [:]
  /// The place behind the batch, if the reader can go on from there.
  public let checkpoint: Checkpoint?
  /// The number of the input that was read last.
  public let inputIndex: Int
  /// Bytes of that input's file that were read.
  public let inputOffset: UInt64
  /// Payload bytes of all members, for the rate.
  public let payloadBytes: UInt64
  /// The normal forms one behind the other, where somebody asked for them.
  let contents: [UInt8]
  /// For each row the place of its normal form; `nil` where it was too long to be held.
  let contentRanges: [Range<Int>?]

  /// Hashes the leaves of a batch under a salt key and counts its members.
  ///
  /// - Throws: `IngestError` 70 for a row under a license that the source does not have: the worker is not ours.
  init(_ batch: RowBatch, saltKey: [UInt8]?, licenseCount: Int) throws(IngestError) {
    licenses = Array(repeating: LicenseTally(), count: licenseCount)
    ledger = batch.ledger
    (checkpoint, inputIndex) = (batch.checkpoint, batch.inputIndex)
    (inputOffset, payloadBytes) = (batch.inputOffset, batch.payloadBytes)
    (contents, contentRanges) = (batch.contents, batch.contentRanges)
    let descriptors = LeafDigests.of(batch.rows.lazy.map(\.descriptor))
    let leaves = zip(batch.rows, descriptors).map {
      $0.leaf(descriptorDigest: $1, saltKey: saltKey)
    }
    let sha256 = LeafDigests.of(leaves)
    let poseidon2 = RecordLeaf.poseidon2(of: leaves, kernel: .best)
    rows.reserveCapacity(leaves.count)
    for (index, leaf) in leaves.enumerated() {
      let preference = Int(leaf.flags.rawValue >> 4 & 3)
      guard Int(leaf.licenseIndex) < licenseCount, preference < 3 else {
        throw IngestError(
          .booksOpen,
          "a worker gave a record a license that the manifest does not have; please report it"
        )
      }
      licenses[Int(leaf.licenseIndex)].counts[preference] += 1
      counts.bytes += leaf.contentByteCount
      counts.words += leaf.wordCount
      rows.append(
        LeafRow(
          leaf: leaf,
          sha256: sha256[index],
          poseidon2: poseidon2[index],
          descriptor: batch.rows[index].descriptor
        )
      )
    }
    count(batch)
  }

  private mutating func count(_ batch: RowBatch) {
    counts.members = batch.memberCount
    counts.records = UInt64(rows.count)
    for entry in ledger {
      if let reason = ExclusionReason(rawValue: entry.reason) {
        counts.excluded[reason, default: 0] += 1
        reasons["excluded:\(entry.reason):\(entry.detail)", default: 0] += 1
      } else {
        counts.rejected += 1
        reasons["rejected:\(entry.reason)", default: 0] += 1
      }
    }
    for (text, number) in batch.declaredLicenses {
      reasons[DeclaredTally.prefix + text, default: 0] += number
    }
    for (kind, number) in batch.skipped {
      counts.skipped += number
      reasons["skipped:\(kind)", default: 0] += number
    }
  }
}
