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
    values(
      definitions.map { Step(column: $0.column, value: $0.value, isKept: true) },
      given: given,
      rowCount: rowCount,
      into: nil,
      kernels
    )
  }

  /// The cells of a permutation, in the order of its definitions: the same as `values` of them in fewer steps.
  ///
  /// - Parameters:
  ///   - gadget: the permutation.
  ///   - given: the columns of its input.
  ///   - rowCount: the number of rows of every given column.
  ///   - room: where the cells go; fresh buffers without it.
  ///   - kernels: the loops.
  /// - Returns: the cells.
  public static func cells(
    of gadget: Poseidon2Gadget,
    given: [Int: WordBuffer],
    rowCount: Int,
    into room: [WordBuffer]? = nil,
    kernels: ProverKernels
  ) -> [WordBuffer] {
    values(PermutationSteps(gadget).steps, given: given, rowCount: rowCount, into: room, kernels)
  }

  /// A column that is computed: one of the table, or a value between two of them.
  struct Step {
    let column: Int
    let value: Expression
    let isKept: Bool
  }

  private static func values(
    _ steps: [Step],
    given: [Int: WordBuffer],
    rowCount: Int,
    into room: [WordBuffer]?,
    _ kernels: ProverKernels
  ) -> [WordBuffer] {
    var builder = ProgramBuilder()
    let columns = given.keys.sorted()
    for column in columns { builder.input(.column(column), isExtension: false) }
    let targets = room ?? WordBuffer.unset(steps.count(where: \.isKept), each: rowCount)
    var outputs: [VectorProgram.Output] = []
    for step in steps {
      let slot = builder.base(step.value)
      builder.define(.column(step.column), as: slot)
      guard step.isKept else { continue }
      outputs.append(VectorProgram.Output(slot: slot, .base(targets[outputs.count], offset: 0)))
    }
    let values = columns.compactMap { given[$0] }.map {
      VectorProgram.Input.Values.base($0, offset: 0)
    }
    builder.map(values, outputs, 0..<rowCount, kernels)
    return targets
  }
}
