internal import Algebra
internal import ProofSystem

/// Writes programs over rows: registers for inputs, equal parts computed once, constants folded into steps.
struct ProgramBuilder {
  private enum Value {
    case constant(BaseField)
    case base(Int)
    case `extension`(Int)
  }

  /// So many terms are computed before they are added up: their registers stay in the cache.
  private static let termGroup = 16

  var program = VectorProgram()
  /// The registers of the inputs, in order.
  private(set) var inputs: [(slot: Int, difference: Int)] = []
  private var known: [Expression: Value] = [:]

  /// An input without a name.
  mutating func input(isExtension: Bool) -> Int {
    let slot = program.register(isExtension: isExtension)
    inputs.append((slot, program.register(isExtension: isExtension)))
    return slot
  }

  /// The input of a column.
  mutating func input(_ column: Expression, isExtension: Bool) {
    let slot = input(isExtension: isExtension)
    known[column] = isExtension ? .extension(slot) : .base(slot)
  }

  mutating func extensionRegister() -> Int { program.register(isExtension: true) }

  mutating func append(_ operation: VectorProgram.Operation, _ target: Int, _ a: Int, _ b: Int) {
    program.append(operation, target, a, b)
  }

  /// Runs the program over some rows: lists for the inputs in order, one register into a list.
  func map(
    _ values: [VectorProgram.Input.Values],
    _ register: Int,
    into target: ExtensionVector,
    _ rows: Range<Int>,
    _ kernels: ProverKernels
  ) {
    let outputs = [VectorProgram.Output(slot: register, .extension(target))]
    map(values, outputs, rows, kernels)
  }

  /// The same for several registers.
  func map(
    _ values: [VectorProgram.Input.Values],
    _ outputs: [VectorProgram.Output],
    _ rows: Range<Int>,
    _ kernels: ProverKernels
  ) {
    let inputs = zip(values, inputs).map {
      VectorProgram.Input(values: $0, slot: $1.slot, difference: $1.difference)
    }
    kernels.loop.forRanges(rows) { kernels.vectors.map(program, inputs, $0, outputs) }
  }

  /// target = a · constant over E.
  mutating func scale(_ target: Int, _ a: Int, _ constant: ChallengeField) {
    append(.mulEC, target, a, program.constant(constant))
  }

  /// target += a · constant over E.
  mutating func accumulate(
    _ target: Int,
    _ a: Int,
    _ constant: ChallengeField,
    isExtension: Bool
  ) {
    append(isExtension ? .macCE : .macCF, target, a, program.constant(constant))
  }

  /// The register of a combination, its linear part included.
  mutating func combination(_ combination: ZerocheckPlan.Combination) -> Int {
    self.combination(
      constant: combination.constant,
      products: combination.products,
      linear: combination.terms
    )
  }

  /// Says that a column's values over F are in a register.
  mutating func define(_ column: Expression, as slot: Int) { known[column] = .base(slot) }

  /// The register, over F, of an expression whose columns are inputs over F.
  mutating func base(_ expression: Expression) -> Int {
    switch value(expression) {
    case .base(let slot): return slot
    case .constant(let constant):
      // Columns are there whenever a list is made.
      let target = program.register(isExtension: false)
      append(.subFF, target, target, target)
      append(.addFC, target, target, number(constant))
      return target
    case .extension: preconditionFailure("columns over F")
    }
  }

  /// A column whose two halves, one for each value of its highest variable, are inputs over F.
  struct Halves {
    let column: Expression
    let low: Int
    let high: Int
  }

  /// The registers, over E, of combinations of degree 3 at most whose columns' highest variable is bound to
  /// a challenge, from the columns' halves over F: Σ_i L_i(challenge) · the combination at i = 0, …, 3.
  ///
  /// Products over F cost a small part of those over E that columns with a bound variable would need.
  mutating func combinations(
    _ combinations: [ZerocheckPlan.Combination],
    _ columns: [Halves],
    at challenge: ChallengeField
  ) -> [Int] {
    let targets = combinations.map { combination in
      let target = extensionRegister()
      append(.setC, target, 0, program.constant(combination.constant))
      return target
    }
    let slopes = columns.map { column in
      let slope = program.register(isExtension: false)
      append(.subFF, slope, column.high, column.low)
      return slope
    }
    let moving = columns.map { _ in program.register(isExtension: false) }
    for (point, weight) in Self.lagrange(at: challenge).enumerated() {
      known = [:]
      for (index, column) in columns.enumerated() {
        let slot = point < 2 ? (point == 0 ? column.low : column.high) : moving[index]
        if point >= 2 {
          append(.addFF, slot, point == 2 ? column.high : slot, slopes[index])
        }
        known[column.column] = .base(slot)
      }
      // What is computed at one point makes room for the next.
      let first = program.nextSlot
      for (combination, target) in zip(combinations, targets) {
        let terms = combination.products + combination.terms.map { ($0.column, $0.factor) }
        add(terms.map { ($0.expression, $0.factor * weight) }, to: target)
      }
      program.release(from: first)
    }
    known = [:]
    return targets
  }

  /// L_0, …, L_3 at x: one at their own point among 0, …, 3, zero at the others.
  private static func lagrange(at x: ChallengeField) -> [ChallengeField] {
    (0..<4).map { own in
      (0..<4).filter { $0 != own }.reduce(.one) { product, other in
        let difference = BaseField(own) - BaseField(other)
        return product * (x - ChallengeField(BaseField(other))) * (difference.inverse ?? .zero)
      }
    }
  }

  /// The register, over E, of constant + Σ factor · product + Σ factor · column.
  mutating func combination(
    constant: ChallengeField,
    products: [(expression: Expression, factor: ChallengeField)],
    linear: [(column: Expression, factor: ChallengeField)]
  ) -> Int {
    let target = extensionRegister()
    append(.setC, target, 0, program.constant(constant))
    add(products + linear.map { ($0.column, $0.factor) }, to: target)
    return target
  }

  /// target += Σ factor · expression.
  private mutating func add(
    _ terms: [(expression: Expression, factor: ChallengeField)],
    to target: Int
  ) {
    // Values first, then all their terms: steps in a row into one target cost less.
    for first in stride(from: 0, to: terms.count, by: Self.termGroup) {
      let group = terms[first..<min(first + Self.termGroup, terms.count)]
      for (value, factor) in group.map({ (value($0.expression), $0.factor) }) {
        switch value {
        case .constant(let value):
          append(.addEC, target, target, program.constant(factor * value))
        case .base(let slot): accumulate(target, slot, factor, isExtension: false)
        case .extension(let slot): accumulate(target, slot, factor, isExtension: true)
        }
      }
    }
  }

  private mutating func value(_ expression: Expression) -> Value {
    if let value = known[expression] { return value }
    let result: Value
    switch expression {
    case .column, .publicColumn: preconditionFailure("every column that occurs is an input")
    case .constant(let constant): return .constant(constant)
    case .linear(let form):
      var sum = Value.constant(form.constant)
      for (column, coefficient) in form.terms {
        sum = self.sum(sum, product(value(.column(column)), .constant(coefficient)))
      }
      result = sum
    case .sum(let a, let b): result = sum(value(a), value(b))
    case .difference(let a, let b): result = difference(value(a), value(b))
    case .product(let a, let b): result = product(value(a), value(b))
    }
    known[expression] = result
    return result
  }

  private mutating func base(
    _ operation: VectorProgram.Operation,
    _ a: Int,
    _ b: Int
  ) -> Value {
    let target = program.register(isExtension: false)
    append(operation, target, a, b)
    return .base(target)
  }

  private mutating func over(
    _ operation: VectorProgram.Operation,
    _ a: Int,
    _ b: Int
  ) -> Value {
    let target = extensionRegister()
    append(operation, target, a, b)
    return .extension(target)
  }

  private mutating func number(_ constant: BaseField) -> Int {
    program.constant(ChallengeField(constant))
  }

  private mutating func sum(_ a: Value, _ b: Value) -> Value {
    switch (a, b) {
    case (.constant(.zero), let other), (let other, .constant(.zero)): other
    case (.constant(let x), .constant(let y)): .constant(x + y)
    case (.base(let slot), .constant(let c)), (.constant(let c), .base(let slot)):
      base(.addFC, slot, number(c))
    case (.extension(let slot), .constant(let c)), (.constant(let c), .extension(let slot)):
      over(.addEC, slot, number(c))
    case (.base(let x), .base(let y)): base(.addFF, x, y)
    case (.extension(let x), .base(let y)), (.base(let y), .extension(let x)): over(.addEF, x, y)
    case (.extension(let x), .extension(let y)): over(.addEE, x, y)
    }
  }

  private mutating func difference(_ a: Value, _ b: Value) -> Value {
    switch (a, b) {
    case (.constant(let x), .constant(let y)): .constant(x - y)
    case (.base(let slot), .constant(let c)): base(.addFC, slot, number(-c))
    case (.constant(let c), .base(let slot)): base(.rsubFC, slot, number(c))
    case (.extension(let slot), .constant(let c)): over(.addEC, slot, number(-c))
    case (.constant(let c), .extension(let slot)):
      sum(product(.extension(slot), .constant(-.one)), .constant(c))
    case (.base(let x), .base(let y)): base(.subFF, x, y)
    case (.extension(let x), .base(let y)): over(.subEF, x, y)
    case (.base(let x), .extension(let y)): over(.subFE, x, y)
    case (.extension(let x), .extension(let y)): over(.subEE, x, y)
    }
  }

  private mutating func product(_ a: Value, _ b: Value) -> Value {
    switch (a, b) {
    case (.constant(.one), let other), (let other, .constant(.one)): other
    case (.constant(let x), .constant(let y)): .constant(x * y)
    case (.base(let slot), .constant(let c)), (.constant(let c), .base(let slot)):
      base(.mulFC, slot, number(c))
    case (.extension(let slot), .constant(let c)), (.constant(let c), .extension(let slot)):
      over(.mulEK, slot, number(c))
    case (.base(let x), .base(let y)): base(.mulFF, x, y)
    case (.extension(let x), .base(let y)), (.base(let y), .extension(let x)): over(.mulEF, x, y)
    case (.extension(let x), .extension(let y)): over(.mulEE, x, y)
    }
  }
}
