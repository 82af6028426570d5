internal import Algebra
internal import ProofSystem

extension LookupChallenges {
  /// The helper columns of a table over its active rows: H_j = N_1 / D_1 + N_2 / D_2.
  ///
  /// - Returns: by helper, then by row; `nil` when a denominator is zero.
  func helpers(_ table: Table, _ witness: TableWitness) -> [[ChallengeField]]? {
    guard !table.messages.isEmpty else { return [] }
    let program = RowProgram(table)
    let lift: (ChallengeField, BaseField) -> ChallengeField = { $0 * $1 }
    var numerators: [ChallengeField] = []
    var denominators: [ChallengeField] = []
    var registers = [BaseField](repeating: .zero, count: program.registerCount)
    for row in 0..<table.activeRowCount {
      for (index, column) in witness.columns.enumerated() { registers[index] = column[row] }
      for (index, column) in table.publicColumns.enumerated() {
        registers[table.columns.count + index] = column.value(row: row)
      }
      program.run(&registers)
      for message in program.messages {
        numerators.append(numerator(message, registers, lift: lift))
        denominators.append(denominator(message, registers, lift: lift))
      }
    }
    guard let inverses = ChallengeField.inverses(of: denominators) else { return nil }
    var helpers = [[ChallengeField]](repeating: [], count: table.helperCount)
    let count = program.messages.count
    for row in 0..<table.activeRowCount {
      for pair in 0..<table.helperCount {
        var sum = ChallengeField.zero
        for index in 2 * pair..<min(2 * pair + 2, count) {
          sum += numerators[row * count + index] * inverses[row * count + index]
        }
        helpers[pair].append(sum)
      }
    }
    return helpers
  }
}
