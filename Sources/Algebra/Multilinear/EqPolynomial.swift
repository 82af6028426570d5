/// eq(r, x) = ∏ (r_i x_i + (1 − r_i)(1 − x_i)), the weights of a multilinear extension.
///
/// Variable order, for all of this package: a vector of length 2^k is indexed by x = Σ x_i 2^i, bit 0
/// is the lowest and belongs to variable 0; a point lists its coordinates r_0, …, r_{k−1} in that order.
public enum EqPolynomial {
  /// eq(r, x) for all x of the cube.
  ///
  /// - Complexity: O(2^k).
  @inlinable
  public static func table<E: FieldElement>(_ point: [E]) -> [E] {
    var table = [E.one]
    table.reserveCapacity(1 << point.count)
    for coordinate in point {
      // The new variable is the highest bit so far.
      let high = table.map { $0 * coordinate }
      for index in table.indices { table[index] = table[index] - high[index] }
      table.append(contentsOf: high)
    }
    return table
  }

  /// eq(r, s) for two points of one length.
  ///
  /// - Complexity: O(k).
  @inlinable
  public static func value<E: FieldElement>(_ r: some Collection<E>, _ s: some Collection<E>) -> E {
    precondition(r.count == s.count, "two points of one length")
    var product = E.one
    for (a, b) in zip(r, s) {
      let both = a * b
      product *= both + both + E.one - a - b
    }
    return product
  }

  /// The multilinear extension of x ↦ z(x) · 1[x < n] at a point, where z(x) is a product of one weight
  /// for each bit of x: `zero[i]` for a 0, `one[i]` for a 1.
  ///
  /// With `zero = 1 − r`, `one = r` this extends the indicator of [0, n); with the products of the
  /// weights of tau and r it extends eq(tau, x) · 1[x < n].
  ///
  /// - Precondition: n is at most 2^k.
  /// - Complexity: O(k).
  @inlinable
  public static func prefix<E: FieldElement>(_ n: UInt64, zero: [E], one: [E]) -> E {
    let count = zero.count
    precondition(one.count == count && n <= 1 << UInt64(count), "n is at most 2^k")
    var below = [E.one]
    for index in 0..<count { below.append(below[index] * (zero[index] + one[index])) }
    if n == 1 << UInt64(count) { return below[count] }
    var sum = E.zero
    var path = E.one
    for index in (0..<count).reversed() {
      if n >> UInt64(index) & 1 == 1 {
        sum += path * zero[index] * below[index]
        path *= one[index]
      } else {
        path *= zero[index]
      }
    }
    return sum
  }
}
