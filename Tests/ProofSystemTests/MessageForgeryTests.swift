import Algebra
import ProofSystem
import Proving
import Testing
import _TestSupport

/// Provers that cheat in what they send or in when they draw: each message of the protocol is bound.
@Suite struct MessageForgeryTests {
  private static let values: [UInt16] = Array(CompletenessTests.values.prefix(200))
  private static let sum = values.reduce(0) { $0 + UInt64($1) }
  private static let witness = RangeExample.witness(values)

  private static func statement(_ profile: Profile = .uniqueDecoding100) -> Statement {
    RangeExample.statement(count: values.count, sum: sum, profile: profile)
  }

  /// What a verifier says when one message is sent in another way.
  private static func answer(
    _ statement: Statement,
    _ label: String,
    _ number: Int = 0,
    _ change: @escaping @Sendable ([UInt8]) -> [ProverTranscript.Sent]
  ) throws -> VerificationError? {
    var tamper = Prover.Tampering()
    tamper.messages = { $0 == label && $1 == number ? change($2) : [ProverTranscript.Sent($2)] }
    let proof = try Prover.proveUnchecked(
      statement,
      witness,
      randomness: ProverRandomness(),
      tamper: tamper,
      kernels: .best(workerCount: 2)
    )
    return verdict(proof.bytes, of: statement)
  }

  /// The labels of an honest proof's messages, behind the statement.
  private static func labels(_ statement: Statement) throws -> Set<String> {
    let proof = try Prover.prove(statement, witness, kernels: .best(workerCount: 2))
    return Set(proof.events.dropFirst().filter { $0.kind == .absorb }.map(\.label))
  }

  @Test(arguments: [Profile.uniqueDecoding100, .foldedJohnson100])
  func `a challenge that was drawn before its message is refused, whatever the message`(
    _ profile: Profile
  ) throws {
    let statement = Self.statement(profile)
    // The message stands in the proof, but what the prover draws behind it does not depend on it.
    for label in try Self.labels(statement) {
      let found = try Self.answer(statement, label) {
        [ProverTranscript.Sent($0, isAbsorbed: false)]
      }
      #expect(found != nil, "\(label)")
    }
  }

  @Test(arguments: [Profile.uniqueDecoding100, .foldedJohnson100])
  func `messages that come twice or not at all are refused`(_ profile: Profile) throws {
    let statement = Self.statement(profile)
    for label in try Self.labels(statement) {
      for isTwice in [true, false] {
        let found = try Self.answer(statement, label) { message in
          isTwice ? [ProverTranscript.Sent(message), ProverTranscript.Sent(message)] : []
        }
        #expect(found != nil, "\(label), \(isTwice ? "twice" : "not at all")")
      }
    }
  }

  @Test func `an extra round, or an extra value in one, has no place in a proof`() throws {
    let statement = Self.statement()
    let rounds = statement.tables.map(\.logHeight).max() ?? 0
    let zero = [UInt8](repeating: 0, count: 80)
    for (label, number, extra) in [
      ("zerocheck round", rounds - 1, zero), ("zerocheck round", 0, Array(zero.prefix(20))),
      ("opening round", 0, Array(zero.prefix(40))), ("h", 0, Array(zero.prefix(20))),
    ] {
      let found = try Self.answer(statement, label, number) {
        [ProverTranscript.Sent($0 + extra)]
      }
      #expect(found != nil, "\(label)")
    }
    // Behind the last opening nothing is read.
    let proof = try Prover.prove(statement, Self.witness).bytes
    #expect(verdict(proof + zero, of: statement) == .trailingBytes)
  }

  @Test func `a sent value that differs, bound by the transcript, breaks the rule it belongs to`()
    throws
  {
    let statement = Self.statement()
    // Unlike a byte that is altered on the way, the prover's challenges follow from what it sent.
    let reasons: [(label: String, reason: VerificationError)] = [
      ("S1", .constraintsNotSatisfied), ("zerocheck round", .constraintsNotSatisfied),
      ("evaluations", .constraintsNotSatisfied), ("S2", .openingMismatch),
      ("opening round", .openingMismatch),
    ]
    for (label, reason) in reasons {
      let found = try Self.answer(statement, label) { message in
        var message = message
        message[0] ^= 1
        return [ProverTranscript.Sent(message)]
      }
      #expect(found == reason, "\(label)")
    }
    // T1, the blinder's first mask: 40 bytes behind e' and vg.
    for (offset, reason) in [
      (0, VerificationError.openingMismatch), (20, .openingMismatch),
      (40, .constraintsNotSatisfied), (60, .openingMismatch),
    ] {
      let found = try Self.answer(statement, "e', vg, T1, T2") { message in
        var message = message
        message[offset] ^= 1
        return [ProverTranscript.Sent(message)]
      }
      #expect(found == reason, "\(offset)")
    }
  }

  @Test func `more or fewer queries than the statement's are refused`() throws {
    let statement = Self.statement()
    let count = try #require(OpeningSchedule(statement.code, statement.profile)).queryCount
    for (other, reasons) in [
      (count + 1, Set([VerificationError.merklePath, .nonCanonical, .trailingBytes])),
      (count - 1, Set([.merklePath, .nonCanonical, .truncated])),
    ] {
      var tamper = Prover.Tampering()
      tamper.queryCount = other
      // A position that repeats another adds nothing, so that a draw more may be the same proof.
      let proof = try Prover.proveUnchecked(
        statement,
        Self.witness,
        randomness: ProverRandomness(seed: [UInt8](repeating: 3, count: 32)),
        tamper: tamper
      )
      let found = verdict(proof.bytes, of: statement)
      #expect(found.map(reasons.contains) == true, "\(other) queries: \(String(describing: found))")
    }
  }

  @Test func `a nonce of another proof is no work for this one`() throws {
    let statement = Self.statement()
    let proofs = try (0..<2).map { seed in
      try Prover.prove(
        statement,
        Self.witness,
        randomness: ProverRandomness(seed: [UInt8](repeating: UInt8(seed), count: 32))
      )
    }
    var offset = 40
    for event in proofs[0].events.dropFirst() where event.kind == .absorb {
      if event.label == "work before queries" {
        var changed = proofs[0].bytes
        changed.replaceSubrange(
          offset..<offset + event.byteCount,
          with: proofs[1].bytes[offset..<offset + event.byteCount]
        )
        #expect(changed != proofs[0].bytes)
        #expect(verdict(changed, of: statement) == .proofOfWork)
      }
      offset += event.byteCount
    }
  }

  @Test func `no message is a partial sum of the lookups`() throws {
    // Sums of H over one table, which would be a fingerprint of its rows.
    let helpers = Captured()
    var tamper = Prover.Tampering()
    tamper.helpers = { helpers.values = $0 }
    let statement = Self.statement()
    let proof = try Prover.proveUnchecked(
      statement,
      Self.witness,
      randomness: ProverRandomness(),
      tamper: tamper
    )
    #expect(verdict(proof.bytes, of: statement) == nil)
    var elements: Set<[UInt8]> = []
    for start in stride(from: 40, to: proof.bytes.count - 20, by: 4) {
      elements.insert(Array(proof.bytes[start..<start + 20]))
    }
    for (table, columns) in zip(statement.tables, helpers.values) {
      for column in columns {
        for count in 1...table.activeRowCount {
          let sum = column.prefix(count).reduce(ChallengeField.zero, +)
          #expect(!elements.contains(ProofCoding.bytes([sum])))
        }
      }
    }
  }

  /// What a hook saw; proofs of these tests run on one thread.
  private final class Captured: @unchecked Sendable {
    var values: [[[ChallengeField]]] = []
  }
}
