import Algebra
import ProofSystem
import Proving
import Testing
import _TestSupport

/// The permutation as columns and rules, against the permutation.
@Suite struct Poseidon2GadgetTests {
  private static func input(_ width: Int, _ random: inout SeededRandom) -> [BaseField] {
    (0..<width).map { _ in BaseField(reducing: random.next() >> 1) }
  }

  private static func cells(
    _ gadget: Poseidon2Gadget,
    _ input: [BaseField],
    inSteps: Bool = false
  ) -> [BaseField] {
    let given = input.enumerated().map { index, value in
      let words = WordBuffer(zeros: 1)
      words.write([value], at: 0)
      return (index, words)
    }
    let columns = Dictionary(uniqueKeysWithValues: given)
    let kernels = ProverKernels.reference
    let cells =
      inSteps
      ? DerivedColumns.cells(of: gadget, given: columns, rowCount: 1, kernels: kernels)
      : DerivedColumns.values(gadget.definitions, given: columns, rowCount: 1, kernels: kernels)
    return cells.map { $0.elements(0..<1)[0] }
  }

  @Test(arguments: [(Poseidon2Gadget.Width.narrow, 140), (.wide, 199)])
  func `its outputs are the permutation's, in as many cells as the design counts`(
    _ width: Poseidon2Gadget.Width,
    _ cellCount: Int
  ) {
    let n = width.rawValue
    let gadget = Poseidon2Gadget(
      width,
      input: (0..<n).map { LinearForm(column: $0) },
      firstCell: n
    )
    #expect(gadget.definitions.count == cellCount)
    #expect(gadget.constraints.allSatisfy { $0.expression.degree == 3 })
    var random = SeededRandom(seed: 20)
    for _ in 0..<20 {
      let input = Self.input(n, &random)
      let cells = Self.cells(gadget, input)
      #expect(cells == Self.cells(gadget, input, inSteps: true))
      var rate = SIMD16<UInt32>()
      for index in 0..<16 { rate[index] = input[index].value }
      let expected: SIMD8<UInt32>
      if width == .narrow {
        expected = Poseidon2.permute16(rate).lowHalf
      } else {
        var capacity = SIMD8<UInt32>()
        for index in 0..<8 { capacity[index] = input[16 + index].value }
        expected = Poseidon2.permute24(rate: rate, capacity: capacity).rate.lowHalf
      }
      for (index, column) in gadget.outputs.enumerated() {
        #expect(cells[column - n].value == expected[index])
      }
      let row = input + cells
      for constraint in gadget.constraints {
        #expect(constraint.expression.value(columns: row, publicColumns: []) == .zero)
      }
      // A cell that is another breaks a rule.
      for place in stride(from: n, to: row.count, by: 7) {
        var wrong = row
        wrong[place] += .one
        #expect(
          gadget.constraints.contains {
            $0.expression.value(columns: wrong, publicColumns: []) != .zero
          }
        )
      }
    }
  }

  /// In tables that are nearly full, rounds are computed from fewer values than in others.
  @Test(arguments: ExampleStatement.allCases, [300, 3500])
  func `every example is proven and verified, by folding and without`(
    _ example: ExampleStatement,
    _ count: Int
  ) throws {
    let kernels = ProverKernels.best(workerCount: 2)
    for profile in [Profile.uniqueDecoding100, .foldedJohnson100] {
      let (witness, sum) = ExampleWitness.random(example, count: count, kernels: kernels)
      let statement = example.statement(count: count, sum: sum, profile: profile)
      try WitnessCheck.run(statement.tables, witness)
      let proof = try Prover.prove(statement, witness, kernels: kernels)
      _ = try Verifier.verify(proof.bytes, of: statement)
    }
  }
}
