public import Manifests
public import Merkle
public import SourceAPI

/// One leaf with its hashes and its descriptor, as a segment stores it.
public struct LeafRow: Hashable, Sendable {
  public let leaf: RecordLeaf
  public let sha256: SHA256Hash
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
  public var rows: [LeafRow] = []
  public var ledger: [LedgerEntry] = []
  public var counts = SourceCounts()
  public var licenses: [LicenseTally]
  /// Members by detailed reason, for the report: `skipped:request`, `rejected:truncated`.
  public var reasons: [String: UInt64] = [:]
  /// The place behind the batch, if the reader can go on from there.
  public var checkpoint: Checkpoint?
  public var inputIndex = 0
  public var inputOffset: UInt64 = 0
  /// Payload bytes of all members, for the rate.
  public var payloadBytes: UInt64 = 0

  init(licenseCount: Int) {
    licenses = Array(repeating: LicenseTally(), count: licenseCount)
  }
}
