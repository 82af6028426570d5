internal import Algebra
internal import ProofSystem

/// P_t of a table as a program over rows: what is linear in the columns becomes one list of its own, so that
/// only columns that are multiplied with each other are read in every round.
///
/// Lists in this order: columns that occur in products, the rules' linear parts, denominators and helpers by
/// message, the active rows, and eq on them.
struct ZerocheckPlan {
  let table: Table
  /// A polynomial of a row, sorted into a constant, linear and other parts.
  struct Combination {
    var constant = ChallengeField.zero
    /// By committed column, then by public column.
    var linear: [Expression: ChallengeField] = [:]
    var products: [(expression: Expression, factor: ChallengeField)] = []
    private var places: [Expression: Int] = [:]

    /// Adds factor · expression.
    mutating func add(_ expression: Expression, _ factor: ChallengeField) {
      switch expression {
      case .constant(let value): constant += factor * value
      case .column, .publicColumn: linear[expression, default: .zero] += factor
      case .linear(let form):
        constant += factor * form.constant
        for (column, coefficient) in form.terms {
          linear[.column(column), default: .zero] += factor * coefficient
        }
      case .sum(let a, let b):
        add(a, factor)
        add(b, factor)
      case .difference(let a, let b):
        add(a, factor)
        add(b, -factor)
      case .product(.constant(let value), let other), .product(let other, .constant(let value)):
        add(other, factor * value)
      case .product:
        if let place = places[expression] {
          products[place].factor += factor
        } else {
          places[expression] = products.count
          products.append((expression, factor))
        }
      }
    }

    /// The linear terms in a fixed order: hash order reaches nothing.
    var terms: [(column: Expression, factor: ChallengeField)] {
      linear.map { ($0.key, $0.value) }.sorted { Self.order($0.0) < Self.order($1.0) }
    }

    private static func order(_ column: Expression) -> Int {
      switch column {
      case .column(let index): index
      case .publicColumn(let index): 1 << 32 + index
      default: .max
      }
    }
  }

  /// Σ λ^i C_i.
  let rules: Combination
  /// N of each message.
  let numerators: [Combination]
  /// λ^i of each helper's rule.
  private let helperWeights: [ChallengeField]
  private let omega: ChallengeField
  /// What occurs in products, each a list of its own: columns, and sums of three columns and more.
  let columns: [Expression]

  init(
    _ table: Table,
    lookups: LookupChallenges,
    weights: ArraySlice<ChallengeField>,
    omega: ChallengeField
  ) {
    self.table = table
    self.omega = omega
    var rules = Combination()
    for (constraint, weight) in zip(table.constraints, weights) {
      rules.add(constraint.expression, weight)
    }
    self.rules = rules
    helperWeights = Array(weights.dropFirst(table.constraints.count))
    numerators = table.messages.map { lookups.numerator($0) }
    var found: Set<Expression> = []
    for combination in numerators + [rules] {
      for product in combination.products { product.expression.addFactors(to: &found) }
    }
    for numerator in numerators { found.formUnion(numerator.linear.keys) }
    let single = found.filter { $0.columnsUsed.count == 1 }
    columns = Self.ordered(table, single) + Self.sums(rules, numerators, found.subtracting(single))
  }

  /// Columns in their order, committed ones first.
  private static func ordered(_ table: Table, _ found: Set<Expression>) -> [Expression] {
    table.columns.indices.map { .column($0) }.filter(found.contains)
      + table.publicColumns.indices.map { .publicColumn($0) }.filter(found.contains)
  }

  /// The sums in the order in which they occur.
  private static func sums(
    _ rules: Combination,
    _ numerators: [Combination],
    _ found: Set<Expression>
  ) -> [Expression] {
    var rest = found
    var ordered: [Expression] = []
    for combination in [rules] + numerators {
      for product in combination.products {
        product.expression.visitFactors { factor in
          if rest.remove(factor) != nil { ordered.append(factor) }
        }
      }
    }
    return ordered
  }

  /// What a round finds of the columns.
  enum Stage {
    /// Columns over F, nothing bound.
    case first
    /// Both halves of each column over F, one behind the other, all else with its highest variable bound to
    /// a challenge.
    case second(ChallengeField)
    /// Columns over E.
    case later
  }

  /// The program of a round.
  func program(_ stage: Stage) -> (VectorProgram, inputs: [(slot: Int, difference: Int)]) {
    var builder = ProgramBuilder()
    var halves: [ProgramBuilder.Halves] = []
    for column in columns {
      switch stage {
      case .first: builder.input(column, isExtension: false)
      case .second:
        let (low, high) = (builder.input(isExtension: false), builder.input(isExtension: false))
        halves.append(ProgramBuilder.Halves(column: column, low: low, high: high))
      case .later: builder.input(column, isExtension: true)
      }
    }
    let linear = builder.input(isExtension: true)
    let denominators = table.messages.map { _ in builder.input(isExtension: true) }
    let helpers = (0..<table.helperCount).map { _ in builder.input(isExtension: true) }
    let isFirst = if case .first = stage { true } else { false }
    let active = builder.input(isExtension: !isFirst)
    let activeEq = builder.input(isExtension: true)
    var products = rules
    products.linear = [:]
    let sum: Int
    let known: [Int]
    if case .second(let challenge) = stage {
      let made = builder.combinations([products] + numerators, halves, at: challenge)
      (sum, known) = (made[0], Array(made.dropFirst()))
    } else {
      (sum, known) = (builder.combination(products), [])
    }
    func numerator(_ message: Int) -> Int {
      known.isEmpty ? builder.combination(numerators[message]) : known[message]
    }
    builder.append(.addEE, sum, sum, linear)
    for (pair, helper) in helpers.enumerated() {
      let first = 2 * pair
      // H D1 − N1, then times D2, less N2 D1.
      let rule = builder.extensionRegister()
      builder.append(.mulEE, rule, helper, denominators[first])
      let n1 = numerator(first)
      builder.append(.subEE, rule, rule, n1)
      if first + 1 < denominators.count {
        builder.append(.mulEE, rule, rule, denominators[first + 1])
        let n2 = numerator(first + 1)
        builder.append(.mulEE, n2, n2, denominators[first])
        builder.append(.subEE, rule, rule, n2)
      }
      builder.accumulate(sum, rule, helperWeights[pair], isExtension: true)
    }
    let result = builder.extensionRegister()
    builder.append(.mulEE, result, sum, activeEq)
    if let total = helperTotal(&builder, helpers, active, isFirst: isFirst) {
      builder.append(.addEE, result, result, total)
    }
    builder.program.result = result
    return (builder.program, builder.inputs)
  }

  /// ω Σ helpers in the active rows alone, from the helpers and the active rows; `nil` without helpers.
  func helperProgram(
    isFirst: Bool
  ) -> (program: VectorProgram, inputs: [(slot: Int, difference: Int)])? {
    var builder = ProgramBuilder()
    let helpers = (0..<table.helperCount).map { _ in builder.input(isExtension: true) }
    let active = builder.input(isExtension: !isFirst)
    guard let total = helperTotal(&builder, helpers, active, isFirst: isFirst) else { return nil }
    builder.program.result = total
    return (builder.program, builder.inputs)
  }

  private func helperTotal(
    _ builder: inout ProgramBuilder,
    _ helpers: [Int],
    _ active: Int,
    isFirst: Bool
  ) -> Int? {
    guard let first = helpers.first else { return nil }
    let total = builder.extensionRegister()
    builder.scale(total, first, omega)
    for helper in helpers.dropFirst() {
      builder.accumulate(total, helper, omega, isExtension: true)
    }
    builder.append(isFirst ? .mulEF : .mulEE, total, total, active)
    return total
  }
}

extension Expression {
  /// The columns that occur.
  var columnsUsed: Set<Expression> {
    switch self {
    case .column, .publicColumn: [self]
    case .constant: []
    case .linear(let form): Set(form.terms.map { .column($0.column) })
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b):
      a.columnsUsed.union(b.columnsUsed)
    }
  }

  /// Visits the largest parts of degree 1 that have three columns or more, and all other columns.
  func visitFactors(_ body: (Expression) -> Void) {
    if degree == 1, columnsUsed.count >= 3 {
      body(self)
      return
    }
    switch self {
    case .column, .publicColumn: body(self)
    case .constant: break
    case .linear(let form): for (column, _) in form.terms { body(.column(column)) }
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b):
      a.visitFactors(body)
      b.visitFactors(body)
    }
  }

  /// Adds what `visitFactors` visits.
  func addFactors(to found: inout Set<Expression>) { visitFactors { found.insert($0) } }
}

extension LookupChallenges {
  /// N = Σ θ^j N_j, sorted.
  func numerator(_ message: Message) -> ZerocheckPlan.Combination {
    var combination = ZerocheckPlan.Combination()
    for (index, expression) in message.numerators.enumerated() {
      combination.add(expression, thetaPowers[index])
    }
    return combination
  }

  /// D = β − (tag + Σ α^i v_i), sorted: it has no products.
  func denominator(_ message: Message) -> ZerocheckPlan.Combination {
    var combination = ZerocheckPlan.Combination()
    combination.constant = beta - ChallengeField(BaseField(reducing: UInt64(message.tag)))
    for (index, expression) in message.values.enumerated() {
      combination.add(expression, -alphaPowers[index])
    }
    return combination
  }
}
