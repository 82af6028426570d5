internal import Algebra

/// W = Σ γ^(j−1) W_j on the virtual stack: all claimed evaluations as one linear form.
///
/// W_j is eq(r, ·) on the interval of a column, times X^e for coordinate e of a column over E: one claim
/// for such a column, not five.
package struct OpeningWeights: Sendable {
  /// An interval with its factor.
  package struct Term: Sendable {
    /// The first entry on the virtual stack.
    package let offset: Int
    /// log2 of the number of entries.
    package let logHeight: Int
    /// What eq(r, ·) is multiplied by.
    package let factor: ChallengeField
  }

  /// The intervals in the order of the claims.
  package let terms: [Term]
  private let point: [ChallengeField]
  private let variableCount: Int

  package init(_ layout: StackLayout, gamma: ChallengeField, point: [ChallengeField]) {
    var terms: [Term] = []
    var power = ChallengeField.one
    for table in layout.columns.indices {
      for place in layout.columns[table] {
        terms.append(
          Term(
            offset: layout.virtualOffset(place),
            logHeight: place.logHeight,
            factor: power
          )
        )
        power *= gamma
      }
      for coordinates in layout.helpers[table] {
        for (degree, place) in coordinates.enumerated() {
          terms.append(
            Term(
              offset: layout.virtualOffset(place),
              logHeight: place.logHeight,
              factor: power * ChallengeField.basis[degree]
            )
          )
        }
        power *= gamma
      }
    }
    (self.terms, self.point, variableCount) = (terms, point, layout.variableCount)
  }

  /// The claims in order, with the powers of γ: Σ γ^(j−1) e_j.
  package static func claim(_ evaluations: [[ChallengeField]], gamma: ChallengeField)
    -> ChallengeField
  {
    var (sum, power) = (ChallengeField.zero, ChallengeField.one)
    for value in evaluations.joined() {
      sum += power * value
      power *= gamma
    }
    return sum
  }

  /// W's extension at a point.
  ///
  /// - Complexity: O(terms · ν).
  package func value(at other: [ChallengeField]) -> ChallengeField {
    var equal: [Int: ChallengeField] = [:]
    var sum = ChallengeField.zero
    for term in terms {
      let k = term.logHeight
      let eq = equal[k] ?? EqPolynomial.value(point.prefix(k), other.prefix(k))
      equal[k] = eq
      var product = term.factor * eq
      for index in k..<other.count {
        product *= term.offset >> index & 1 == 1 ? other[index] : .one - other[index]
      }
      sum += product
    }
    return sum
  }
}
