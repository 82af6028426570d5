import Algebra
import ProofSystem
import Proving
import Testing
import _TestSupport

/// The order of messages and challenges, declared here once more as data: a challenge that is drawn too early, used
/// twice or forgotten changes the list.
@Suite struct ScheduleTests {
  /// One line of the protocol's table: what is absorbed, or what is drawn, and how often.
  private enum Line {
    case message(String, bytes: Int)
    case challenge(String)
    case work(String, bits: Int)
    case positions(Int)
  }

  /// The lines of docs/proof-system.md for a statement.
  private static func lines(_ statement: Statement) throws -> [Line] {
    let schedule = try #require(OpeningSchedule(statement.code, statement.profile))
    let layout = StackLayout(statement)
    let claims = statement.tables.reduce(0) { $0 + $1.columns.count + $1.helperCount }
    let height = statement.tables.map(\.logHeight).max() ?? 0
    var lines: [Line] = [
      .message("statement", bytes: statement.encoding.count),
      .message("root of main", bytes: 32),
      .work("work before lookups", bits: statement.profile.lookupWorkBits),
      .challenge("alpha"), .challenge("beta"), .challenge("theta"),
      .message("root of helper", bytes: 32),
    ]
    lines += (0..<height).map { _ in .challenge("tau") }
    lines += [.challenge("lambda"), .challenge("omega"), .message("S1", bytes: 20)]
    lines.append(.challenge("rho1"))
    for _ in 0..<height { lines += [.message("zerocheck round", bytes: 80), .challenge("r")] }
    lines += [.message("evaluations", bytes: 20 * claims), .challenge("gamma")]
    lines += [.message("S2", bytes: 20), .challenge("rho2")]
    for _ in 0..<layout.variableCount {
      lines.append(.message("opening round", bytes: 40))
      lines += [.work("work before r'", bits: schedule.roundWorkBits), .challenge("r'")]
    }
    lines.append(.message("e', vg, T1, T2", bytes: 80))
    lines += [.work("work before epsilon", bits: schedule.epsilonWorkBits), .challenge("epsilon")]
    let queryWork = Line.work("work before queries", bits: schedule.queryWorkBits)
    guard statement.profile.isFolded else {
      lines.append(.message("h", bytes: 20 * statement.code.messageLength))
      return lines + [queryWork, .positions(schedule.queryCount)]
    }
    var drawn = schedule.queryCount
    for (index, folding) in schedule.foldings.enumerated() {
      lines.append(.message("root of folding", bytes: 32))
      if index == 0 {
        lines.append(.challenge("xi0"))
        lines += (0..<statement.code.logDataLength).map { _ in .challenge("zeros") }
      }
      if schedule.hasSamples {
        lines.append(.work("work before the sample", bits: folding.sampleWorkBits))
        lines += [.challenge("sample"), .message("sampled value", bytes: 20)]
      }
      lines += [queryWork, .positions(drawn)]
      lines += (0..<(index == 0 ? 2 : 1)).map { _ in .message("opening", bytes: -1) }
      lines += [.work("work before xi", bits: folding.combinationWorkBits), .challenge("xi")]
      for _ in 0..<folding.logFold {
        lines.append(.message("folding round", bytes: 40))
        lines += [.work("work before a fold", bits: folding.roundWorkBits), .challenge("fold")]
      }
      drawn = folding.queryCount
    }
    lines.append(.message("final vector", bytes: 20 << schedule.logFinalLength))
    return lines + [queryWork, .positions(drawn)]
  }

  @Test(arguments: Profile.allCases)
  func `messages and challenges come in the declared order, none more and none less`(
    _ profile: Profile
  ) throws {
    let values: [UInt16] = [7, 8, 9]
    let statement = RangeExample.statement(count: 3, sum: 24, profile: profile)
    let proof = try Prover.prove(
      statement,
      RangeExample.witness(values),
      kernels: .best(workerCount: 2)
    )
    var events = try Verifier.verify(proof.bytes, of: statement).events[...]
    func expect(_ kind: TranscriptEvent.Kind, _ label: String, _ bytes: Int) {
      let event = events.popFirst()
      #expect(event?.kind == kind && event?.label == label, "\(label), not \(event?.label ?? "")")
      #expect(bytes < 0 || event?.byteCount == bytes, "\(label)")
    }
    for line in try Self.lines(statement) {
      switch line {
      case .message(let label, let bytes): expect(.absorb, label, bytes)
      case .challenge(let label): expect(.challenge, label, 100)
      case .work(let label, let bits):
        guard bits > 0 else { continue }
        expect(.absorb, label, 8)
        expect(.challenge, label, 8)
      case .positions(let count): for _ in 0..<count { expect(.challenge, "query", 4) }
      }
    }
    #expect(events.isEmpty)
  }
}
