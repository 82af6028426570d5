/// An element of the prime field of p = 2^31 − 2^24 + 1 (KoalaBear).
///
/// The value is kept canonical, 0 ≤ value < p, and every byte form writes it so.
public struct KoalaBear: Hashable, Sendable {
  /// p = 2^31 − 2^24 + 1 = 2,130,706,433.
  public static let modulus: UInt32 = 0x7F00_0001

  /// The canonical representative.
  public let value: UInt32

  /// The element of a canonical value; `nil` if it is not below p.
  @inlinable
  public init?(canonical value: UInt32) {
    guard value < Self.modulus else { return nil }
    self.value = value
  }

  /// The class of any integer.
  @inlinable
  public init(reducing value: UInt64) {
    self.value = UInt32(truncatingIfNeeded: value % UInt64(Self.modulus))
  }

  /// The additive identity.
  public static let zero = KoalaBear(reducing: 0)
  /// The multiplicative identity.
  public static let one = KoalaBear(reducing: 1)

  /// a + b mod p.
  @inlinable
  public static func + (a: KoalaBear, b: KoalaBear) -> KoalaBear {
    KoalaBear(reducing: UInt64(a.value) + UInt64(b.value))
  }

  /// a − b mod p.
  @inlinable
  public static func - (a: KoalaBear, b: KoalaBear) -> KoalaBear {
    KoalaBear(reducing: UInt64(a.value) + UInt64(modulus) - UInt64(b.value))
  }

  /// a · b mod p.
  @inlinable
  public static func * (a: KoalaBear, b: KoalaBear) -> KoalaBear {
    KoalaBear(reducing: UInt64(a.value) * UInt64(b.value))
  }
}
