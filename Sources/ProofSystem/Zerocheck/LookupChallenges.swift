package import Algebra

/// The challenges of the logarithmic-derivative lookups (LogUp, eprint 2022/1530).
package struct LookupChallenges: Sendable {
  package let beta: ChallengeField
  /// α^1, α^2, … for the values of a tuple.
  package let alphaPowers: [ChallengeField]
  /// θ^0, θ^1, … for the places of numerators.
  package let thetaPowers: [ChallengeField]

  package init(
    alpha: ChallengeField,
    beta: ChallengeField,
    theta: ChallengeField,
    _ tables: [Table]
  ) {
    self.beta = beta
    let messages = tables.flatMap(\.messages)
    alphaPowers = Array(alpha.powers((messages.map(\.values.count).max() ?? 0) + 1).dropFirst())
    thetaPowers = theta.powers(messages.map(\.numerators.count).max() ?? 1)
  }

  /// D = β − (tag + Σ α^i v_i).
  package func denominator<E: FieldElement>(
    _ message: RowProgram.MessagePlaces,
    _ registers: [E],
    lift: (ChallengeField, E) -> ChallengeField
  ) -> ChallengeField {
    var sum = ChallengeField(BaseField(reducing: UInt64(message.tag)))
    for (index, place) in message.values.enumerated() {
      sum += lift(alphaPowers[index], registers[place])
    }
    return beta - sum
  }

  /// N = Σ θ^j N_j.
  package func numerator<E: FieldElement>(
    _ message: RowProgram.MessagePlaces,
    _ registers: [E],
    lift: (ChallengeField, E) -> ChallengeField
  ) -> ChallengeField {
    var sum = ChallengeField.zero
    for (index, place) in message.numerators.enumerated() {
      sum += lift(thetaPowers[index], registers[place])
    }
    return sum
  }
}
