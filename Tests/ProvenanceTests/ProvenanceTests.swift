import Algebra
import CanonicalCoding
import Manifests
import ProofSystem
import Provenance
import Proving
import Testing
import _TestSupport

/// S2: what was read is in the registry, allowed, and adds up; what a cheating prover tries instead is refused for the
/// reason that the design names (P1 to P17).
@Suite struct ProvenanceTests {
  private static let registry = SmallRegistry([40, 1, 30])
  private static let honest = Result {
    try SmallRun(registry, order: [3, 7, 0, 70, 40, 41])
  }
  private static let used = 20
  private static let kind = 21

  private func run() throws -> SmallRun { try Self.honest.get() }

  // MARK: accepted

  @Test func `a run over allowed records is accepted`() throws {
    let run = try run()
    #expect(run.verdict(try run.prove()) == nil)
  }

  @Test func `exact totals are accepted, and a record may be used as often as is claimed`() throws {
    var run = try SmallRun(Self.registry, order: [3, 7, 3, 70, 40, 3])
    run.useLimit = 3
    let read = run.examples
    let entry = { (index: Int) in
      run.order[index] == 40 ? 0 : (run.order[index] - (run.order[index] > 40 ? 41 : 0)) % 2
    }
    for kind in 0..<2 {
      let own = read.indices.filter { entry($0) == kind }
      let totals = [
        UInt64(own.count), own.reduce(0) { $0 + read[$1].contentByteCount },
        own.reduce(0) { $0 + read[$1].wordCount },
      ]
      for quantity in 0..<3 {
        run.ranges[3 * kind + quantity] = TotalRange(totals[quantity], totals[quantity])
      }
    }
    #expect(run.verdict(try run.prove()) == nil)
    run.useLimit = 2
    #expect(throws: ProvenanceProver.Failure.usedTooOften(segment: 0, row: 3, uses: 3)) {
      try run.prove()
    }
  }

  @Test func `several segments of both kinds are accepted`() throws {
    let registry = Self.registry
    let run = try run()
    let prover = SmallRegistry.prover
    let parts = [0..<25, 25..<71].map { registry.columns($0) }
    let groups = try parts.map { try prover.group($0) }
    let uses = [0..<25, 25..<71].map { range in
      let words = WordBuffer(zeros: range.count)
      for row in range { words[row - range.lowerBound] = run.uses[0][row] }
      return words
    }
    let training = [0..<4, 4..<6].map { range in
      let columns = LeafColumns(.training, count: range.count)
      for row in range { columns.set(row - range.lowerBound, run.examples[row]) }
      return columns
    }
    let trainingGroups = try training.map { try prover.group($0) }
    let statement = ProvenanceStatement(
      context: run.context,
      registryGroups: zip(groups, parts).map { .init(root: $0.root, count: $1.count) },
      trainingGroups: zip(trainingGroups, training).map { .init(root: $0.root, count: $1.count) },
      useLimit: 1,
      decisions: run.decisions,
      ranges: run.ranges,
      profile: SmallRegistry.profile,
      code: SmallRegistry.code
    )
    let proof = try ProvenanceProver.prove(
      statement,
      ProvenanceWitness(registry: parts, uses: uses, training: training),
      groups: groups + trainingGroups,
      kernels: .best(workerCount: 2)
    )
    #expect(run.verdict(proof, of: statement) == nil)
  }

  // MARK: what the prover itself refuses

  @Test func `the prover names the record or the total that is not as claimed`() throws {
    var run = try run()
    let all = run.decisions
    run.decisions = all.filter { $0.lf & 0xFFFF == 0 }
    #expect(throws: ProvenanceProver.Failure.notAllowed(segment: 0, row: 3)) { try run.prove() }
    run.decisions = all
    run.ranges[0] = TotalRange(4, 9)
    #expect(
      throws: ProvenanceProver.Failure.outsideRange(classIndex: 0, quantity: 0, total: 3)
    ) { try run.prove() }
  }

  // MARK: P1, P2, P17

  @Test func `P1: an example that is not in the registry, or another order, is refused`() throws {
    let registry = Self.registry
    let foreign = SmallRegistry.record("a record of nobody")
    var examples = try run().examples
    examples[2] = TrainingLeaf(foreign, position: 2, runKey: [1])
    let run = try SmallRun(registry, order: [3, 7, 0, 70, 40, 41], examples: examples)
    #expect(run.verdict(try run.forged()) == .constraintsNotSatisfied)
  }

  @Test func `P1: columns that are not those of the group are refused`() throws {
    let run = try run()
    #expect(throws: Prover.Failure.group(.otherColumns)) {
      _ = try run.forged { tables in
        for column in tables[SmallRun.Table.examples].indices {
          tables[SmallRun.Table.examples][column].swapAt(0, 1)
        }
      }
    }
  }

  @Test func `P2: a record used twice, or p − 1 times, is refused`() throws {
    let run = try SmallRun(Self.registry, order: [3, 3])
    #expect(run.verdict(try run.forged()) == .constraintsNotSatisfied)
    let honest = try self.run()
    for value in [BaseField(reducing: 2), BaseField(-1)] {
      #expect(
        honest.verdict(try honest.forged { $0[SmallRun.Table.records][Self.used][3] = value })
          == .constraintsNotSatisfied
      )
    }
    var often = try SmallRun(Self.registry, order: [3, 3, 3, 3])
    often.useLimit = 3
    #expect(often.verdict(try often.forged()) == .constraintsNotSatisfied)
  }

  @Test func `P17: an example whose count is not that of its record is refused`() throws {
    var examples = try run().examples
    let old = examples[1]
    examples[1] = TrainingLeaf(
      contentDigest: old.contentDigest,
      position: 1,
      contentByteCount: old.contentByteCount + 1,
      wordCount: old.wordCount,
      salt: old.salt
    )
    let run = try SmallRun(Self.registry, order: [3, 7, 0, 70, 40, 41], examples: examples)
    #expect(run.verdict(try run.forged()) == .constraintsNotSatisfied)
  }

  // MARK: P3, P5, P8, P15

  @Test
  func `P3: a used record under a pair that no row allows is refused, whatever multiplicities say`()
    throws
  {
    var run = try run()
    run.decisions = run.decisions.filter { !($0.source == 0 && $0.lf & 0xFFFF == 1) }
    #expect(run.verdict(try run.forged()) == .constraintsNotSatisfied)
    // With the multiplicity of a pair that exists moved up.
    #expect(
      run.verdict(
        try run.forged { tables in
          tables[SmallRun.Table.decisions][0][0] = tables[SmallRun.Table.decisions][0][0] + .one
        }
      ) == .constraintsNotSatisfied
    )
  }

  @Test func `P3: a flags byte with a reserved bit, or with preference 3, has no row`() throws {
    for flags: UInt8 in [0x01, 0x40, 0x80, 0x30, 0x10] {
      let registry = Self.registry
      let columns = registry.columns
      columns.group[9][3] = columns.group[9][3] & 0xFFFF | UInt32(flags) << 16
      let run = try SmallRun(registry, order: [3], columns: columns)
      #expect(run.verdict(try run.forged()) == .constraintsNotSatisfied)
    }
  }

  @Test func `P5: a class of another pair is refused`() throws {
    let run = try run()
    #expect(
      run.verdict(try run.forged { $0[SmallRun.Table.records][Self.kind][3] = .zero })
        == .constraintsNotSatisfied
    )
  }

  @Test func `P8: of two equal contents the forbidden one cannot be used`() throws {
    var registry = Self.registry
    let twin = SmallRegistry.record("twin", license: 0)
    registry.sources[0][2] = .record(twin)
    registry.sources[2][5] = .record(SmallRegistry.record("twin", license: 1))
    var run = try SmallRun(registry, order: [2])
    run.decisions = run.decisions.filter { $0.source == 0 }
    #expect(run.verdict(try run.prove()) == nil)
    let moved = try run.forged { tables in
      tables[SmallRun.Table.records][Self.used].swapAt(2, 46)
      tables[SmallRun.Table.records][Self.kind].swapAt(2, 46)
    }
    #expect(run.verdict(moved) == .constraintsNotSatisfied)
  }

  @Test func `P15: a removed record cannot be used, although a row allows its elements`() throws {
    var registry = Self.registry
    let stone = Tombstone(reason: .erasure, day: SmallRegistry.day, formerLeaf: .of([4]))
    registry.sources[0][3] = .tombstone(stone)
    let example = TrainingLeaf(
      contentDigest: .of([4]),
      position: 0,
      contentByteCount: UInt64(stone.day.dayNumber),
      wordCount: 0,
      salt: .of([])
    )
    let run = try SmallRun(registry, order: [3], examples: [example])
    #expect(
      run.verdict(
        try run.forged { tables in
          // Everything as if it were allowed: reason 1 is the pair of license entry 1.
          let row = run.decisions.firstIndex { $0.source == 0 && $0.lf == 1 } ?? 0
          tables[SmallRun.Table.decisions][0][row] = .one
          tables[SmallRun.Table.records][Self.kind][3] = .one
          tables[SmallRun.Table.totals][0][3] = .one
        }
      ) == .constraintsNotSatisfied
    )
  }

  // MARK: P10 and public inputs

  @Test func `P10: more uses than sums can hold are refused`() throws {
    let run = try run()
    func verdict(records: [Int], examples: [Int], uses: Int = 1) -> VerificationError? {
      let root = [UInt8](repeating: 1, count: 32)
      let statement = ProvenanceStatement(
        context: run.context,
        registryGroups: records.map { .init(root: root, count: $0) },
        trainingGroups: examples.map { .init(root: root, count: $0) },
        useLimit: uses,
        decisions: run.decisions,
        ranges: run.ranges,
        profile: SmallRegistry.profile,
        code: SmallRegistry.code
      )
      return run.verdict([], of: statement)
    }
    #expect(verdict(records: [1 << 21, 1 << 21, 1], examples: [9]) == .soundnessCondition)
    #expect(verdict(records: [1 << 20], examples: [9], uses: 5) == .soundnessCondition)
    #expect(verdict(records: [9], examples: [1 << 22, 1]) == .soundnessCondition)
    #expect(verdict(records: [Int.max, Int.max], examples: [9]) == .soundnessCondition)
    #expect(verdict(records: [0], examples: [9]) == .publicInputInvalid)
    #expect(verdict(records: [9], examples: []) == .publicInputInvalid)
    #expect(verdict(records: [9], examples: [9], uses: 0) == .publicInputInvalid)
    #expect(verdict(records: [9], examples: [9], uses: 16) == .publicInputInvalid)
  }

  @Test func `P4: rows that are unsorted, doubled or of no class are refused before the proof`()
    throws
  {
    let run = try run()
    let proof = try run.prove()
    func verdict(_ change: (inout SmallRun) -> Void) -> VerificationError? {
      var changed = run
      change(&changed)
      return changed.verdict(proof)
    }
    #expect(verdict { $0.decisions.swapAt(0, 1) } == .publicInputInvalid)
    #expect(verdict { $0.decisions.append($0.decisions[0]) } == .publicInputInvalid)
    #expect(
      verdict {
        let row = $0.decisions[0]
        $0.decisions.insert(
          DecisionRow(source: row.source, lf: row.lf, classIndex: 1 - row.classIndex),
          at: 0
        )
      } == .publicInputInvalid
    )
    #expect(
      verdict { $0.decisions[0] = DecisionRow(source: 0, lf: 0, classIndex: 2) }
        == .publicInputInvalid
    )
    #expect(verdict { $0.decisions = [] } == .publicInputInvalid)
    #expect(verdict { $0.ranges[0] = TotalRange(2, 1) } == .publicInputInvalid)
    #expect(verdict { $0.ranges[0] = TotalRange(0, 1 << 56) } == .publicInputInvalid)
    #expect(verdict { $0.ranges.removeLast() } == .publicInputInvalid)
    #expect(verdict { $0.decisions.removeLast() } == .statementDigestMismatch)
    #expect(verdict { $0.ranges[5] = TotalRange(0, 1 << 50) } == .statementDigestMismatch)
    #expect(verdict { $0.useLimit = 2 } == .statementDigestMismatch)
  }

  @Test func `a proof is of its nonce and of its audience`() throws {
    let run = try run()
    let proof = try run.prove()
    #expect(
      run.verdict(proof, of: run.statement(nonce: Array(repeating: 1, count: 32)))
        == .statementDigestMismatch
    )
  }

  // MARK: P12, P13, P14, the ledger

  @Test func `P12: what pad rows hold changes no verdict, and is drawn anew for every proof`()
    throws
  {
    let run = try run()
    let first = try run.prove()
    let second = try run.prove()
    #expect(run.verdict(first) == nil)
    #expect(run.verdict(second) == nil)
    #expect(first.count.distance(to: second.count).magnitude < 8192)
  }

  @Test func `P13: examples and records exchanged, and spliced proofs, are refused`() throws {
    let run = try run()
    let (first, second) = (try run.prove(), try run.prove())
    for cut in [40, 72, 200, first.count / 2, first.count - 100] {
      let spliced = Array(first.prefix(cut)) + Array(second.dropFirst(cut))
      guard spliced != first, spliced != second else { continue }
      #expect(run.verdict(spliced) != nil)
    }
    var random = SeededRandom(seed: 99)
    for _ in 0..<200 {
      var changed = first
      changed[Int.random(in: 0..<changed.count, using: &random)] ^= UInt8.random(
        in: 1...255,
        using: &random
      )
      #expect(run.verdict(changed) != nil)
    }
    let swapped = ProvenanceStatement(
      context: run.context,
      registryGroups: run.statement().trainingGroups,
      trainingGroups: run.statement().registryGroups,
      useLimit: 1,
      decisions: run.decisions,
      ranges: run.ranges,
      profile: SmallRegistry.profile,
      code: SmallRegistry.code
    )
    #expect(run.verdict(first, of: swapped) == .statementDigestMismatch)
  }

  @Test func `P14: two proofs of one statement share no 32 bytes but the statement's digest`()
    throws
  {
    let run = try run()
    let (first, second) = (try run.prove(), try run.prove())
    // Paths of reusable groups are salted once and for all: equal positions give equal siblings. What is new in a
    // proof begins behind the head and ends before the openings.
    let code = SmallRegistry.code
    let own = 20 * code.messageLength
    func windows(_ bytes: ArraySlice<UInt8>, step: Int) -> Set<[UInt8]> {
      var found: Set<[UInt8]> = []
      var index = bytes.startIndex
      while index + 32 <= bytes.endIndex {
        found.insert(Array(bytes[index..<index + 32]))
        index += step
      }
      return found
    }
    let left = windows(first[40..<40 + own], step: 1)
    #expect(left.isDisjoint(with: windows(second[40..<40 + own], step: 1)))
  }

  @Test func `A24: a group that has shown as much as it can hide serves no further proof`() throws {
    let run = try SmallRun(SmallRegistry([9]), order: [1])
    var proofs = 0
    do {
      while proofs < 60 {
        _ = try run.prove()
        proofs += 1
      }
      Issue.record("no budget ended after \(proofs) proofs")
    } catch let failure as ProvenanceProver.Failure {
      #expect(failure == .prover(.budgetExhausted))
    }
    #expect(proofs > 10)
  }
}
