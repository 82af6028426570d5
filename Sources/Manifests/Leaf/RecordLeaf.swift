public import Algebra
internal import CanonicalCoding
internal import Crypto
public import Merkle

/// The committed row of one record, in both forms: `IRL1` for SHA-256, `P2KB-1` for Poseidon2.
///
/// A pure function of the record, the source manifest and the salt key. It holds no place in the
/// tree, no policy and nothing about other records.
public struct RecordLeaf: Hashable, Sendable {
  /// The flags of a leaf; bits 0, 6 and 7 are zero.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The byte of the flags.
    public let rawValue: UInt8
    /// Flags from their byte.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The source holds personal data.
    public static let personalData = Flags(rawValue: 1 << 1)
    /// Some or all of the source is machine-made.
    public static let synthetic = Flags(rawValue: 1 << 2)
    /// An override, or the record itself, gave the license.
    public static let licenseOverridden = Flags(rawValue: 1 << 3)
    /// The bits that may be set.
    static let allowed: UInt8 = 0b0011_1110
  }

  /// The number of bytes of the `IRL1` form.
  public static let byteCount = 151
  /// Content bytes and words of one record are below this.
  public static let countLimit: UInt64 = 1 << 30
  /// "LEAF".
  static let tag: UInt32 = 0x4C45_4146

  /// SHA-256 of the normal form.
  public let contentDigest: SHA256Hash
  /// SHA-256 of the payload.
  public let payloadDigest: SHA256Hash
  /// SHA-256 of the descriptor.
  public let descriptorDigest: SHA256Hash
  /// The position in the license entries of the source.
  public let licenseIndex: UInt16
  /// The flags of the leaf.
  public let flags: Flags
  /// Bytes of the content, below 2^30.
  public let contentByteCount: UInt64
  /// Words of the content, below 2^30.
  public let wordCount: UInt64
  /// 32 bytes, all zero where nothing is confidential.
  public let salt: SHA256Hash

  /// A leaf from its fields.
  ///
  /// - Precondition: both counts are below 2^30; the scanner rejects larger records before.
  public init(
    contentDigest: SHA256Hash,
    payloadDigest: SHA256Hash,
    descriptorDigest: SHA256Hash,
    licenseIndex: UInt16,
    flags: Flags,
    contentByteCount: UInt64,
    wordCount: UInt64,
    salt: SHA256Hash
  ) {
    precondition(contentByteCount < Self.countLimit && wordCount < Self.countLimit)
    (self.contentDigest, self.payloadDigest) = (contentDigest, payloadDigest)
    (self.descriptorDigest, self.licenseIndex) = (descriptorDigest, licenseIndex)
    (self.flags, self.contentByteCount) = (flags, contentByteCount)
    (self.wordCount, self.salt) = (wordCount, salt)
  }

  /// Reads the `IRL1` form; `nil` unless it is 151 bytes, with the magic, clear reserved bits, a
  /// preference that exists and counts below 2^30.
  public init?(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// Reads the `IRL1` form out of a longer run of bytes.
  public init?(_ bytes: ArraySlice<UInt8>) {
    var reader = ByteReader(bytes)
    guard bytes.count == Self.byteCount,
      let magic = try? reader.read(count: 4), magic.elementsEqual("IRL1".utf8),
      let content = try? SHA256Hash(reader.read(count: 32)),
      let payload = try? SHA256Hash(reader.read(count: 32)),
      let descriptor = try? SHA256Hash(reader.read(count: 32)),
      let licenseIndex = try? reader.read(UInt16.self), let flags = try? reader.read(UInt8.self),
      let byteCount = try? reader.read(UInt64.self), let wordCount = try? reader.read(UInt64.self),
      let salt = try? SHA256Hash(reader.read(count: 32)),
      flags & ~Flags.allowed == 0, flags >> 4 & 3 != 3,
      byteCount < Self.countLimit, wordCount < Self.countLimit
    else { return nil }
    self.init(
      contentDigest: content,
      payloadDigest: payload,
      descriptorDigest: descriptor,
      licenseIndex: licenseIndex,
      flags: Flags(rawValue: flags),
      contentByteCount: byteCount,
      wordCount: wordCount,
      salt: salt
    )
  }

  /// The `IRL1` form.
  public var bytes: [UInt8] {
    var writer = ByteWriter(capacity: Self.byteCount)
    writer.write("IRL1")
    writer.write(contentDigest.words)
    writer.write(payloadDigest.words)
    writer.write(descriptorDigest.words)
    writer.write(licenseIndex)
    writer.write(flags.rawValue)
    writer.write(contentByteCount)
    writer.write(wordCount)
    writer.write(salt.words)
    return writer.bytes
  }

  /// H(0x00 | `IRL1`).
  public var sha256: SHA256Hash { SHA256TreeHasher.leaf(bytes) }

  /// The sixteen elements of the `P2KB-1` form.
  public var elements: [KoalaBear] {
    contentDigest.limbs
      + [
        KoalaBear(reducing: UInt64(licenseIndex) + UInt64(flags.rawValue) << 16),
        KoalaBear(reducing: contentByteCount), KoalaBear(reducing: wordCount),
      ] + salt.littleEndianWords.map(KoalaBear.init(reducing:))
  }

  /// sponge(LEAF, 1, elements): one permutation.
  ///
  /// The same elements as above, laid out without a list.
  public var poseidon2: Poseidon2Digest {
    Poseidon2Digest(words: Poseidon2.hashBlock(tag: Self.tag, block: block))
  }

  /// `poseidon2` of each leaf, by one call of a kernel.
  public static func poseidon2(
    of leaves: [RecordLeaf],
    kernel: Poseidon2Kernel
  ) -> [Poseidon2Digest] {
    kernel.hashBlocks(tag, leaves.map(\.block)).map(Poseidon2Digest.init(words:))
  }

  /// The elements' canonical values.
  public var block: SIMD16<UInt32> {
    var block = SIMD16<UInt32>()
    for index in 0..<9 { block[index] = contentDigest.limb(index) }
    block[9] = UInt32(licenseIndex) | UInt32(flags.rawValue) << 16
    block[10] = UInt32(truncatingIfNeeded: contentByteCount)
    block[11] = UInt32(truncatingIfNeeded: wordCount)
    for index in 0..<4 {
      block[12 + index] = KoalaBear(reducing: salt.words[index].byteSwapped).value
    }
    return block
  }

  /// HMAC-SHA-256(key, "ingest/salt/v1" | descriptorDigest); all zero without a key.
  public static func salt(key: [UInt8]?, descriptorDigest: SHA256Hash) -> SHA256Hash {
    guard let key else { return SHA256Hash(words: SIMD4()) }
    let message = Array("ingest/salt/v1".utf8) + descriptorDigest.bytes
    let code = HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key))
    return SHA256Hash(Array(code)) ?? SHA256Hash(words: SIMD4())
  }
}

extension SHA256Hash {
  /// The four 64-bit words of the bytes read little-endian.
  var littleEndianWords: [UInt64] { (0..<4).map { words[$0].byteSwapped } }

  /// The digest as a little-endian integer D in nine limbs of 30 bits: (D >> 30 i) mod 2^30.
  public var limbs: [KoalaBear] { (0..<9).map { KoalaBear(reducing: UInt64(limb($0))) } }

  /// Limb `index` of nine; below 2^30.
  func limb(_ index: Int) -> UInt32 {
    let bit = 30 * index
    let (word, shift) = (bit >> 6, UInt64(bit & 63))
    var limb = words[word].byteSwapped >> shift
    if shift > 34, word < 3 { limb |= words[word + 1].byteSwapped << (64 - shift) }
    return UInt32(truncatingIfNeeded: limb & 0x3FFF_FFFF)
  }
}
