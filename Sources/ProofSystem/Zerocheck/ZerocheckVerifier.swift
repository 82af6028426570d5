internal import Algebra

/// The verifier's last step of the zerocheck: P(r) from the claimed evaluations.
package enum ZerocheckVerifier {
  /// Σ_t 2^−(K − k_t) P_t(r_0, …, r_{k_t − 1}).
  ///
  /// - Complexity: O(rules + K · tables), and the explicit public columns.
  package static func value(
    evaluators: [TableEvaluator],
    evaluations: [[ChallengeField]],
    tau: [ChallengeField],
    point: [ChallengeField]
  ) -> ChallengeField {
    let half = BaseField(2).inverse ?? .one
    var sum = ChallengeField.zero
    for (evaluator, values) in zip(evaluators, evaluations) {
      let table = evaluator.table
      let r = Array(point.prefix(table.logHeight))
      var registers = [ChallengeField](repeating: .zero, count: evaluator.program.registerCount)
      for index in table.columns.indices { registers[index] = values[index] }
      for (index, column) in table.publicColumns.enumerated() {
        registers[table.columns.count + index] = column.value(at: r)
      }
      let pairs = Array(zip(tau, r))
      let value = evaluator.value(
        &registers,
        helpers: values[table.columns.count...],
        active: EqPolynomial.prefix(
          UInt64(table.activeRowCount),
          zero: r.map { .one - $0 },
          one: r
        ),
        activeEq: EqPolynomial.prefix(
          UInt64(table.activeRowCount),
          zero: pairs.map { (.one - $0) * (.one - $1) },
          one: pairs.map { $0 * $1 }
        )
      )
      sum += value * half.power(UInt64(point.count - table.logHeight))
    }
    return sum
  }
}
