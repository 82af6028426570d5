import Algebra
import Kernels
import ProofSystem
import Proving
import Testing
import _TestSupport

@Suite struct CompletenessTests {
  static let values: [UInt16] = {
    var random = SeededRandom(seed: 11)
    return (0..<300).map { _ in UInt16(truncatingIfNeeded: random.next()) }
  }()
  static let sum = values.reduce(0) { $0 + UInt64($1) }
  static let statement = RangeExample.statement(count: values.count, sum: sum)

  @Test func `an honest proof passes, and both sides saw the same transcript`() throws {
    let proof = try Prover.prove(Self.statement, RangeExample.witness(Self.values))
    let verified = try Verifier.verify(proof.bytes, of: Self.statement)
    #expect(verified.events == proof.events)
  }

  @Test func `two proofs of one statement share no 32 bytes`()
    throws
  {
    let proofs = try (0..<2).map { _ in
      try Prover.prove(Self.statement, RangeExample.witness(Self.values)).bytes
    }
    var seen: Set<[UInt8]> = []
    for start in stride(from: 40, to: proofs[0].count - 32, by: 1) {
      seen.insert(Array(proofs[0][start..<start + 32]))
    }
    for start in stride(from: 40, to: proofs[1].count - 32, by: 1) {
      #expect(!seen.contains(Array(proofs[1][start..<start + 32])))
    }
  }

  @Test func `neither kernels nor threads change a byte of a proof`() throws {
    let seed = [UInt8](repeating: 42, count: 32)
    func prove(_ kernels: ProverKernels) throws -> [UInt8] {
      try Prover.prove(
        Self.statement,
        RangeExample.witness(Self.values),
        randomness: ProverRandomness(seed: seed),
        kernels: kernels
      ).bytes
    }
    let reference = try prove(.reference)
    let transforms = TransformKernel.available
    for index in transforms.indices {
      for workerCount in [1, 2, 7] {
        let kernels = ProverKernels(
          transform: transforms[index],
          hash: BLAKE3Kernel.available[index],
          vectors: ExtensionKernel.available[index],
          work: WorkKernel.available[index],
          loop: ParallelLoop(workerCount: workerCount)
        )
        let proof = try prove(kernels)
        #expect(proof == reference, "\(transforms[index].name) on \(workerCount) threads")
        var remaking = kernels
        remaking.codewords = .remade
        let remade = try prove(remaking)
        #expect(remade == reference, "\(transforms[index].name), codewords made twice")
      }
    }
  }

  @Test func `a witness that breaks the statement is named by table, row and rule`() throws {
    var wrong = RangeExample.witness(Self.values)
    var columns = wrong[0].values
    columns[2][17] += .one
    wrong[0] = TableWitness(columns: columns)
    #expect(
      throws: Prover.Failure.witness(
        .constraint(table: "VALUES", row: 17, name: "value is low + 256 high")
      )
    ) { try Prover.prove(Self.statement, wrong) }
    let other = RangeExample.statement(count: Self.values.count, sum: Self.sum + 1)
    #expect(throws: Prover.Failure.self) {
      try Prover.prove(other, RangeExample.witness(Self.values))
    }
  }
}
