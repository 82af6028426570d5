internal import Algebra
internal import ProofSystem

/// s(x) = s_0 + Σ_i Σ_j s_{i,j} x_i^j: the sum that hides a sumcheck's rounds (Libra, eprint 2019/317).
struct MaskPolynomial: Sendable {
  let variableCount: Int
  let degree: Int
  /// s_0, then s_{i,j} at 1 + degree · i + (j − 1).
  let coefficients: [ChallengeField]

  /// The number of coefficients.
  static func slotCount(variableCount: Int, degree: Int) -> Int { 1 + variableCount * degree }

  init(variableCount: Int, degree: Int, stream: inout ProverRandomness.Stream) {
    (self.variableCount, self.degree) = (variableCount, degree)
    let count = Self.slotCount(variableCount: variableCount, degree: degree)
    coefficients = (0..<count).map { _ in stream.element() }
  }

  private func coefficient(_ variable: Int, _ power: Int) -> ChallengeField {
    coefficients[1 + degree * variable + power - 1]
  }

  /// The sum over the cube.
  var sum: ChallengeField {
    guard variableCount > 0 else { return coefficients[0] }
    let half = BaseField(2).power(UInt64(variableCount - 1))
    let others = coefficients.dropFirst().reduce(.zero, +)
    return (coefficients[0] + coefficients[0] + others) * half
  }

  /// The round polynomial of a variable at 0, …, `degree`, the higher ones bound.
  ///
  /// `bound` has the challenges of the variables above, by their numbers.
  func round(_ variable: Int, bound: [Int: ChallengeField], at points: Range<Int>)
    -> [ChallengeField]
  {
    var fixed = coefficients[0]
    for (index, challenge) in bound where index > variable {
      let powers = challenge.powers(degree + 1)
      for power in 1...degree { fixed += coefficient(index, power) * powers[power] }
    }
    var low = ChallengeField.zero
    for index in 0..<variable {
      for power in 1...degree { low += coefficient(index, power) }
    }
    let count = BaseField(2).power(UInt64(variable))
    let half = variable > 0 ? BaseField(2).power(UInt64(variable - 1)) : .zero
    return points.map { point in
      var value = fixed
      let powers = BaseField(point).powers(degree + 1)
      for power in 1...degree { value += coefficient(variable, power) * powers[power] }
      return value * count + low * half
    }
  }
}
