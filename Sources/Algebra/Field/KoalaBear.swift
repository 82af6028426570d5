/// An element of the prime field of p = 2^31 − 2^24 + 1 (KoalaBear).
///
/// The value is kept canonical, 0 ≤ value < p, and every byte form writes it so.
public struct KoalaBear: Hashable, Sendable {
  /// p = 2^31 − 2^24 + 1 = 2,130,706,433.
  @inlinable
  public static var modulus: UInt32 { 0x7F00_0001 }

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

  /// A value that is known to be below p.
  @inlinable
  init(below value: UInt32) { self.value = value }

  /// The additive identity.
  @inlinable
  public static var zero: KoalaBear { KoalaBear(below: 0) }
  /// The multiplicative identity.
  @inlinable
  public static var one: KoalaBear { KoalaBear(below: 1) }

  /// a + b mod p.
  @inlinable
  public static func + (a: KoalaBear, b: KoalaBear) -> KoalaBear {
    // Both are below p < 2^31: of the sum and the sum less p, wrapped, the smaller is canonical.
    let sum = a.value &+ b.value
    return KoalaBear(below: min(sum, sum &- modulus))
  }

  /// a − b mod p.
  @inlinable
  public static func - (a: KoalaBear, b: KoalaBear) -> KoalaBear {
    let difference = a.value &- b.value
    return KoalaBear(below: min(difference, difference &+ modulus))
  }

  /// a · b mod p.
  @inlinable
  public static func * (a: KoalaBear, b: KoalaBear) -> KoalaBear {
    KoalaBear(reducing: UInt64(a.value) * UInt64(b.value))
  }
}
