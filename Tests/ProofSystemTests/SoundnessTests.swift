import ProofSystem
import Proving
import Testing
import _TestSupport

@Suite struct SoundnessTests {
  @Test func `the number of queries is that of the decoding radius`() {
    let unique: [(bits: Int, counts: [Int])] = [(84, [203, 124, 102]), (108, [261, 160, 131])]
    let johnson: [(bits: Int, counts: [Int])] = [(84, [196, 91, 59]), (108, [252, 117, 76])]
    for (regime, table) in [(DecodingRegime.unique, unique), (.johnson, johnson)] {
      for (bits, counts) in table {
        for (index, rate) in [0.5, 0.25, 0.125].enumerated() {
          #expect(regime.queryCount(bits: bits, rate: rate) == counts[index])
        }
      }
    }
    #expect(DecodingRegime.johnson.queryCount(bits: 84, rate: 0.95) == nil, "no distance is left")
  }

  @Test func `every term of the example reaches its profile's target, by the true rate`() throws {
    for profile in Profile.allCases {
      for count in [1, 1000, 8192] {
        let statement = RangeExample.statement(count: count, sum: 0, profile: profile)
        let soundness = Soundness(statement)
        let schedule = try #require(OpeningSchedule(statement.code, profile))
        let perFolding = profile.regime == .johnson ? 4 : 3
        let zeros = profile.isFolded ? 1 : 0
        #expect(soundness.terms.count == 8 + zeros + perFolding * schedule.foldings.count)
        #expect(schedule.foldings.isEmpty == !profile.isFolded)
        #expect(soundness.terms.allSatisfy { $0.bits >= Double(profile.targetBits) })
        #expect(soundness.bits < Double(profile.targetBits) + 1)
        #expect(statement.code.rate > 0.25, "the tail counts")
        let bits = profile.targetBits - profile.queryWorkBits
        let nominal = try #require(profile.regime.queryCount(bits: bits, rate: 0.25))
        #expect(soundness.queryCount > nominal)
      }
    }
  }

  @Test func `Johnson's regime works for what its radius costs, and says that it is provisional`()
    throws
  {
    let statement = RangeExample.statement(count: 8192, sum: 0, profile: .foldedJohnson128)
    let soundness = Soundness(statement)
    #expect(soundness.regime.contains("provisional"))
    let rounds = soundness.terms.filter { $0.name.hasSuffix("a round") }
    #expect(!rounds.isEmpty && rounds.allSatisfy { $0.workBits > 0 && $0.status == .provisional })
    for term in Soundness(RangeExample.statement(count: 8192, sum: 0)).terms {
      #expect(term.workBits == 0 || term.name.contains("queries"))
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
