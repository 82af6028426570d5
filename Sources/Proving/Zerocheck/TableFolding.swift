internal import Algebra
internal import ProofSystem

/// One table while its variables are bound.
///
/// P_t is eq · C + Σ helpers, both in the active rows. In a round, eq has the factor ℓ(X) = eq(τ_k, X) in all pairs of
/// rows but the last few, of which the upper one is not active; there C, of degree 3, follows from three values and
/// the claim instead of four (Gruen, eprint 2024/108). What is sent is the same.
struct TableFolding {
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
  private let tau: [ChallengeField]
  /// So many pairs, the last ones, are not as all others: as many as rows are not active, in whole blocks.
  private let edgeCount: Int
  /// The round's sum at 0 and 1, where the last round was known at five points.
  private var claim: ChallengeField?
  /// The last round at 0, …, 4.
  private var last: [ChallengeField]?
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
    self.tau = tau
    edgeCount = (table.rowCount - table.activeRowCount + 63) / 64 * 64
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
      ? Self.sums(all, first, slots, half: 0, at: 1, rows, kernels)[0] : nil
  }

  private static func sums(
    _ lists: [VectorProgram.Input.Values],
    _ program: VectorProgram,
    _ registers: [(slot: Int, difference: Int)],
    half: Int,
    at points: Int,
    _ rows: Range<Int>,
    _ kernels: ProverKernels
  ) -> [ChallengeField] {
    let inputs = zip(lists, registers).map {
      VectorProgram.Input(values: $0, slot: $1.slot, difference: $1.difference)
    }
    let ranges = kernels.loop.ranges(rows, least: 128)
    let parts = kernels.loop.map(ranges.count) {
      kernels.vectors.rounds(program, inputs, half, points, ranges[$0])
    }
    return parts.reduce([ChallengeField](repeating: .zero, count: points)) { sum, part in
      zip(sum, part).map { $0 + $1 }
    }
  }

  /// Σ over the cube below of P_t with the highest variable at 1, …, 4.
  mutating func round() -> [ChallengeField] {
    let half = 1 << (variableCount - 1)
    let read = lists(half)
    let (program, registers, kernels) = (program, registers, kernels)
    func sums(_ rows: Range<Int>, at points: Int, half: Int) -> [ChallengeField] {
      Self.sums(read, program, registers, half: half, at: points, rows, kernels)
    }
    let regular = half - edgeCount
    let end = tau[variableCount - 1]
    let factors = (0..<5).map { (.one - end) + (end + end - .one) * BaseField($0) }
    guard regular > 0, let inverses = ChallengeField.inverses(of: factors) else {
      last = nil
      return sums(0..<min(half, activeCount), at: 4, half: half)
    }
    // The pairs at the edge, and the helpers everywhere, are not multiples of the factor.
    let edge = sums(regular..<half, at: 1, half: 0) + sums(regular..<half, at: 4, half: half)
    let helpers = helperSums(0..<regular, half)
    let points = claim == nil ? 4 : 3
    let found = sums(0..<regular, at: points, half: half)
    // C at 1, 2, …, then at the one of 0 and 4 that was not computed.
    var c = found.indices.map { (found[$0] - helpers[$0 + 1]) * inverses[$0 + 1] }
    if let claim {
      c.insert((claim - edge[0] - edge[1] - found[0] - helpers[0]) * inverses[0], at: 0)
      c.append(Self.next(c))
    } else {
      c.insert(Self.next(c.reversed()), at: 0)
    }
    let values = (0..<5).map { c[$0] * factors[$0] + helpers[$0] + edge[$0] }
    last = values
    return Array(values.dropFirst())
  }

  /// The next value of a cubic polynomial after four at neighboring integers.
  private static func next(_ values: [ChallengeField]) -> ChallengeField {
    let (four, six) = (BaseField(4), BaseField(6))
    return (values[3] + values[1]) * four - values[2] * six - values[0]
  }

  /// Σ of the helpers' part of P_t at 0, …, 4: quadratic, from three values.
  private func helperSums(_ rows: Range<Int>, _ half: Int) -> [ChallengeField] {
    guard let (program, registers) = plan.helperProgram(isFirst: bound.isEmpty) else {
      return Array(repeating: .zero, count: 5)
    }
    let first = lists.count - 2 - plan.table.helperCount
    let read = Array(lists[first..<lists.count - 1])
    let h = Self.sums(read, program, registers, half: half, at: 3, rows, kernels)
    let three = BaseField(3)
    return [(h[0] - h[1]) * three + h[2]] + h + [(h[2] - h[1]) * three + h[0]]
  }

  /// What the round's program reads.
  private func lists(_ half: Int) -> [VectorProgram.Input.Values] {
    guard bound.count == 1 else { return columns + lists }
    return columns.flatMap { [Self.part($0, 0), Self.part($0, 2 * half)] } + lists
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
    claim = last.map { SumcheckRound.interpolate($0, at: r) }
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
