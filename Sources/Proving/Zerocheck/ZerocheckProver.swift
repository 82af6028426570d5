internal import Algebra
internal import ProofSystem

/// The prover's half of the zerocheck: K rounds over s + ρ₁ P, highest variable first.
struct ZerocheckProver {
  private var tables: [TableFolding]
  private let variableCount: Int
  private let mask: MaskPolynomial
  private let rho: ChallengeField
  private var bound: [Int: ChallengeField] = [:]

  /// Begins; `denominators` and `helpers` by table, the latter with canonical planes.
  init(
    plans: [ZerocheckPlan],
    columns: [TableColumns],
    denominators: [[ExtensionVector]],
    helpers: [[ExtensionVector]],
    tau: [ChallengeField],
    mask: MaskPolynomial,
    rho: ChallengeField,
    kernels: ProverKernels
  ) {
    (variableCount, self.mask, self.rho) = (tau.count, mask, rho)
    tables = plans.indices.map { index in
      TableFolding(
        plans[index],
        columns: columns[index],
        denominators: denominators[index],
        helpers: helpers[index],
        tau: tau,
        kernels
      )
    }
  }

  /// The values at 1, …, 4 of the round of a variable.
  mutating func round(_ variable: Int) -> [ChallengeField] {
    var values = mask.round(variable, bound: bound, at: 1..<5)
    let half = BaseField(2).inverse ?? .one
    for index in tables.indices {
      let folding = tables[index]
      let lift = half.power(UInt64(variableCount - folding.plan.table.logHeight))
      if folding.variableCount > variable {
        for (place, sum) in tables[index].round().enumerated() { values[place] += rho * sum * lift }
      } else {
        // The table does not depend on this variable; what is left of the cube repeats its sum.
        let copies = BaseField(2).power(UInt64(variable - folding.variableCount))
        let sum = rho * (folding.sum ?? .zero) * lift * copies
        for place in values.indices { values[place] += sum }
      }
    }
    return values
  }

  /// Binds the variable.
  mutating func bind(_ variable: Int, to challenge: ChallengeField) {
    bound[variable] = challenge
    for index in tables.indices where tables[index].variableCount > variable {
      tables[index].bind(to: challenge)
    }
  }
}
