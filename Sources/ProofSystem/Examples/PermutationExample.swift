internal import Algebra

/// A table of Poseidon2 permutations of width 16: 16 columns of input and 140 cells a row.
public enum PermutationExample {
  /// The permutation of a row.
  public static let gadget = Poseidon2Gadget(
    .narrow,
    input: (0..<16).map { LinearForm(column: $0) },
    firstCell: 16
  )

  /// The statement for a number of permutations.
  static func statement(count: Int, profile: Profile) -> Statement {
    let log = ExampleStatement.logHeight(count)
    let inputs = (0..<16).map { Column("input \($0)") }
    let cells = gadget.definitions.indices.map { Column("cell \($0)") }
    return Statement(
      kind: "example-permutations",
      profile: profile,
      tables: [
        Table(
          name: "PERMUTATION",
          logHeight: log,
          activeRowCount: count,
          logPadRowCount: 7,
          columns: inputs + cells,
          constraints: gadget.constraints
        )
      ],
      code: ExampleStatement.code(logHeight: log, profile: profile),
      publicInputs: ProofCoding.bytes(UInt32(truncatingIfNeeded: count))
    )
  }
}
