public import Algebra
internal import CanonicalCoding

/// Eight elements of KoalaBear, each canonical.
public struct Poseidon2Digest: Hashable, Sendable {
  /// The elements' canonical values.
  public let words: Poseidon2.Words

  /// - Precondition: every word is below p; the permutation's output is.
  public init(words: Poseidon2.Words) {
    self.words = words
  }

  /// Reads 32 bytes, each element four bytes big-endian; an element not below p is refused.
  public init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count == 32 else { return nil }
    var words = Poseidon2.Words()
    for index in 0..<32 {
      words[index >> 2] = words[index >> 2] << 8 | UInt32(bytes[bytes.startIndex + index])
    }
    for index in 0..<8 where words[index] >= KoalaBear.modulus { return nil }
    self.words = words
  }

  /// Reads 32 bytes, each element four bytes big-endian; an element not below p is refused.
  public init?(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// Reads 64 lower-case hexadecimal digits.
  public init?(hex: String) {
    guard let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes)
  }

  /// 32 bytes, each element four bytes big-endian.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    append(to: &bytes)
    return bytes
  }

  /// Appends the 32 bytes to some that are being built.
  public func append(to bytes: inout [UInt8]) {
    for index in 0..<8 {
      // SAFETY: the four bytes of the word are copied inside the call.
      unsafe withUnsafeBytes(of: words[index].bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }
  }

  /// 64 lower-case hexadecimal digits.
  public var hex: String { Hex.encode(bytes) }

  /// The elements.
  public var elements: [KoalaBear] { (0..<8).map { KoalaBear(reducing: UInt64(words[$0])) } }
}
