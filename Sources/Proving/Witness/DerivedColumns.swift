public import Algebra
public import ProofSystem

/// Columns that follow from others, row by row: the cells of permutations, and whatever else is defined.
public enum DerivedColumns {
  /// The values of defined columns.
  ///
  /// - Parameters:
  ///   - definitions: each column with its expression in given columns and in those defined before it.
  ///   - given: the values of columns that are known, by column.
  ///   - rowCount: the number of rows of every given column.
  ///   - kernels: the loops.
  /// - Returns: the defined columns in the order of the definitions.
  /// - Complexity: O(rows · definitions' size).
  public static func values(
    _ definitions: [(column: Int, value: Expression)],
    given: [Int: WordBuffer],
    rowCount: Int,
    kernels: ProverKernels
  ) -> [WordBuffer] {
    var builder = ProgramBuilder()
    let columns = given.keys.sorted()
    for column in columns { builder.input(.column(column), isExtension: false) }
    let targets = definitions.map { _ in WordBuffer(unset: rowCount) }
    var outputs: [VectorProgram.Output] = []
    for (definition, words) in zip(definitions, targets) {
      let slot = builder.base(definition.value)
      builder.define(.column(definition.column), as: slot)
      outputs.append(VectorProgram.Output(slot: slot, .base(words, offset: 0)))
    }
    let values = columns.compactMap { given[$0] }.map {
      VectorProgram.Input.Values.base($0, offset: 0)
    }
    builder.map(values, outputs, 0..<rowCount, kernels)
    return targets
  }
}
