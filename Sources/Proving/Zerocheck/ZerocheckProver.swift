internal import Algebra
internal import ProofSystem

/// The prover's half of the zerocheck: K rounds over s + ρ₁ P, highest variable first.
struct ZerocheckProver {
  /// One table while its variables are bound.
  private struct Folding {
    let plan: ZerocheckPlan
    let kernels: ProverKernels
    /// Columns over F until two variables are bound; the second round reads both halves of each, and keeps
    /// no lists over E of half their length.
    private var columns: [VectorProgram.Input.Values]
    /// All other lists.
    private var lists: [VectorProgram.Input.Values]
    private var program: VectorProgram
    private var registers: [(slot: Int, difference: Int)]
    private(set) var variableCount: Int
    /// Rows below this one can be active.
    private var activeCount: Int
    /// The first challenges.
    private var bound: [ChallengeField] = []
    /// The sum over the whole cube before a variable is bound, for tables that are lower than the largest.
    let sum: ChallengeField?

    init(
      _ plan: ZerocheckPlan,
      columns: TableColumns,
      denominators: [ExtensionVector],
      helpers: [ExtensionVector],
      tau: [ChallengeField],
      _ kernels: ProverKernels
    ) {
      let table = plan.table
      (self.plan, self.kernels) = (plan, kernels)
      (variableCount, activeCount) = (table.logHeight, table.activeRowCount)
      let sums = plan.columns.filter { $0.columnsUsed.count > 1 }
      var linearPart = plan.rules
      linearPart.constant = .zero
      linearPart.products = []
      let made = columns.linearLists([linearPart], base: sums, kernels)
      let single = plan.columns.filter { $0.columnsUsed.count == 1 }.map { columns.list($0) }
      let eq = EqTable.make(Array(tau.prefix(table.logHeight)), kernels)
      let active = WordBuffer(zeros: table.rowCount)
      for row in 0..<table.activeRowCount { active[row] = 1 }
      eq.clear(from: table.activeRowCount)
      self.columns = single + made.base
      lists = made.extension.map { .extension($0) }
      lists += denominators.map { .extension($0) } + helpers.map { .canonical($0) }
      lists += [.base(active, offset: 0), .extension(eq)]
      (program, registers) = plan.program(.first)
      let (all, rows) = (self.columns + lists, 0..<table.activeRowCount)
      let (first, slots) = (program, registers)
      sum =
        table.logHeight < tau.count
        ? Self.sums(all, first, slots, half: 0, rows, kernels)[0] : nil
    }

    private static func sums(
      _ lists: [VectorProgram.Input.Values],
      _ program: VectorProgram,
      _ registers: [(slot: Int, difference: Int)],
      half: Int,
      _ rows: Range<Int>,
      _ kernels: ProverKernels
    ) -> [ChallengeField] {
      let inputs = zip(lists, registers).map {
        VectorProgram.Input(values: $0, slot: $1.slot, difference: $1.difference)
      }
      let ranges = kernels.loop.ranges(rows)
      let parts = kernels.loop.map(ranges.count) {
        kernels.vectors.rounds(program, inputs, half, ranges[$0])
      }
      return parts.reduce([ChallengeField](repeating: .zero, count: 4)) { sum, part in
        zip(sum, part).map { $0 + $1 }
      }
    }

    /// Σ over the cube below of P_t with the highest variable at 1, …, 4.
    func round() -> [ChallengeField] {
      let half = 1 << (variableCount - 1)
      let rows = 0..<min(half, activeCount)
      let read =
        bound.count == 1
        ? columns.flatMap { [Self.part($0, 0), Self.part($0, 2 * half)] } : columns
      return Self.sums(read + lists, program, registers, half: half, rows, kernels)
    }

    /// A list over F from a row on.
    private static func part(
      _ column: VectorProgram.Input.Values,
      _ row: Int
    ) -> VectorProgram.Input.Values {
      guard case .base(let words, let offset) = column else { return column }
      return .base(words, offset: offset + row)
    }

    mutating func bind(to r: ChallengeField) {
      let half = 1 << (variableCount - 1)
      lists = folded(lists, half, r)
      bound.append(r)
      switch bound.count {
      case 1: (program, registers) = plan.program(.second(r))
      case 2:
        columns = boundTwice(half)
        (program, registers) = plan.program(.later)
      default: columns = folded(columns, half, r)
      }
      variableCount -= 1
      activeCount = min(half, activeCount)
    }

    /// Lists with their highest variable bound, in place where they are over E in Montgomery form.
    private func folded(
      _ sources: [VectorProgram.Input.Values],
      _ half: Int,
      _ r: ChallengeField
    ) -> [VectorProgram.Input.Values] {
      let targets = sources.map { source in
        if case .extension(let vector) = source { vector } else { ExtensionVector(zeros: half) }
      }
      // Short lists are shared out whole, long ones in ranges.
      let ranges = half <= 4096 ? [0..<half] : kernels.loop.ranges(0..<half)
      kernels.loop.run(sources.count * ranges.count) { turn in
        let index = turn / ranges.count
        kernels.vectors.fold(sources[index], half, r, ranges[turn % ranges.count], targets[index])
      }
      return targets.map { .extension($0) }
    }

    /// The columns over F with their two highest variables bound, from their quarters.
    private func boundTwice(_ quarter: Int) -> [VectorProgram.Input.Values] {
      // The first challenge bound the higher variable.
      let weights = EqPolynomial.table([bound[1], bound[0]])
      let words = WordBuffer(unset: columns.count * ChallengeField.degree * quarter)
      let targets = columns.indices.map { index in
        ExtensionVector(
          words,
          offset: index * ChallengeField.degree * quarter,
          stride: quarter,
          count: quarter
        )
      }
      kernels.loop.run(columns.count) { index in
        guard case .base(let column, let offset) = columns[index] else { return }
        let own = index * ChallengeField.degree * quarter
        words.clear(own..<own + ChallengeField.degree * quarter)
        let terms = weights.enumerated().map { (offset: offset + $0 * quarter, coefficient: $1) }
        kernels.vectors.accumulate(targets[index], column, terms, 0..<quarter)
        kernels.vectors.encode(targets[index], 0..<quarter)
      }
      return targets.map { .extension($0) }
    }
  }

  private var tables: [Folding]
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
      Folding(
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
  func round(_ variable: Int) -> [ChallengeField] {
    var values = mask.round(variable, bound: bound, at: 1..<5)
    let half = BaseField(2).inverse ?? .one
    for folding in tables {
      let lift = half.power(UInt64(variableCount - folding.plan.table.logHeight))
      if folding.variableCount > variable {
        for (place, sum) in folding.round().enumerated() { values[place] += rho * sum * lift }
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
