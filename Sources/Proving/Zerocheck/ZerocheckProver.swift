internal import Algebra
internal import ProofSystem

/// The prover's half of the zerocheck: K rounds over s + ρ₁ P, highest variable first.
struct ZerocheckProver {
  /// One table while its variables are bound.
  private struct Folding {
    let plan: ZerocheckPlan
    let kernels: ProverKernels
    private var lists: [VectorProgram.Input.Values]
    /// Over F until the first variable is bound.
    private var program: VectorProgram
    private var registers: [(slot: Int, difference: Int)]
    private(set) var variableCount: Int
    /// Rows below this one can be active.
    private var activeCount: Int
    private var isBound = false
    /// The sum over the whole cube, before a variable is bound.
    let sum: ChallengeField

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
      lists = single + made.base + made.extension.map { .extension($0) }
      lists += denominators.map { .extension($0) } + helpers.map { .canonical($0) }
      lists += [.base(active, offset: 0), .extension(eq)]
      (program, registers) = plan.program(columnsAreExtension: false)
      let (all, first, slots, rows) = (lists, program, registers, 0..<table.activeRowCount)
      sum = Self.sums(all, first, slots, half: 0, rows, kernels)[0]
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
      return Self.sums(lists, program, registers, half: half, rows, kernels)
    }

    mutating func bind(to r: ChallengeField) {
      let half = 1 << (variableCount - 1)
      let (vectors, loop) = (kernels.vectors, kernels.loop)
      for index in lists.indices {
        let source = lists[index]
        let target: ExtensionVector
        if case .extension(let vector) = source {
          target = vector
        } else {
          target = ExtensionVector(zeros: half)
        }
        loop.forRanges(0..<half) { vectors.fold(source, half, r, $0, target) }
        lists[index] = .extension(target)
      }
      variableCount -= 1
      activeCount = min(half, activeCount)
      if !isBound { (program, registers) = plan.program(columnsAreExtension: true) }
      isBound = true
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
      tables[index].bind(to: challenge)
    }
  }
}
