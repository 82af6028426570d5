public import Algebra
internal import CanonicalCoding
internal import Crypto
public import Merkle

/// The committed row of one training example: what was read at which place, and nothing about where it is from.
///
/// Salted anew under the run's own key, so that no published path of a training tree fits the tiles of a source
/// (commitments.md, section 7).
public struct TrainingLeaf: Hashable, Sendable {
  /// The number of bytes of the `IRF1` form.
  public static let byteCount = 92
  /// "FEED".
  public static let tag: UInt32 = 0x4645_4544

  /// SHA-256 of the content that was read.
  public let contentDigest: SHA256Hash
  /// The place in the training order, from 0.
  public let position: UInt64
  /// Bytes of the content, below 2^30.
  public let contentByteCount: UInt64
  /// Words of the content, below 2^30.
  public let wordCount: UInt64
  /// 32 bytes of the run's own.
  public let salt: SHA256Hash

  /// A leaf from its fields.
  ///
  /// - Precondition: both counts are below 2^30.
  public init(
    contentDigest: SHA256Hash,
    position: UInt64,
    contentByteCount: UInt64,
    wordCount: UInt64,
    salt: SHA256Hash
  ) {
    precondition(
      contentByteCount < RecordLeaf.countLimit && wordCount < RecordLeaf.countLimit,
      "counts below 2^30"
    )
    (self.contentDigest, self.position, self.salt) = (contentDigest, position, salt)
    (self.contentByteCount, self.wordCount) = (contentByteCount, wordCount)
  }

  /// The example that reads a record at a place, salted under the run's key.
  public init(_ record: RecordLeaf, position: UInt64, runKey: [UInt8]) {
    self.init(
      contentDigest: record.contentDigest,
      position: position,
      contentByteCount: record.contentByteCount,
      wordCount: record.wordCount,
      salt: Self.salt(runKey: runKey, position: position)
    )
  }

  /// The `IRF1` form.
  public var bytes: [UInt8] {
    var writer = ByteWriter(capacity: Self.byteCount)
    writer.write("IRF1")
    writer.write(contentDigest.words)
    writer.write(position)
    writer.write(contentByteCount)
    writer.write(wordCount)
    writer.write(salt.words)
    return writer.bytes
  }

  /// H(0x00 | `IRF1`).
  public var sha256: SHA256Hash { SHA256TreeHasher.leaf(bytes) }

  /// The sixteen elements: those of a record leaf with element 9 zero and the run's salt.
  public var elements: [KoalaBear] { (0..<16).map { KoalaBear(reducing: UInt64(block[$0])) } }

  /// sponge(FEED, 1, elements).
  public var poseidon2: Poseidon2Digest {
    Poseidon2Digest(words: Poseidon2.hashBlock(tag: Self.tag, block: block))
  }

  /// `poseidon2` of each leaf, by one call of a kernel.
  public static func poseidon2(
    of leaves: [TrainingLeaf],
    kernel: Poseidon2Kernel
  ) -> [Poseidon2Digest] {
    kernel.hashBlocks(tag, leaves.map(\.block)).map(Poseidon2Digest.init(words:))
  }

  /// The elements' canonical values.
  public var block: SIMD16<UInt32> {
    var block = SIMD16<UInt32>()
    for index in 0..<9 { block[index] = contentDigest.limb(index) }
    block[10] = UInt32(truncatingIfNeeded: contentByteCount)
    block[11] = UInt32(truncatingIfNeeded: wordCount)
    for index in 0..<4 {
      block[12 + index] = KoalaBear(reducing: salt.words[index].byteSwapped).value
    }
    return block
  }

  /// HMAC-SHA-256(run key, "ingest/feed-salt/v1" | u64 position).
  public static func salt(runKey: [UInt8], position: UInt64) -> SHA256Hash {
    var writer = ByteWriter(capacity: 32)
    writer.write("ingest/feed-salt/v1")
    writer.write(position)
    let key = SymmetricKey(data: runKey)
    let code = HMAC<SHA256>.authenticationCode(for: writer.bytes, using: key)
    return SHA256Hash(Array(code)) ?? SHA256Hash(words: SIMD4())
  }
}
