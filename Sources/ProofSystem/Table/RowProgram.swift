package import Algebra

/// The rules and messages of a table as one straight-line program over a row's values.
///
/// Registers: committed columns, public columns, then one result a step; equal parts are computed once.
package struct RowProgram: Sendable {
  private enum Step: Sendable {
    case constant(BaseField)
    case linear(LinearForm)
    case sum(Int, Int)
    case difference(Int, Int)
    case product(Int, Int)
  }

  /// A message by the registers of its parts.
  package struct MessagePlaces: Sendable {
    package let tag: UInt32
    package let numerators: [Int]
    package let values: [Int]
  }

  private var steps: [Step] = []
  private let columnCount: Int
  private let publicColumnCount: Int
  /// The registers of the rules.
  package private(set) var constraints: [Int] = []
  /// The messages in order.
  package private(set) var messages: [MessagePlaces] = []

  init(
    _ rules: [Constraint],
    _ sent: [Message],
    columnCount: Int,
    publicColumnCount: Int
  ) {
    (self.columnCount, self.publicColumnCount) = (columnCount, publicColumnCount)
    var known = Known()
    for constraint in rules { constraints.append(place(constraint.expression, &known)) }
    for message in sent {
      messages.append(
        MessagePlaces(
          tag: message.tag,
          numerators: message.numerators.map { place($0, &known) },
          values: message.values.map { place($0, &known) }
        )
      )
    }
  }

  /// What is known already: parts by their expression, and the cubes of permutations, which occur in every output
  /// of a round, by what is cubed.
  private struct Known {
    var parts: [Expression: Int] = [:]
    var cubes: [LinearForm: Int] = [:]
  }

  private mutating func place(_ expression: Expression, _ known: inout Known) -> Int {
    guard case .product(.product(.linear(let a), .linear(let b)), .linear(let c)) = expression,
      a == b, b == c
    else { return placePart(expression, &known) }
    if let place = known.cubes[a] { return place }
    let place = placePart(expression, &known)
    known.cubes[a] = place
    return place
  }

  private mutating func placePart(_ expression: Expression, _ known: inout Known) -> Int {
    // Sums and multiples occur once or cost little; to hash them over and over would cost more than it saves.
    var isKept = true
    switch expression {
    case .sum, .difference, .product(.constant, _): isKept = false
    default: if let place = known.parts[expression] { return place }
    }
    let step: Step
    switch expression {
    case .column(let index): return index
    case .publicColumn(let index): return columnCount + index
    case .constant(let constant): step = .constant(constant)
    case .linear(let form): step = .linear(form)
    case .sum(let a, let b): step = .sum(place(a, &known), place(b, &known))
    case .difference(let a, let b): step = .difference(place(a, &known), place(b, &known))
    case .product(let a, let b): step = .product(place(a, &known), place(b, &known))
    }
    steps.append(step)
    let place = columnCount + publicColumnCount + steps.count - 1
    if isKept { known.parts[expression] = place }
    return place
  }

  /// The number of registers.
  package var registerCount: Int { columnCount + publicColumnCount + steps.count }

  /// Fills the registers of the steps.
  ///
  /// - Precondition: there are `registerCount` registers, and the columns' hold their values.
  package func run<E: FieldElement>(_ registers: inout [E]) {
    let first = columnCount + publicColumnCount
    for (index, step) in steps.enumerated() {
      switch step {
      case .constant(let constant): registers[first + index] = E(constant)
      case .linear(let form):
        var sum = E(form.constant)
        for (column, coefficient) in form.terms { sum = sum + registers[column] * coefficient }
        registers[first + index] = sum
      case .sum(let a, let b): registers[first + index] = registers[a] + registers[b]
      case .difference(let a, let b): registers[first + index] = registers[a] - registers[b]
      case .product(let a, let b): registers[first + index] = registers[a] * registers[b]
      }
    }
  }
}
