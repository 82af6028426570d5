internal import Algebra
public import ProofSystem

/// Makes proofs: every message of docs/proof-system.md, in order.
public enum Prover {
  /// Why no proof was made.
  public enum Failure: Error, Equatable, Sendable {
    /// The statement passes no limit or target.
    case statement(VerificationError)
    /// The witness breaks the statement.
    case witness(WitnessError)
    /// More positions would be opened than the query zone hides.
    case budgetExhausted
    /// The coins were unlucky again and again; below 2^-100 for honest ones.
    case rankDeficient
    /// Our own verifier refuses the proof although the witness obeys every rule: a fault of ours.
    case refused(VerificationError)
    /// A reusable group is not the one that the statement names, or refuses.
    case group(ReusableGroup.Failure)
  }

  /// A proof with what its transcript saw.
  public struct Result: Sendable {
    /// The proof.
    public let bytes: [UInt8]
    /// Messages and challenges, to compare with the verifier's.
    public let events: [TranscriptEvent]
  }

  /// Proves a statement with a witness of its tables' active rows.
  ///
  /// What the proof shows of a reusable group is written into the group's ledger before it is returned.
  ///
  /// - Parameters:
  ///   - statement: what is proven.
  ///   - witness: the active rows of all tables, columns of reusable groups included.
  ///   - groups: the reusable groups in the statement's order.
  ///   - randomness: the secret coins.
  ///   - kernels: the loops.
  /// - Returns: a proof that our own verifier accepts.
  /// - Throws: `Failure`.
  /// - Complexity: O(n log n) in the committed elements.
  public static func prove(
    _ statement: Statement,
    _ witness: [TableWitness],
    groups: [ReusableGroup] = [],
    randomness: ProverRandomness = ProverRandomness(),
    kernels: ProverKernels = .reference
  ) throws(Failure) -> Result {
    try prove(statement, witness, in: nil, groups: groups, randomness: randomness, kernels: kernels)
  }

  /// The same for a witness whose own columns lie in the lanes where they are committed.
  package static func prove(
    _ statement: Statement,
    _ witness: [TableWitness],
    in room: WitnessRoom?,
    groups: [ReusableGroup],
    randomness: ProverRandomness = ProverRandomness(),
    kernels: ProverKernels
  ) throws(Failure) -> Result {
    do throws(VerificationError) {
      try statement.check()
      _ = try Soundness.require(statement)
    } catch {
      throw .statement(error)
    }
    try checkShapes(statement.tables, witness)
    return try prove(
      statement,
      witness,
      room,
      groups: groups,
      randomness: randomness,
      kernels: kernels
    ) { proof throws(Failure) in
      // A proof leaves only if our own verifier accepts it; if not, the slow check says what is wrong.
      do throws(VerificationError) {
        _ = try Verifier.verify(proof.bytes, of: statement)
      } catch {
        do throws(WitnessError) {
          try WitnessCheck.run(statement.tables, witness)
        } catch {
          throw .witness(error)
        }
        throw .refused(error)
      }
    }
  }

  private static func checkShapes(_ tables: [Table], _ witness: [TableWitness]) throws(Failure) {
    for (index, table) in tables.enumerated() {
      guard index < witness.count, witness[index].columns.count == table.columns.count,
        witness[index].columns.allSatisfy({ $0.count == table.activeRowCount })
      else { throw .witness(.shape(table: table.name)) }
    }
  }

  /// The same for a witness that nobody checked: for tests with provers that cheat.
  package static func proveUnchecked(
    _ statement: Statement,
    _ witness: [TableWitness],
    groups: [ReusableGroup] = [],
    randomness: ProverRandomness,
    tamper: Tampering = Tampering(),
    kernels: ProverKernels = .reference
  ) throws(Failure) -> Result {
    try prove(
      statement,
      witness,
      nil,
      groups: groups,
      randomness: randomness,
      tamper: tamper,
      kernels: kernels
    ) { _ in }
  }

  private static func prove(
    _ statement: Statement,
    _ witness: [TableWitness],
    _ room: WitnessRoom?,
    groups: [ReusableGroup],
    randomness: ProverRandomness,
    tamper: Tampering = Tampering(),
    kernels: ProverKernels,
    check: (Result) throws(Failure) -> Void
  ) throws(Failure) -> Result {
    guard let schedule = OpeningSchedule(statement.code, statement.profile) else {
      throw .statement(.soundnessCondition)
    }
    guard groups.map(\.root) == statement.groups.compactMap(\.root),
      groups.allSatisfy({ $0.code == statement.code })
    else { throw .group(.otherColumns) }
    for attempt in 0..<8 {
      let run = ProverRun(
        statement,
        schedule,
        witness,
        room,
        groups,
        randomness,
        attempt: attempt,
        tamper,
        kernels
      )
      guard run.hasGroupColumns else { throw .group(.otherColumns) }
      switch run.prove() {
      case .unlucky: continue
      case .overBudget: throw .budgetExhausted
      case .proof(let result, let positions, let point):
        try check(result)
        guard try spend(groups, positions, point, tamper) else { continue }
        return result
      }
    }
    throw .rankDeficient
  }

  /// Writes into the ledgers what a proof shows; `false` when other coins must be drawn.
  private static func spend(
    _ groups: [ReusableGroup],
    _ positions: [Int],
    _ point: [ChallengeField],
    _ tamper: Tampering
  ) throws(Failure) -> Bool {
    guard !tamper.ignoresBudgets else { return true }
    for group in groups {
      do throws(ReusableGroup.Failure) {
        try group.spend(positions: positions, point: point)
      } catch {
        if error == .ledger(.rankDeficient) { return false }
        if error == .ledger(.budgetExhausted) { throw .budgetExhausted }
        throw .group(error)
      }
    }
    return true
  }

  /// The distinct positions that fixed challenges open, ascending: they depend on nothing else.
  package static func openedPositions(
    _ statement: Statement,
    coins: [UInt8],
    queryCount: Int
  ) -> [Int] {
    var transcript = ProverTranscript(coins: coins, head: [])
    let layout = StackLayout(statement)
    let challenges = 3 + 2 * statement.logLargestHeight + 3 + 2 + layout.variableCount + 1
    _ = transcript.challenges(challenges, "")
    transcript.sendWork(bits: statement.profile.queryWorkBits, "")
    return Set(
      (0..<queryCount).map { _ in
        transcript.index(below: statement.code.domainSize, "")
      }
    ).sorted()
  }
}
