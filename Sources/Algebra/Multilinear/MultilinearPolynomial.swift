/// A multilinear polynomial in k variables by its 2^k values on the cube.
public struct MultilinearPolynomial<E: FieldElement>: Hashable, Sendable {
  /// The values, indexed as `EqPolynomial` says.
  public var values: [E]

  /// The polynomial of some values.
  ///
  /// - Precondition: their number is a power of two.
  @inlinable
  public init(_ values: [E]) {
    precondition(values.count.nonzeroBitCount == 1, "the number of values is a power of two")
    self.values = values
  }

  /// The number of variables.
  @inlinable
  public var variableCount: Int { values.count.trailingZeroBitCount }

  /// Binds the highest variable: v'[x] = v[x] + r (v[x + half] − v[x]).
  ///
  /// - Precondition: there is a variable.
  /// - Complexity: O(2^k).
  @inlinable
  public mutating func bindHighest(to r: E) {
    let half = values.count / 2
    precondition(half > 0, "a constant has no variable")
    for index in 0..<half { values[index] += r * (values[index + half] - values[index]) }
    values.removeSubrange(half...)
  }

  /// The value at a point.
  ///
  /// - Complexity: O(2^k).
  @inlinable
  public func value(at point: [E]) -> E {
    precondition(point.count == variableCount, "one coordinate a variable")
    var rest = self
    for coordinate in point.reversed() { rest.bindHighest(to: coordinate) }
    return rest.values[0]
  }
}
