internal import Algebra
internal import ProofSystem

/// The columns of a table as lists over F: committed ones as they lie in their lanes, public ones made once.
struct TableColumns {
  typealias Values = VectorProgram.Input.Values

  let table: Table
  private let committed: [Values]
  private let known: [Values]

  init(_ table: Table, _ places: [StackLayout.Place], _ stores: [LaneStore]) {
    self.table = table
    committed = places.map { .base(stores[$0.group].data, offset: $0.offset) }
    known = table.publicColumns.map { column in
      let words = WordBuffer(zeros: table.rowCount)
      for row in 0..<table.rowCount { words[row] = column.value(row: row).value }
      return .base(words, offset: 0)
    }
  }

  /// The list of a column.
  func list(_ column: Expression) -> Values {
    switch column {
    case .column(let index): committed[index]
    case .publicColumn(let index): known[index]
    default: preconditionFailure("a column")
    }
  }

  /// Columns in the table's order, committed ones first.
  func ordered(_ used: Set<Expression>) -> [Expression] {
    table.columns.indices.map { .column($0) }.filter(used.contains)
      + table.publicColumns.indices.map { .publicColumn($0) }.filter(used.contains)
  }

  /// Lists of linear combinations, over E and over F, in one pass over the rows.
  func linearLists(
    _ combinations: [ZerocheckPlan.Combination],
    base expressions: [Expression] = [],
    _ kernels: ProverKernels
  ) -> (extension: [ExtensionVector], base: [Values]) {
    guard !combinations.isEmpty || !expressions.isEmpty else { return ([], []) }
    var used: Set<Expression> = []
    for combination in combinations { used.formUnion(combination.linear.keys) }
    for expression in expressions { used.formUnion(expression.columnsUsed) }
    let columns = ordered(used)
    var builder = ProgramBuilder()
    for column in columns { builder.input(column, isExtension: false) }
    let vectors = combinations.map { _ in ExtensionVector(zeros: table.rowCount) }
    let bases = expressions.map { _ in WordBuffer(zeros: table.rowCount) }
    var outputs: [VectorProgram.Output] = []
    for (combination, vector) in zip(combinations, vectors) {
      outputs.append(
        VectorProgram.Output(slot: builder.combination(combination), .extension(vector))
      )
    }
    for (expression, words) in zip(expressions, bases) {
      let slot = builder.base(expression)
      outputs.append(VectorProgram.Output(slot: slot, .base(words, offset: 0)))
    }
    builder.map(columns.map(list), outputs, 0..<table.rowCount, kernels)
    return (vectors, bases.map { .base($0, offset: 0) })
  }
}
