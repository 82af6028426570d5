/// What KoalaBear and its extension have in common: an algebra over KoalaBear.
///
/// Laws: a commutative ring with `one`, in which every element but zero has an inverse, and in which
/// KoalaBear lies by `init(_:)`.
public protocol FieldElement: Hashable, Sendable {
  /// The additive identity.
  static var zero: Self { get }
  /// The multiplicative identity.
  static var one: Self { get }
  /// The image of an element of the base field.
  init(_ base: KoalaBear)
  /// The sum.
  static func + (a: Self, b: Self) -> Self
  /// The difference.
  static func - (a: Self, b: Self) -> Self
  /// The product.
  static func * (a: Self, b: Self) -> Self
  /// The product with an element of the base field.
  static func * (a: Self, b: KoalaBear) -> Self
  /// The inverse, or `nil` for zero.
  var inverse: Self? { get }
}

extension FieldElement {
  /// The additive inverse.
  @inlinable
  public static prefix func - (a: Self) -> Self { zero - a }

  /// Adds in place.
  @inlinable
  public static func += (a: inout Self, b: Self) { a = a + b }
  /// Multiplies in place.
  @inlinable
  public static func *= (a: inout Self, b: Self) { a = a * b }

  /// a^exponent by squaring.
  ///
  /// - Complexity: O(log exponent) products.
  @inlinable
  public func power(_ exponent: UInt64) -> Self {
    var (result, base, rest) = (Self.one, self, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= base }
      base *= base
      rest >>= 1
    }
    return result
  }

  /// The powers 1, a, …, a^(count − 1).
  @inlinable
  public func powers(_ count: Int) -> [Self] {
    var powers: [Self] = []
    powers.reserveCapacity(count)
    var power = Self.one
    for _ in 0..<count {
      powers.append(power)
      power *= self
    }
    return powers
  }

  /// The inverses of many elements by one inversion (Montgomery's trick); `nil` if one is zero.
  ///
  /// - Complexity: O(n) products.
  @inlinable
  public static func inverses(of elements: [Self]) -> [Self]? {
    var products: [Self] = []
    products.reserveCapacity(elements.count)
    var product = Self.one
    for element in elements {
      products.append(product)
      product *= element
    }
    guard var rest = product.inverse else { return elements.isEmpty ? [] : nil }
    var inverses = products
    for index in elements.indices.reversed() {
      inverses[index] = rest * products[index]
      rest *= elements[index]
    }
    return inverses
  }
}

extension KoalaBear: FieldElement {
  /// The element itself.
  @inlinable
  public init(_ base: KoalaBear) { self = base }

  /// a^(p − 2), or `nil` for zero.
  public var inverse: KoalaBear? {
    value == 0 ? nil : power(UInt64(Self.modulus) - 2)
  }

  /// The element of a small integer, negative ones counted down from p.
  @inlinable
  public init(_ integer: Int) {
    let p = Int(Self.modulus)
    self.init(reducing: UInt64((integer % p + p) % p))
  }

  /// 3, a generator of the multiplicative group.
  public static let generator = KoalaBear(reducing: 3)
  /// p − 1 = 2^24 · 127.
  public static let twoAdicity = 24

  /// The root of unity of order 2^log, 3^((p − 1) / 2^log).
  ///
  /// - Precondition: `log` is at most 24.
  public static func rootOfUnity(log: Int) -> KoalaBear {
    precondition((0...twoAdicity).contains(log), "the two-adic subgroup has order 2^24")
    return generator.power(UInt64(modulus - 1) >> UInt64(log))
  }
}
