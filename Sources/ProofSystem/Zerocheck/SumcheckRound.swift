internal import Algebra

/// A round polynomial by its values at 1, …, d; the value at 0 is implied by the claim.
package enum SumcheckRound {
  /// The claim of the next round: the polynomial at the challenge.
  ///
  /// The sum check cannot be forgotten: the value at 0 is claim − p(1) and stands nowhere else.
  ///
  /// - Complexity: O(d²).
  package static func reduce(
    claim: ChallengeField,
    values: [ChallengeField],
    challenge: ChallengeField
  ) -> ChallengeField {
    guard let first = values.first else { return claim }
    return interpolate([claim - first] + values, at: challenge)
  }

  /// The polynomial through (0, y_0), (1, y_1), … at a point (Lagrange).
  package static func interpolate(_ values: [ChallengeField], at x: ChallengeField)
    -> ChallengeField
  {
    var sum = ChallengeField.zero
    for (i, value) in values.enumerated() {
      var numerator = ChallengeField.one
      var denominator = BaseField.one
      for j in values.indices where j != i {
        numerator *= x - ChallengeField(BaseField(j))
        denominator *= BaseField(i - j)
      }
      // Differences of small integers are never zero in F.
      guard let inverse = denominator.inverse else { continue }
      sum += value * numerator * inverse
    }
    return sum
  }
}
