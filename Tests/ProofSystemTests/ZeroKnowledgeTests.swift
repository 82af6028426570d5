import Algebra
import ProofSystem
import Proving
import Testing
import _TestSupport

@Suite struct ZeroKnowledgeTests {
  private static let statement = RangeExample.statement(count: 5, sum: 65_797)

  @Test func `a simulator without a witness makes proofs that pass for the coins it knows`() throws
  {
    for round in 0..<3 {
      let coins = [UInt8(round), 9]
      let simulated = Simulator.proof(
        of: Self.statement,
        coins: coins,
        randomness: ProverRandomness()
      )
      try Verifier.accepts(simulated, of: Self.statement, coins: coins)
      // For other coins, and in the real protocol, it is worth nothing.
      #expect(throws: VerificationError.self) {
        try Verifier.accepts(simulated, of: Self.statement, coins: coins + [1])
      }
      #expect(throws: VerificationError.self) { try Verifier.verify(simulated, of: Self.statement) }
      // It works for a statement that is false, too: it proves nothing.
      let wrong = RangeExample.statement(count: 5, sum: 1)
      let lie = Simulator.proof(of: wrong, coins: coins, randomness: ProverRandomness())
      try Verifier.accepts(lie, of: wrong, coins: coins)
    }
  }

  @Test func `for the same coins honest and simulated proofs have the same length and form`() throws
  {
    var tamper = Prover.Tampering()
    tamper.coins = [1, 2, 3]
    let honest = try Prover.proveUnchecked(
      Self.statement,
      RangeExample.witness([1, 2, 3, 65_535, 256]),
      randomness: ProverRandomness(),
      tamper: tamper
    )
    try Verifier.accepts(honest.bytes, of: Self.statement, coins: [1, 2, 3])
    let simulated = Simulator.proof(
      of: Self.statement,
      coins: [1, 2, 3],
      randomness: ProverRandomness()
    )
    #expect(honest.bytes.count == simulated.count)
  }
}
