internal import Algebra

/// P_t of a table at one place of the cube's extension: the same code for every round of the prover
/// and for the verifier's last check.
package struct TableEvaluator: Sendable {
  package let table: Table
  package let program: RowProgram
  private let lookups: LookupChallenges
  private let omega: ChallengeField
  /// λ^idx of each rule, then of each helper's rule.
  private let weights: ArraySlice<ChallengeField>

  /// Evaluators for all tables; every rule of every table owns its own power of λ.
  package static func all(
    _ tables: [Table],
    lookups: LookupChallenges,
    lambda: ChallengeField,
    omega: ChallengeField
  ) -> [TableEvaluator] {
    let counts = tables.map { $0.constraints.count + $0.helperCount }
    let powers = lambda.powers(counts.reduce(0, +))
    var first = 0
    return zip(tables, counts).map { table, count in
      defer { first += count }
      return TableEvaluator(
        table: table,
        program: table.rules.program,
        lookups: lookups,
        omega: omega,
        weights: powers[first..<first + count]
      )
    }
  }

  /// actEq · Σ λ^idx C + ω · act · Σ H.
  ///
  /// The registers are those of the program, its columns filled in; they are used as scratch.
  package func value(
    _ registers: inout [ChallengeField],
    helpers: ArraySlice<ChallengeField>,
    active: ChallengeField,
    activeEq: ChallengeField
  ) -> ChallengeField {
    program.run(&registers)
    var weight = weights.startIndex
    var rules = ChallengeField.zero
    for place in program.constraints {
      rules += weights[weight] * registers[place]
      weight += 1
    }
    var sum = ChallengeField.zero
    for (pair, helper) in helpers.enumerated() {
      let first = program.messages[2 * pair]
      let (d1, n1) = (
        lookups.denominator(first, registers, lift: *), lookups.numerator(first, registers, lift: *)
      )
      var rule = helper * d1 - n1
      if 2 * pair + 1 < program.messages.count {
        let second = program.messages[2 * pair + 1]
        let d2 = lookups.denominator(second, registers, lift: *)
        rule = rule * d2 - lookups.numerator(second, registers, lift: *) * d1
      }
      rules += weights[weight] * rule
      weight += 1
      sum += helper
    }
    return activeEq * rules + omega * active * sum
  }
}
