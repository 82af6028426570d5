internal import CanonicalCoding
public import Crypto

/// The 32 bytes of a SHA-256 value, held without heap storage.
public struct SHA256Hash: Hashable, Sendable, Comparable {
  /// The digest as four big-endian words.
  public let words: SIMD4<UInt64>

  /// A digest from its words.
  public init(words: SIMD4<UInt64>) { self.words = words }

  /// The digest of `bytes`.
  public static func of(_ bytes: [UInt8]) -> SHA256Hash {
    SHA256Hash(SHA256.hash(data: bytes))
  }

  /// The digest of a slice, without a copy.
  public static func of(_ bytes: ArraySlice<UInt8>) -> SHA256Hash {
    var hash = SHA256()
    // SAFETY: the buffer is read inside the call alone.
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    return SHA256Hash(hash.finalize())
  }

  /// A finished hash of swift-crypto.
  public init(_ digest: SHA256.Digest) {
    // SAFETY: the digest has 32 bytes, and four words are read of it.
    words = unsafe digest.withUnsafeBytes { unsafe Self.words($0) }
  }

  /// Reads exactly 32 bytes; `nil` for any other number.
  public init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count == 32 else { return nil }
    // SAFETY: four words are read of exactly 32 bytes.
    words = unsafe bytes.withUnsafeBytes { unsafe Self.words($0) }
  }

  private static func words(_ raw: UnsafeRawBufferPointer) -> SIMD4<UInt64> {
    var words = SIMD4<UInt64>()
    for index in 0..<4 {
      // SAFETY: both callers have exactly 32 bytes.
      words[index] = unsafe raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self).bigEndian
    }
    return words
  }

  /// Reads exactly 32 bytes; `nil` for any other number.
  public init?(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// Reads 64 lower-case hexadecimal digits.
  public init?(hex: String) {
    guard let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes)
  }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    append(to: &bytes)
    return bytes
  }

  /// Appends the 32 bytes to some that are being built.
  public func append(to bytes: inout [UInt8]) {
    for index in 0..<4 {
      // SAFETY: the eight bytes of the word are copied inside the call.
      unsafe withUnsafeBytes(of: words[index].bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }
  }

  /// The byte at a position below 32.
  public func byte(_ index: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: words[index >> 3] >> UInt64(56 - 8 * (index & 7)))
  }

  /// 64 lower-case hexadecimal digits.
  public var hex: String {
    var text: [UInt8] = []
    appendHex(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the 64 digits to a text that is being built.
  public func appendHex(to text: inout [UInt8]) {
    for index in 0..<4 { Hex.append(words[index], to: &text) }
  }

  /// The order of the bytes.
  public static func < (a: SHA256Hash, b: SHA256Hash) -> Bool {
    for index in 0..<4 where a.words[index] != b.words[index] {
      return a.words[index] < b.words[index]
    }
    return false
  }
}
