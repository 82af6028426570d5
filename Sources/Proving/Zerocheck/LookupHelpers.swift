internal import Algebra
internal import ProofSystem

extension LookupChallenges {
  /// D of each message in every row, and the helper columns H_j = N_1 / D_1 + N_2 / D_2 in the active rows.
  ///
  /// - Parameters:
  ///   - columns: the table's columns.
  ///   - targets: where the helpers go, with canonical planes; rows that are not active stay as they are.
  ///   - kernels: the loops.
  /// - Returns: the lists of D, or `nil` when one is zero in an active row.
  func helpers(
    _ columns: TableColumns,
    into targets: [ExtensionVector],
    _ kernels: ProverKernels
  ) -> [ExtensionVector]? {
    let table = columns.table
    let denominators = columns.linearLists(table.messages.map { denominator($0) }, kernels)
      .extension
    let numerators = table.messages.map { numerator($0) }
    let rows = 0..<table.activeRowCount
    // R^-1: what a list in Montgomery form is multiplied by to have canonical planes.
    let canonical = ChallengeField(BaseField(reducing: 1 << 32).inverse ?? .one)
    for (pair, target) in targets.enumerated() {
      let members = 2 * pair..<min(2 * pair + 2, denominators.count)
      let product = ExtensionVector(zeros: rows.count)
      multiply(members.map { denominators[$0] }, into: product, rows, kernels)
      let isInvertible = kernels.loop.map(kernels.loop.ranges(rows).count) {
        kernels.vectors.invert(product, kernels.loop.ranges(rows)[$0])
      }
      guard isInvertible.allSatisfy(\.self) else { return nil }
      // (N_1 D_2 + N_2 D_1) / (D_1 D_2).
      var used: Set<Expression> = []
      for member in members { used.formUnion(numerators[member].columnsUsed) }
      var builder = ProgramBuilder()
      let list = columns.ordered(used)
      for column in list { builder.input(column, isExtension: false) }
      let own = members.map { _ in builder.input(isExtension: true) }
      let inverse = builder.input(isExtension: true)
      let sum = builder.combination(numerators[members.lowerBound])
      if members.count == 2 {
        builder.append(.mulEE, sum, sum, own[1])
        let second = builder.combination(numerators[members.lowerBound + 1])
        builder.append(.mulEE, second, second, own[0])
        builder.append(.addEE, sum, sum, second)
      }
      builder.append(.mulEE, sum, sum, inverse)
      builder.append(.mulEK, sum, sum, builder.program.constant(canonical))
      let values =
        list.map { columns.list($0) } + members.map { .extension(denominators[$0]) }
        + [.extension(product)]
      builder.map(values, sum, into: target, rows, kernels)
    }
    return denominators
  }

  /// The product of one or two lists.
  private func multiply(
    _ lists: [ExtensionVector],
    into target: ExtensionVector,
    _ rows: Range<Int>,
    _ kernels: ProverKernels
  ) {
    var builder = ProgramBuilder()
    let slots = lists.map { _ in builder.input(isExtension: true) }
    let product = builder.extensionRegister()
    if slots.count == 2 {
      builder.append(.mulEE, product, slots[0], slots[1])
    } else {
      builder.append(.mulEK, product, slots[0], builder.program.constant(.one))
    }
    builder.map(lists.map { .extension($0) }, product, into: target, rows, kernels)
  }
}

extension ZerocheckPlan.Combination {
  /// The columns that occur.
  var columnsUsed: Set<Expression> {
    products.reduce(into: Set(linear.keys)) { $0.formUnion($1.expression.columnsUsed) }
  }
}
