import Algebra
import ProofSystem
import Proving
import Testing
import _TestSupport

import class Foundation.ProcessInfo

/// Proofs and statements that were changed: refused every time, for the reason that the rule has.
@Suite struct MutationTests {
  private static let values: [UInt16] = [1, 2, 3, 65_535, 256]
  private static let statement = RangeExample.statement(count: 5, sum: 65_797)
  private static let isLong = ProcessInfo.processInfo.environment["INGEST_LONG"] != nil
  private let proof: Prover.Result

  init() throws {
    proof = try Prover.prove(Self.statement, RangeExample.witness(Self.values))
  }

  private func verdict(
    _ bytes: [UInt8],
    of statement: Statement = MutationTests.statement
  ) -> VerificationError? {
    ProofSystemTests.verdict(bytes, of: statement)
  }

  @Test func `every message has its reason when it is altered, and its bytes are canonical`() throws
  {
    #expect(verdict(proof.bytes) == nil)
    let reasons: [String: VerificationError] = [
      "root of main": .openingMismatch, "root of helper": .openingMismatch,
      "S1": .openingMismatch, "zerocheck round": .openingMismatch,
      "evaluations": .openingMismatch, "S2": .openingMismatch, "opening round": .openingMismatch,
      "e', vg, T1, T2": .openingMismatch, "h": .openingMismatch,
      "work before queries": .proofOfWork,
    ]
    var offset = 40
    for event in proof.events.dropFirst() where event.kind == .absorb {
      var altered = proof.bytes
      altered[offset] ^= 1
      #expect(verdict(altered) == reasons[event.label], "\(event.label)")
      if event.byteCount % 20 == 0 {
        for coordinate in stride(from: 0, to: min(event.byteCount, 200), by: 4) {
          var other = proof.bytes
          let p = BaseField.modulus
          for shift in 0..<4 {
            other[offset + coordinate + shift] = UInt8(truncatingIfNeeded: p >> UInt32(8 * shift))
          }
          #expect(verdict(other) == .nonCanonical, "\(event.label)")
        }
      }
      offset += event.byteCount
    }
    // The openings: a salt, a value, the last digest.
    for place in [offset, offset + 32, proof.bytes.count - 1] {
      var altered = proof.bytes
      altered[place] ^= 1
      #expect(verdict(altered) == .merklePath)
    }
  }

  @Test func `the head, the end and the length of a proof are checked`() {
    for place in 0..<8 {
      var altered = proof.bytes
      altered[place] ^= 1
      #expect(verdict(altered) == .unsupportedVersion)
    }
    for place in 8..<40 {
      var altered = proof.bytes
      altered[place] ^= 1
      #expect(verdict(altered) == .statementDigestMismatch)
    }
    #expect(verdict(proof.bytes + [0]) == .trailingBytes)
    #expect(verdict(proof.bytes.dropLast()) == .truncated)
    #expect(verdict(proof.bytes + Array(repeating: 0, count: 1 << 20)) == .tooLong)
    #expect(verdict([]) == .truncated)
    for count in stride(from: 0, to: proof.bytes.count, by: 997) {
      #expect(verdict(Array(proof.bytes.prefix(count))) != nil)
    }
  }

  @Test func `a proof proves one statement: no member of it can be another`() {
    let s = Self.statement
    func other(
      kind: String? = nil,
      profile: Profile? = nil,
      tables: [Table]? = nil,
      code: CodeParameters? = nil,
      publicInputs: [UInt8]? = nil,
      audience: [UInt8] = [],
      nonce: [UInt8]? = nil
    ) -> Statement {
      Statement(
        kind: kind ?? s.kind,
        profile: profile ?? s.profile,
        tables: tables ?? s.tables,
        code: code ?? s.code,
        publicInputs: publicInputs ?? s.publicInputs,
        audience: audience,
        nonce: nonce ?? s.nonce
      )
    }
    #expect(verdict(proof.bytes, of: other()) == nil)
    let code = s.code
    let changed: [Statement] = [
      other(kind: "example-rang"), other(tables: Array(s.tables.reversed())),
      other(publicInputs: s.publicInputs + [0]), other(audience: [1]),
      other(nonce: [1] + s.nonce.dropFirst()),
      RangeExample.statement(count: 6, sum: 65_797), RangeExample.statement(count: 5, sum: 65_796),
      other(
        code: CodeParameters(
          logDataLength: code.logDataLength + 1,
          logTailLength: code.logTailLength,
          logInverseRate: code.logInverseRate
        )
      ),
    ]
    for statement in changed {
      #expect(verdict(proof.bytes, of: statement) == .statementDigestMismatch)
    }
    let stronger = other(profile: .uniqueDecoding128)
    #expect(verdict(proof.bytes, of: stronger) == .statementDigestMismatch)
    // At this rate more positions are drawn than the query zone hides.
    let dense = CodeParameters(
      logDataLength: code.logDataLength,
      logTailLength: code.logTailLength,
      logInverseRate: 1
    )
    #expect(verdict(proof.bytes, of: other(code: dense)) == .soundnessCondition)
  }

  @Test func `shapes beyond the limits are refused before anything is read`() {
    func table(
      logHeight: Int = 9,
      active: Int = 10,
      pad: Int = 7,
      constraint: Expression = .column(0),
      message: Message? = nil
    ) -> Table {
      Table(
        name: "T",
        logHeight: logHeight,
        activeRowCount: active,
        logPadRowCount: pad,
        columns: [Column("x")],
        constraints: [Constraint("c", constraint)],
        messages: message.map { [$0] } ?? []
      )
    }
    func refusal(
      _ tables: [Table],
      _ code: CodeParameters = MutationTests.statement.code
    ) -> VerificationError? {
      verdict(
        [],
        of: Statement(kind: "limits", profile: .uniqueDecoding100, tables: tables, code: code)
      )
    }
    let x = Expression.column(0)
    #expect(refusal([table()]) == .truncated)
    for bad in [
      table(logHeight: 25), table(active: 0), table(active: 385), table(pad: 9), table(pad: -1),
      table(constraint: x * x * x * x), table(constraint: .column(1)),
      table(constraint: .column(-1)), table(constraint: .publicColumn(-1)),
      table(constraint: .publicColumn(0)),
      table(message: Message(tag: 0, numerators: [1], values: [x], bound: .atMost(1))),
      table(message: Message(tag: 1, numerators: [], values: [x], bound: .atMost(1))),
      table(message: Message(tag: 1, numerators: [x * x * x], values: [x], bound: .atMost(1))),
      table(message: Message(tag: 1, numerators: [1], values: [x * x], bound: .atMost(1))),
    ] {
      #expect(refusal([bad]) == .limitExceeded)
    }
    for (from, count) in [(-1, 1), (25, 0), (0, 25), (20, 5), (1, Int.max), (Int.max, 1)] {
      let bits = Table(
        name: "T",
        logHeight: 9,
        activeRowCount: 300,
        logPadRowCount: 7,
        columns: [Column("x")],
        publicColumns: [.bits(from: from, count: count)]
      )
      #expect(refusal([bits]) == .limitExceeded)
    }
    // 2^17 lanes: 64 columns of 2^24 rows over lanes of 2^13.
    let tall = Table(
      name: "T",
      logHeight: 24,
      activeRowCount: 300,
      logPadRowCount: 7,
      columns: (0..<64).map { Column("x\($0)") }
    )
    let small = CodeParameters(logDataLength: 13, logTailLength: 10, logInverseRate: 2)
    #expect(refusal([tall], small) == .limitExceeded)
    #expect(refusal([]) == .limitExceeded)
    #expect(refusal(Array(repeating: table(), count: 97)) == .limitExceeded)
    for (mu, a, r0) in [(8, 7, 2), (10, 10, 2), (10, 8, 2), (22, 9, 3), (10, 9, 0), (24, 9, 1)] {
      let code = CodeParameters(logDataLength: mu, logTailLength: a, logInverseRate: r0)
      #expect(refusal([table()], code) == .limitExceeded)
    }
    let wide = Message(tag: 1, numerators: [1], values: [x], bound: .atMost(1 << 31))
    #expect(refusal([table(message: wide)]) == .soundnessCondition, "sums pass p")
    let narrow = Message(tag: 1, numerators: [1], values: [], bound: .atMost(1))
    let both = [
      table(message: Message(tag: 1, numerators: [1], values: [x], bound: .atMost(1))),
      table(message: narrow),
    ]
    #expect(refusal(both) == .soundnessCondition, "two widths on one bus")
    let free = table(message: Message(tag: 1, numerators: [x], values: [x], bound: .free))
    #expect(refusal([free]) == .truncated)
    #expect(refusal([free, free]) == .soundnessCondition, "free multiplicities on two sides")
  }

  @Test func `public bits beyond a table's rows are zeros, in rows and at points`() {
    let point = (0..<3).map { _ in ChallengeField.basis[1] }
    for (from, count) in [(3, 2), (5, 4), (20, 4), (24, 0), (0, 0)] {
      let column = PublicColumn.bits(from: from, count: count)
      #expect(column.value(at: point) == .zero)
      #expect((0..<8).allSatisfy { column.value(row: $0) == .zero })
    }
    #expect(PublicColumn.bits(from: 1, count: 9).value(at: point) != .zero)
  }

  @Test func `a hundred thousand random changes are refused, without a trap`() async throws {
    let perTask = Self.isLong ? 50_000 : 5_000
    // Every other task changes a folded proof.
    let folded = RangeExample.statement(count: 5, sum: 65_797, profile: .foldedJohnson100)
    let foldedProof = try Prover.prove(
      folded,
      RangeExample.witness(Self.values),
      kernels: .best(workerCount: 2)
    )
    // Parts come from another proof of the statement, too, and for the folded one from one of the other kind.
    let second = try Prover.prove(Self.statement, RangeExample.witness(Self.values))
    let targets = [
      (proof.bytes, second.bytes, Self.statement), (foldedProof.bytes, proof.bytes, folded),
    ]
    let accepted = await withTaskGroup(of: [String].self) { group in
      for task in 0..<20 {
        group.addTask {
          var random = SeededRandom(seed: UInt64(404 + task))
          let (proof, other, statement) = targets[task % 2]
          return (0..<perTask).compactMap { round in
            // Twenty tasks flip bytes in turn; the long campaign comes to each byte of both proofs.
            let turn = task / 2 * perTask + round
            let changed = Self.change(proof, other, turn, &random)
            guard changed != proof else { return nil }
            do throws(VerificationError) {
              _ = try Verifier.verify(changed, of: statement)
              return "seed \(404 + task), round \(round)"
            } catch {
              return nil
            }
          }
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(accepted == [])
  }

  /// Prints the figure of docs/campaigns.md; a time is no assertion.
  @Test(.enabled(if: isLong)) func `the slowest changed proof is measured beside the honest one`() {
    let second = (try? Prover.prove(Self.statement, RangeExample.witness(Self.values)))?.bytes ?? []
    /// The shortest of some runs, in seconds.
    func time(_ bytes: [UInt8], runs: Int) -> Double {
      (0..<runs).map { _ in
        let time = ContinuousClock().measure { _ = verdict(bytes) }
        return Double(time.components.attoseconds) / 1e18 + Double(time.components.seconds)
      }.min() ?? 0
    }
    let honest = time(proof.bytes, runs: 50)
    var random = SeededRandom(seed: 403)
    var slowest = 0.0
    var accepted: [Int] = []
    for round in 0..<10_000 {
      let changed = Self.change(proof.bytes, second, round, &random)
      if changed != proof.bytes, verdict(changed) == nil { accepted.append(round) }
      // A run that another process disturbed is looked at again.
      if time(changed, runs: 1) > slowest { slowest = max(slowest, time(changed, runs: 10)) }
    }
    print("honest \(honest * 1000) ms; slowest of 10,000 changes \(slowest / honest) of it")
    #expect(accepted == [])
  }

  @Test func `as many flips as a proof has bytes come to each of them`() {
    // The proof's length, and one that the step divides.
    for count in [proof.bytes.count, 7919 * 2] {
      let zeros = [UInt8](repeating: 0, count: count)
      var random = SeededRandom(seed: 1)
      var reached = [Bool](repeating: false, count: count)
      for flip in 0..<count {
        let place = Self.flipped(flip, of: count)
        reached[place] = true
      }
      #expect(!reached.contains(false))
      #expect(Self.change(zeros, zeros, 6, &random)[Self.flipped(2, of: count)] != 0)
    }
  }

  /// The place of a flip by its number: a step that has no factor in common with the length comes to all.
  private static func flipped(_ number: Int, of count: Int) -> Int {
    // A prime, so that only its multiples share a factor; the next one then.
    number * (count % 7919 == 0 ? 7927 : 7919) % count
  }

  /// One change: bytes flipped, bytes dropped or doubled, an element from elsewhere in the proof, or a part of
  /// another proof at its place.
  private static func change(
    _ proof: [UInt8],
    _ other: [UInt8],
    _ round: Int,
    _ random: inout SeededRandom
  ) -> [UInt8] {
    var bytes = proof
    switch round % 6 {
    case 0, 1:
      let place = flipped(round / 6 * 2 + round % 6, of: bytes.count)
      bytes[place] ^= UInt8.random(in: 1...255, using: &random)
    case 2:
      let start = Int.random(in: 0..<bytes.count, using: &random)
      let end = start + Int.random(in: 1...100, using: &random)
      bytes.removeSubrange(start..<min(bytes.count, end))
    case 3:
      let start = Int.random(in: 40..<bytes.count - 20, using: &random)
      bytes.insert(contentsOf: proof[start..<start + 20], at: start)
    case 4:
      let start = Int.random(in: 40..<min(proof.count, other.count) - 20, using: &random)
      let count = [4, 20, 32, 80, 1 << 20].randomElement(using: &random) ?? 4
      let end = min(start + count, proof.count, other.count)
      bytes.replaceSubrange(start..<end, with: other[start..<end])
    default:
      let from = Int.random(in: 40..<bytes.count - 20, using: &random)
      let to = Int.random(in: 40..<bytes.count - 20, using: &random)
      bytes.replaceSubrange(to..<to + 20, with: proof[from..<from + 20])
    }
    return bytes
  }
}
