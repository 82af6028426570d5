internal import Glibc

/// How far from the code a committed word may be taken for a codeword, and what that costs.
public enum DecodingRegime: Hashable, Sendable {
  /// Up to half the distance: one codeword is near (proximity gaps, eprint 2020/654).
  case unique
  /// Up to Johnson's radius with η = √ρ / 20: a list is near (eprint 2025/2055, 2025/2110, 2025/2051).
  case johnson

  /// The regime, for people.
  public var name: String {
    switch self {
    case .unique: "proven (unique decoding)"
    case .johnson: "proven under recent theorems (Johnson), status provisional"
    }
  }

  /// The largest number of codewords within the radius: 1 / (2 η √ρ).
  func listSize(rate: Double) -> Double { self == .unique ? 1 : 10 / rate }

  /// The numerator over |E| of correlated agreement on a line, for a domain of n points.
  ///
  /// Johnson: 2 (m + ½)⁵ / (3 ρ^1.5) · n with m = 10, the dominant term of eprint 2025/2055, theorem 1.5.
  func lineNumerator(domainSize n: Double, rate: Double) -> Double {
    switch self {
    case .unique: n
    case .johnson: 2 * pow(10.5, 5) / (3 * pow(rate, 1.5)) * n
    }
  }

  /// −log2 of the chance that one query misses a word outside of the radius: 1 − δ is (1 + ρ) / 2, or
  /// 1.05 √ρ.
  func bitsPerQuery(rate: Double) -> Double {
    switch self {
    case .unique: -log2((1 + rate) / 2)
    case .johnson: -log2(1.05 * rate.squareRoot())
    }
  }

  /// The fewest draws whose chance of missing is at most 2^−bits; `nil` where no number is enough.
  public func queryCount(bits: Int, rate: Double) -> Int? {
    let each = bitsPerQuery(rate: rate)
    guard rate > 0, each > 0.01 else { return nil }
    return Int((Double(bits) / each).rounded(.up))
  }
}
