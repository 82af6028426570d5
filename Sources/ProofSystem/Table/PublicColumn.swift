public import Algebra

/// A column that everybody knows: it is never committed, and the verifier evaluates its extension itself.
public enum PublicColumn: Hashable, Sendable {
  /// One value in every row.
  case constant(BaseField)
  /// The number of the row.
  case index
  /// Bits `from` to `from + count − 1` of the number of the row.
  case bits(from: Int, count: Int)
  /// The first rows' values; zero behind them.
  case explicit([BaseField])

  /// The most values of an explicit column: the verifier's work is linear in them.
  public static let explicitLimit = 1 << 16

  /// The value in a row.
  public func value(row: Int) -> BaseField {
    switch self {
    case .constant(let value): value
    case .index: BaseField(reducing: UInt64(row))
    case .bits(let from, let count):
      BaseField(reducing: UInt64(row >> from & ((1 << count) - 1)))
    case .explicit(let values): row < values.count ? values[row] : .zero
    }
  }

  /// The value of the multilinear extension at a point of k coordinates.
  ///
  /// - Complexity: O(k), and O(values) for an explicit column.
  public func value(at point: [ChallengeField]) -> ChallengeField {
    switch self {
    case .constant(let value): return ChallengeField(value)
    case .index: return Self.bits(from: 0, count: point.count).value(at: point)
    case .bits(let from, let count):
      // The number is linear in its bits.
      var sum = ChallengeField.zero
      // Bits that the table's rows do not have are zero; found by scripts/fuzz as an empty range.
      for bit in from..<max(from, min(point.count, from + count)) {
        sum += point[bit] * BaseField(reducing: 1 << UInt64(bit - from))
      }
      return sum
    case .explicit(let values):
      // Only the subcube that holds the values counts.
      var width = 0
      while 1 << width < values.count { width += 1 }
      var sum = ChallengeField.zero
      let weights = EqPolynomial.table(Array(point.prefix(width)))
      for (weight, value) in zip(weights, values) { sum += weight * value }
      for coordinate in point.dropFirst(width) { sum *= .one - coordinate }
      return sum
    }
  }
}
