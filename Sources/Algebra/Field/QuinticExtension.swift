/// An element of E = F[X] / (X^5 + X^2 − 1) over KoalaBear F; log2 |E| = 154.9.
///
/// X^5 = 1 − X^2, X^6 = X − X^3, X^7 = X^2 − X^4, X^8 = X^3 + X^2 − 1.
public struct QuinticExtension: FieldElement {
  /// The degree over F.
  public static let degree = 5

  /// The coordinates, lowest degree first.
  @usableFromInline var c0: KoalaBear
  @usableFromInline var c1: KoalaBear
  @usableFromInline var c2: KoalaBear
  @usableFromInline var c3: KoalaBear
  @usableFromInline var c4: KoalaBear

  /// c0 + c1·X + c2·X² + c3·X³ + c4·X⁴.
  @inlinable
  public init(
    _ c0: KoalaBear,
    _ c1: KoalaBear,
    _ c2: KoalaBear,
    _ c3: KoalaBear,
    _ c4: KoalaBear
  ) {
    (self.c0, self.c1, self.c2, self.c3, self.c4) = (c0, c1, c2, c3, c4)
  }

  /// An element of the base field.
  @inlinable
  public init(_ base: KoalaBear) { self.init(base, .zero, .zero, .zero, .zero) }

  /// The element of five coordinates that stand in a list from a place on, lowest degree first.
  ///
  /// - Precondition: they are there.
  @inlinable
  public init(_ list: [KoalaBear], at place: Int) {
    self.init(list[place], list[place + 1], list[place + 2], list[place + 3], list[place + 4])
  }

  /// The element of five coordinates, lowest degree first; `nil` for any other number.
  public init?(coordinates: some Collection<KoalaBear>) {
    let list = Array(coordinates)
    guard list.count == Self.degree else { return nil }
    self.init(list[0], list[1], list[2], list[3], list[4])
  }

  /// The coordinates, lowest degree first.
  public var coordinates: [KoalaBear] { [c0, c1, c2, c3, c4] }

  /// A coordinate by its degree, 0 to 4.
  @inlinable
  public subscript(degree: Int) -> KoalaBear {
    switch degree {
    case 0: c0
    case 1: c1
    case 2: c2
    case 3: c3
    default: c4
    }
  }

  /// The additive identity.
  @inlinable
  public static var zero: QuinticExtension { QuinticExtension(.zero) }
  /// The multiplicative identity.
  @inlinable
  public static var one: QuinticExtension { QuinticExtension(.one) }
  /// X^0, …, X^4.
  public static let basis: [QuinticExtension] = [
    QuinticExtension(.one, .zero, .zero, .zero, .zero),
    QuinticExtension(.zero, .one, .zero, .zero, .zero),
    QuinticExtension(.zero, .zero, .one, .zero, .zero),
    QuinticExtension(.zero, .zero, .zero, .one, .zero),
    QuinticExtension(.zero, .zero, .zero, .zero, .one),
  ]

  /// The sum, coordinate by coordinate.
  @inlinable
  public static func + (a: Self, b: Self) -> Self {
    Self(a.c0 + b.c0, a.c1 + b.c1, a.c2 + b.c2, a.c3 + b.c3, a.c4 + b.c4)
  }

  /// The difference, coordinate by coordinate.
  @inlinable
  public static func - (a: Self, b: Self) -> Self {
    Self(a.c0 - b.c0, a.c1 - b.c1, a.c2 - b.c2, a.c3 - b.c3, a.c4 - b.c4)
  }

  /// The product with an element of the base field.
  @inlinable
  public static func * (a: Self, b: KoalaBear) -> Self {
    Self(a.c0 * b, a.c1 * b, a.c2 * b, a.c3 * b, a.c4 * b)
  }

  /// The product: the nine coefficients of the product of polynomials, reduced.
  @inlinable
  public static func * (a: Self, b: Self) -> Self {
    let p0 = a.c0 * b.c0
    let p1 = dot(a.c0, b.c1, a.c1, b.c0)
    let p2 = dot(a.c0, b.c2, a.c1, b.c1) + a.c2 * b.c0
    let p3 = dot(a.c0, b.c3, a.c1, b.c2) + dot(a.c2, b.c1, a.c3, b.c0)
    let p4 = dot(a.c0, b.c4, a.c1, b.c3) + dot(a.c2, b.c2, a.c3, b.c1) + a.c4 * b.c0
    let p5 = dot(a.c1, b.c4, a.c2, b.c3) + dot(a.c3, b.c2, a.c4, b.c1)
    let p6 = dot(a.c2, b.c4, a.c3, b.c3) + a.c4 * b.c2
    let p7 = dot(a.c3, b.c4, a.c4, b.c3)
    let p8 = a.c4 * b.c4
    return Self(p0 + p5 - p8, p1 + p6, p2 - p5 + p7 + p8, p3 - p6 + p8, p4 - p7)
  }

  /// a·b + c·d with one reduction.
  @inlinable
  static func dot(_ a: KoalaBear, _ b: KoalaBear, _ c: KoalaBear, _ d: KoalaBear) -> KoalaBear {
    KoalaBear(reducing: UInt64(a.value) * UInt64(b.value) + UInt64(c.value) * UInt64(d.value))
  }

  /// a^p, the Frobenius map: X^p is a fixed element, and coordinates stay.
  var frobenius: Self {
    var result = Self(c0)
    for degree in 1..<Self.degree { result += Self.frobeniusOfBasis[degree] * self[degree] }
    return result
  }

  private static let frobeniusOfBasis: [Self] = basis.map { $0.power(UInt64(KoalaBear.modulus)) }

  /// The inverse by the norm, or `nil` for zero: a^(p + p² + p³ + p⁴) / N(a) with N(a) in F.
  public var inverse: Self? {
    let first = frobenius
    let second = first.frobenius
    let third = second.frobenius
    let conjugates = first * second * (third * third.frobenius)
    guard let norm = (self * conjugates).c0.inverse else { return nil }
    return conjugates * norm
  }
}
