/// The transform between coefficients and values on the subgroup of order n = 2^k.
///
/// values[q] = Σ_i coefficients[i] · ω^(iq) with ω the root of unity of order n. Coefficients of E go
/// coordinate by coordinate, since ω lies in F.
public struct NumberTheoreticTransform: Sendable {
  /// The logarithm of the order.
  public let log: Int
  /// 1, ω, …, ω^(n/2 − 1).
  @usableFromInline let roots: [KoalaBear]

  /// The transform of order 2^log.
  ///
  /// - Precondition: log is at most 24.
  public init(log: Int) {
    self.log = log
    roots = KoalaBear.rootOfUnity(log: log).powers(max(1, (1 << log) / 2))
  }

  /// The values on the subgroup; fewer than n coefficients are filled up with zeros.
  ///
  /// - Precondition: there are at most n coefficients.
  /// - Complexity: O(n log n).
  @inlinable
  public func values<E: FieldElement>(of coefficients: [E]) -> [E] {
    let n = 1 << log
    precondition(coefficients.count <= n, "at most n coefficients")
    var a = [E](repeating: .zero, count: n)
    for (index, coefficient) in coefficients.enumerated() {
      a[Self.reversed(index, log)] = coefficient
    }
    var half = 1
    while half < n {
      let step = n / (2 * half)
      for start in stride(from: 0, to: n, by: 2 * half) {
        for offset in 0..<half {
          let low = a[start + offset]
          let high = a[start + offset + half] * roots[offset * step]
          a[start + offset] = low + high
          a[start + offset + half] = low - high
        }
      }
      half *= 2
    }
    return a
  }

  /// The lowest `count` bits of an index in the other order.
  @inlinable
  static func reversed(_ index: Int, _ count: Int) -> Int {
    var (result, rest) = (0, index)
    for _ in 0..<count {
      result = result << 1 | rest & 1
      rest >>= 1
    }
    return result
  }
}

/// A polynomial of coefficients at a point, by Horner's rule.
@inlinable
public func evaluate<E: FieldElement>(_ coefficients: [E], at x: KoalaBear) -> E {
  var value = E.zero
  for coefficient in coefficients.reversed() { value = value * x + coefficient }
  return value
}

/// The same over E, four coefficients between two reductions: 4 (p − 1)² + p is below 2^64.
///
/// - Complexity: O(n); a third of the time of the general form.
public func evaluate(_ coefficients: [QuinticExtension], at x: KoalaBear) -> QuinticExtension {
  let powers = x.powers(5).map { UInt64($0.value) }
  @inline(__always)
  func step(
    _ value: KoalaBear,
    _ a: KoalaBear,
    _ b: KoalaBear,
    _ c: KoalaBear,
    _ d: KoalaBear
  ) -> KoalaBear {
    let low = UInt64(a.value) + UInt64(b.value) * powers[1] + UInt64(c.value) * powers[2]
    return KoalaBear(reducing: low + UInt64(d.value) * powers[3] + UInt64(value.value) * powers[4])
  }
  let whole = coefficients.count / 4 * 4
  var value = QuinticExtension.zero
  for index in (whole..<coefficients.count).reversed() { value = value * x + coefficients[index] }
  for start in stride(from: whole - 4, through: 0, by: -4) {
    let (a, b) = (coefficients[start], coefficients[start + 1])
    let (c, d) = (coefficients[start + 2], coefficients[start + 3])
    value = QuinticExtension(
      step(value.c0, a.c0, b.c0, c.c0, d.c0),
      step(value.c1, a.c1, b.c1, c.c1, d.c1),
      step(value.c2, a.c2, b.c2, c.c2, d.c2),
      step(value.c3, a.c3, b.c3, c.c3, d.c3),
      step(value.c4, a.c4, b.c4, c.c4, d.c4)
    )
  }
  return value
}
