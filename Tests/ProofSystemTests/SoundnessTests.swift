import ProofSystem
import Testing
import _TestSupport

@Suite struct SoundnessTests {
  @Test func `the number of queries is that of the unique-decoding radius`() {
    let expected: [(bits: Int, counts: [Int])] = [(84, [203, 124, 102]), (108, [261, 160, 131])]
    for (bits, counts) in expected {
      for (index, rate) in [0.5, 0.25, 0.125].enumerated() {
        #expect(Soundness.queryCount(bits: bits, rate: rate) == counts[index])
      }
    }
  }

  @Test func `every term of the example reaches its profile's target, by the true rate`() {
    for profile in Profile.allCases {
      for count in [1, 1000, 8192] {
        let statement = RangeExample.statement(count: count, sum: 0, profile: profile)
        let soundness = Soundness(statement)
        #expect(soundness.terms.count == 8)
        #expect(soundness.terms.allSatisfy { $0.bits >= Double(profile.targetBits) })
        #expect(soundness.bits < Double(profile.targetBits) + 1)
        #expect(statement.code.rate > 0.25, "the tail counts")
        #expect(
          soundness.queryCount
            > Soundness.queryCount(
              bits: profile.targetBits - profile.queryWorkBits,
              rate: 0.25
            )
        )
      }
    }
  }

  @Test func `a statement below its target is refused by prover and verifier`() throws {
    let example = RangeExample.statement(count: 5, sum: 15, profile: .uniqueDecoding128)
    // At this rate more positions are drawn than the query zone hides.
    let dense = Statement(
      kind: example.kind,
      profile: example.profile,
      tables: example.tables,
      code: CodeParameters(logDataLength: 10, logTailLength: 9, logInverseRate: 1)
    )
    #expect(throws: VerificationError.soundnessCondition) { try Verifier.verify([], of: dense) }
    #expect(throws: Prover.Failure.statement(.soundnessCondition)) {
      try Prover.prove(dense, RangeExample.witness([1, 2, 3, 4, 5]))
    }
  }
}
