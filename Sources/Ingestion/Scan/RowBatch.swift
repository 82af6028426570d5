internal import CanonicalCoding
public import Manifests
public import Merkle
public import SourceAPI

/// Everything of a record's leaf but its salt, which a worker never learns.
public struct RecordRow: Hashable, Sendable {
  /// SHA-256 of the normal form.
  public let contentDigest: SHA256Hash
  /// SHA-256 of the payload.
  public let payloadDigest: SHA256Hash
  /// The position in the license entries of the source.
  public let licenseIndex: UInt16
  /// The flags of the leaf.
  public let flags: RecordLeaf.Flags
  /// Bytes of the content, below 2^30.
  public let contentByteCount: UInt64
  /// Words of the content, below 2^30.
  public let wordCount: UInt64
  /// The JCS bytes of the descriptor.
  public let descriptor: [UInt8]

  /// The leaf under a salt key; `nil` for a source that is not confidential.
  ///
  /// - Parameters:
  ///   - descriptorDigest: H of the descriptor.
  ///   - saltKey: the key of the source.
  /// - Returns: the leaf.
  func leaf(descriptorDigest: SHA256Hash, saltKey: [UInt8]?) -> RecordLeaf {
    RecordLeaf(
      contentDigest: contentDigest,
      payloadDigest: payloadDigest,
      descriptorDigest: descriptorDigest,
      licenseIndex: licenseIndex,
      flags: flags,
      contentByteCount: contentByteCount,
      wordCount: wordCount,
      salt: RecordLeaf.salt(key: saltKey, descriptorDigest: descriptorDigest)
    )
  }
}

/// What a worker made of a batch of members, in the order of the source.
///
/// Counts are no members of this type: whoever takes a batch counts rows and entries.
public struct RowBatch: Hashable, Sendable {
  /// The records.
  public var rows: [RecordRow] = []
  /// The reject ledger.
  public var ledger: [LedgerEntry] = []
  /// Members that are no records, by kind.
  public var skipped: [String: UInt64] = [:]
  /// What files and pages themselves say about their licenses, with the number of records that say so.
  public var declaredLicenses: [String: UInt64] = [:]
  /// Payload bytes of all members, for the rate.
  public var payloadBytes: UInt64 = 0
  /// The place behind the batch, if the reader can go on from there.
  public var checkpoint: Checkpoint?
  /// The number of the input that was read last.
  public var inputIndex = 0
  /// Bytes of that input's file that were read.
  public var inputOffset: UInt64 = 0
  /// The normal forms one behind the other, where somebody asked for them.
  var contents: [UInt8] = []
  /// For each row the place of its normal form; `nil` where it was too long to be held.
  var contentRanges: [Range<Int>?] = []

  /// Nothing yet.
  public init() {}

  /// Members of the batch.
  var memberCount: UInt64 {
    UInt64(rows.count) + UInt64(ledger.count) + skipped.values.reduce(0, &+)
  }
}
