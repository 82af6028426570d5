import Algebra
import ProofSystem
import Proving
import Testing
import _TestSupport

/// The folded opening: it is complete, it refuses what is far from the code, and it hides as much.
@Suite struct FoldedOpeningTests {
  static let profiles = Profile.allCases.filter(\.isFolded)
  private static let values: [UInt16] = Array(CompletenessTests.values.prefix(200))
  private static let sum = values.reduce(0) { $0 + UInt64($1) }

  private static func statement(_ profile: Profile) -> Statement {
    RangeExample.statement(count: values.count, sum: sum, profile: profile)
  }

  private func prove(
    _ statement: Statement,
    _ tamper: Prover.Tampering = Prover.Tampering(),
    witness: [TableWitness] = RangeExample.witness(values)
  ) throws -> Prover.Result {
    try Prover.proveUnchecked(
      statement,
      witness,
      randomness: ProverRandomness(),
      tamper: tamper,
      kernels: .best(workerCount: 2)
    )
  }

  @Test(arguments: profiles)
  func `an honest proof passes, and both sides saw the same transcript`(_ profile: Profile) throws {
    let statement = Self.statement(profile)
    let proof = try prove(statement)
    let verified = try Verifier.verify(proof.bytes, of: statement)
    let isSame = verified.events == proof.events
    #expect(isSame)
  }

  @Test func `a wrong witness, dirty lanes and lanes that are no codewords are refused`() throws {
    let statement = Self.statement(.foldedJohnson100)
    var columns = RangeExample.witness(Self.values).map(\.values)
    columns[0][2][3] += .one
    let wrong = try prove(statement, witness: columns.map { TableWitness(columns: $0) })
    #expect(verdict(wrong.bytes, of: statement) == .openingMismatch)
    // A lane one degree too high fits into the folded vector: the claim of zeros behind the tail refuses it.
    for group in [0, 1] {
      var long = Prover.Tampering()
      long.lanes = { if $0 == group { $1[0] += [.one] } }
      #expect(try verdict(prove(statement, long).bytes, of: statement) == .openingMismatch)
      var dirty = Prover.Tampering()
      let slot = statement.code.dataLength + 3
      dirty.lanes = { if $0 == group { $1[0][slot] += .one } }
      #expect(try verdict(prove(statement, dirty).bytes, of: statement) == .openingMismatch)
    }
    var swapped = Prover.Tampering()
    swapped.columns = { columns in
      for column in columns[0].indices { columns[0][column].swapAt(1, 2) }
    }
    #expect(try verdict(prove(statement, swapped).bytes, of: statement) == .openingMismatch)
  }

  @Test(arguments: profiles)
  func `a vector that is not the folded one is refused in every iteration`(_ profile: Profile)
    throws
  {
    // Work for 128 bits in Johnson's regime is what takes the time here.
    let statement = Self.statement(profile)
    let schedule = try #require(OpeningSchedule(statement.code, profile))
    for iteration in 0...schedule.foldings.count {
      for place in [0, 1] {
        var tamper = Prover.Tampering()
        tamper.folded = {
          if $0 == iteration { $1[place == 0 ? 0 : $1.count - 1] += .one }
        }
        let found = try verdict(prove(statement, tamper).bytes, of: statement)
        let isClear = iteration == schedule.foldings.count
        #expect(found == (isClear ? .proximity : .openingMismatch), "iteration \(iteration)")
      }
      guard profile != .foldedJohnson128 else { return }
    }
  }

  @Test(arguments: [Profile.foldedUniqueDecoding128, .foldedJohnson100])
  func `every message has its reason when it is altered`(_ profile: Profile) throws {
    let statement = Self.statement(profile)
    let proof = try prove(statement)
    let labels = Set(proof.events.filter { $0.kind == .absorb }.map(\.label))
    #expect(labels.isSuperset(of: ["root of folding", "opening", "folding round", "final vector"]))
    var offset = 40
    for event in proof.events.dropFirst() where event.kind == .absorb {
      var altered = proof.bytes
      altered[offset] ^= 1
      // Whatever goes into the transcript moves the next positions or the next work.
      let reason = verdict(altered, of: statement)
      let expected: Set<VerificationError> =
        switch event.label {
        case "opening": [.merklePath]
        case "folding round", "final vector", "sampled value":
          [.merklePath, .proofOfWork, .proximity, .truncated]
        default: [.merklePath, .proofOfWork, .truncated, .nonCanonical]
        }
      #expect(
        reason.map(expected.contains) == true,
        "\(event.label): \(String(describing: reason))"
      )
      offset += event.byteCount
    }
    var last = proof.bytes
    last[last.count - 1] ^= 1
    #expect(verdict(last, of: statement) == .merklePath)
    #expect(verdict(proof.bytes + [0], of: statement) == .trailingBytes)
    #expect(verdict(proof.bytes.dropLast(), of: statement) == .truncated)
  }

  @Test func `the simulator makes folded proofs that pass for the coins it knows`() throws {
    let statement = RangeExample.statement(count: 5, sum: 65_797, profile: .foldedJohnson100)
    let simulated = Simulator.proof(of: statement, coins: [4], randomness: ProverRandomness())
    try Verifier.accepts(simulated, of: statement, coins: [4])
    #expect(throws: VerificationError.self) { try Verifier.verify(simulated, of: statement) }
    var tamper = Prover.Tampering()
    tamper.coins = [4]
    let honest = try prove(
      statement,
      tamper,
      witness: RangeExample.witness([1, 2, 3, 65_535, 256])
    )
    try Verifier.accepts(honest.bytes, of: statement, coins: [4])
    #expect(honest.bytes.count == simulated.count)
  }
}
