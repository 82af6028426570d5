internal import Algebra
internal import ProofSystem

/// The prover's half of the zerocheck: K rounds over s + ρ₁ P, highest variable first.
struct ZerocheckProver {
  /// One table while its variables are bound.
  private struct Folding {
    let evaluator: TableEvaluator
    /// Committed columns, public columns, helpers, act, actEq: one list each, of one length.
    var lists: [MultilinearPolynomial<ChallengeField>]

    var variableCount: Int { lists[0].variableCount }

    /// Σ over the cube below of P_t with the highest variable at each of `points`.
    func round(_ points: Range<Int>) -> [ChallengeField] {
      let half = lists[0].values.count / 2
      let steps = points.map { BaseField($0) }
      var sums = [ChallengeField](repeating: .zero, count: points.count)
      var row = [ChallengeField](repeating: .zero, count: lists.count)
      var registers = [ChallengeField](repeating: .zero, count: evaluator.program.registerCount)
      for index in 0..<half {
        for (place, step) in steps.enumerated() {
          for (list, polynomial) in lists.enumerated() {
            let low = polynomial.values[index]
            row[list] = low + (polynomial.values[index + half] - low) * step
          }
          sums[place] += value(row, &registers)
        }
      }
      return sums
    }

    func value(_ row: [ChallengeField], _ registers: inout [ChallengeField]) -> ChallengeField {
      let count = evaluator.table.columns.count + evaluator.table.publicColumns.count
      registers.replaceSubrange(0..<count, with: row[..<count])
      let helpers = row[count..<row.count - 2]
      return evaluator.value(
        &registers,
        helpers: helpers,
        active: row[row.count - 2],
        activeEq: row[row.count - 1]
      )
    }

    /// The sum over the whole cube of what is left.
    var sum: ChallengeField {
      var registers = [ChallengeField](repeating: .zero, count: evaluator.program.registerCount)
      var sum = ChallengeField.zero
      for index in 0..<lists[0].values.count {
        sum += value(lists.map { $0.values[index] }, &registers)
      }
      return sum
    }
  }

  private var tables: [Folding]
  private let variableCount: Int
  private let mask: MaskPolynomial
  private let rho: ChallengeField
  private var bound: [Int: ChallengeField] = [:]

  init(
    evaluators: [TableEvaluator],
    columns: [[[BaseField]]],
    helpers: [[[ChallengeField]]],
    tau: [ChallengeField],
    mask: MaskPolynomial,
    rho: ChallengeField
  ) {
    (variableCount, self.mask, self.rho) = (tau.count, mask, rho)
    tables = evaluators.enumerated().map { index, evaluator in
      let table = evaluator.table
      let eq = EqPolynomial.table(Array(tau.prefix(table.logHeight)))
      let rows = 0..<table.rowCount
      var lists: [[ChallengeField]] = columns[index].map { $0.map { ChallengeField($0) } }
      for column in table.publicColumns {
        lists.append(rows.map { ChallengeField(column.value(row: $0)) })
      }
      lists += helpers[index]
      lists.append(rows.map { $0 < table.activeRowCount ? .one : .zero })
      lists.append(rows.map { $0 < table.activeRowCount ? eq[$0] : .zero })
      return Folding(evaluator: evaluator, lists: lists.map { MultilinearPolynomial($0) })
    }
  }

  /// The values at 1, …, 4 of the round of a variable.
  func round(_ variable: Int) -> [ChallengeField] {
    let points = 1..<5
    var values = mask.round(variable, bound: bound, at: points)
    let half = BaseField(2).inverse ?? .one
    for folding in tables {
      let lift = half.power(UInt64(variableCount - folding.evaluator.table.logHeight))
      if folding.variableCount > variable {
        for (place, sum) in folding.round(points).enumerated() {
          values[place] += rho * sum * lift
        }
      } else {
        // The table does not depend on this variable; what is left of the cube repeats its sum.
        let copies = BaseField(2).power(UInt64(variable - folding.variableCount))
        let sum = rho * folding.sum * lift * copies
        for place in values.indices { values[place] += sum }
      }
    }
    return values
  }

  /// Binds the variable.
  mutating func bind(_ variable: Int, to challenge: ChallengeField) {
    bound[variable] = challenge
    for index in tables.indices where tables[index].variableCount > variable {
      for list in tables[index].lists.indices {
        tables[index].lists[list].bindHighest(to: challenge)
      }
    }
  }

  /// By table: the values of committed columns, then of helpers, at the point.
  var evaluations: [[ChallengeField]] {
    tables.map { folding in
      let table = folding.evaluator.table
      let values = folding.lists.map { $0.values[0] }
      let first = table.columns.count + table.publicColumns.count
      return Array(values[..<table.columns.count] + values[first..<first + table.helperCount])
    }
  }
}
