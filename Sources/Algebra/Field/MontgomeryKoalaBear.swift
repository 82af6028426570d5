/// Arithmetic on KoalaBear values in Montgomery form, R = 2^32, as raw words.
///
/// An implementation matter of the permutations: no byte that is written or read is in this form.
@usableFromInline
enum MontgomeryKoalaBear {
  static var p: UInt32 { KoalaBear.modulus }
  /// −p⁻¹ mod 2^32; p · 0x81000001 = 1 mod 2^32.
  static var negatedInverse: UInt32 { 0x7EFF_FFFF }
  /// R² mod p.
  static var rSquared: UInt32 { 0x17F7_EFE4 }

  /// x · R⁻¹ mod p for x < p · 2^32 (Montgomery 1985).
  @inline(__always)
  static func reduce(_ x: UInt64) -> UInt32 {
    let m = UInt32(truncatingIfNeeded: x) &* negatedInverse
    // x + m·p < p·2^32 + 2^32·p < 2^64, and its low word is zero.
    let t = UInt32(truncatingIfNeeded: (x &+ UInt64(m) &* UInt64(p)) >> 32)
    return min(t, t &- p)
  }

  @inline(__always)
  static func multiply(_ a: UInt32, _ b: UInt32) -> UInt32 { reduce(UInt64(a) &* UInt64(b)) }

  @inline(__always)
  static func add(_ a: UInt32, _ b: UInt32) -> UInt32 {
    // Both are below p < 2^31, so the sum fits; the smaller of sum and sum − p (wrapped) is canonical.
    let sum = a &+ b
    return min(sum, sum &- p)
  }

  @inline(__always)
  static func subtract(_ a: UInt32, _ b: UInt32) -> UInt32 {
    let difference = a &- b
    return min(difference, difference &+ p)
  }

  @inline(__always)
  static func encode(_ canonical: UInt32) -> UInt32 { multiply(canonical, rSquared) }
  @inline(__always)
  static func decode(_ value: UInt32) -> UInt32 { reduce(UInt64(value)) }
}
