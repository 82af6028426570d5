public import Manifests
public import Merkle
public import SourceAPI

/// One leaf with its hashes and its descriptor, as a segment stores it.
public struct LeafRow: Hashable, Sendable {
  /// The leaf of the record.
  public let leaf: RecordLeaf
  /// The SHA-256 side.
  public let sha256: SHA256Hash
  /// The Poseidon2 side.
  public let poseidon2: Poseidon2Digest
  /// The JCS bytes of the descriptor.
  public let descriptor: [UInt8]

  /// A row from its parts.
  public init(leaf: RecordLeaf, sha256: SHA256Hash, poseidon2: Poseidon2Digest, descriptor: [UInt8])
  {
    (self.leaf, self.sha256, self.poseidon2, self.descriptor) = (
      leaf, sha256, poseidon2, descriptor
    )
  }
}

/// Records under one license entry, by preference.
public struct LicenseTally: Hashable, Sendable {
  /// Unknown, allowed, disallowed.
  public var counts: [UInt64] = [0, 0, 0]
}

/// What became of a batch: pure data, in the order of the source.
public struct ProcessedBatch: Sendable {
  /// The rows in order.
  public var rows: [LeafRow] = []
  /// The reject ledger.
  public var ledger: [LedgerEntry] = []
  /// The books.
  public var counts = SourceCounts()
  /// The license entries, in their order.
  public var licenses: [LicenseTally]
  /// Members by detailed reason, for the report: `skipped:request`, `rejected:truncated`.
  public var reasons: [String: UInt64] = [:]
  /// The place behind the batch, if the reader can go on from there.
  public var checkpoint: Checkpoint?
  /// The number of the input that was read last.
  public var inputIndex = 0
  /// Bytes of that input's file that were read.
  public var inputOffset: UInt64 = 0
  /// Payload bytes of all members, for the rate.
  public var payloadBytes: UInt64 = 0

  /// The normal forms one behind the other, where somebody asked for them.
  var contents: [UInt8] = []
  /// For each row the place of its normal form; `nil` where it was too long to be held.
  var contentRanges: [Range<Int>?] = []

  init(licenseCount: Int) {
    licenses = Array(repeating: LicenseTally(), count: licenseCount)
  }
}
