internal import Algebra

/// A statement whose proof was checked: only the verifier makes one.
public struct VerifiedStatement: Sendable {
  /// What was proven.
  public let statement: Statement
  /// Messages and challenges, to compare with the prover's.
  public let events: [TranscriptEvent]

  fileprivate init(_ statement: Statement, _ events: [TranscriptEvent]) {
    (self.statement, self.events) = (statement, events)
  }
}

/// Checks proofs: plain, sequential, total.
///
/// Every length follows from the statement.
public enum Verifier {
  /// Checks a proof of a statement.
  ///
  /// - Throws: `VerificationError`, the first check that fails.
  /// - Complexity: O(message length · log n + queries · lanes).
  public static func verify(
    _ proof: [UInt8],
    of statement: Statement
  ) throws(VerificationError) -> VerifiedStatement {
    try statement.check()
    let schedule = try Soundness.require(statement)
    guard proof.count <= min(64 << 20, ProofLength.limit(statement, schedule)) else {
      throw .tooLong
    }
    guard proof.count >= ProofHead.byteCount else { throw .truncated }
    guard proof.prefix(8).elementsEqual(ProofHead.bytes(statement).prefix(8)) else {
      throw .unsupportedVersion
    }
    guard proof.prefix(ProofHead.byteCount).elementsEqual(ProofHead.bytes(statement)) else {
      throw .statementDigestMismatch
    }
    return try check(
      statement,
      schedule,
      VerifierTranscript(
        sessionIdentifier: statement.sessionIdentifier,
        statement: statement.encoding,
        proof: proof,
        headCount: ProofHead.byteCount
      )
    )
  }

  /// The interactive verifier with coins that somebody fixed; its verdict is about those coins alone.
  package static func accepts(
    _ proof: [UInt8],
    of statement: Statement,
    coins: [UInt8]
  ) throws(VerificationError) {
    try statement.check()
    let schedule = try Soundness.require(statement)
    _ = try check(
      statement,
      schedule,
      VerifierTranscript(coins: coins, proof: proof, headCount: ProofHead.byteCount)
    )
  }

  private static func check(
    _ statement: Statement,
    _ schedule: OpeningSchedule,
    _ transcript: consuming VerifierTranscript
  ) throws(VerificationError) -> VerifiedStatement {
    let code = statement.code
    let profile = statement.profile
    let tables = statement.tables
    let layout = StackLayout(statement)
    // 1 to 3.
    let mainRoot = try transcript.read(MerkleHash.byteCount, "root of main")
    if profile.lookupWorkBits > 0 {
      try transcript.readWork(bits: profile.lookupWorkBits, "work before lookups")
    }
    let lookups = LookupChallenges(
      alpha: transcript.challenge("alpha"),
      beta: transcript.challenge("beta"),
      theta: transcript.challenge("theta"),
      tables
    )
    let helperRoot = try transcript.read(MerkleHash.byteCount, "root of helper")
    // 4 to 8: the claim of the zerocheck, reduced to evaluations and the mask's value.
    let variableCount = statement.logLargestHeight
    let tau = transcript.challenges(variableCount, "tau")
    let lambda = transcript.challenge("lambda")
    let omega = transcript.challenge("omega")
    var claim = try transcript.readElements(1, "S1")[0]
    let rho1 = transcript.challenge("rho1")
    var r = [ChallengeField](repeating: .zero, count: variableCount)
    for variable in (0..<variableCount).reversed() {
      let values = try transcript.readElements(4, "zerocheck round")
      r[variable] = transcript.challenge("r")
      claim = SumcheckRound.reduce(claim: claim, values: values, challenge: r[variable])
    }
    let claimCounts = tables.map { $0.columns.count + $0.helperCount }
    var flat = try transcript.readElements(claimCounts.reduce(0, +), "evaluations")[...]
    var evaluations: [[ChallengeField]] = []
    for count in claimCounts {
      evaluations.append(Array(flat.prefix(count)))
      flat = flat.dropFirst(count)
    }
    let zerocheck = ZerocheckVerifier.value(
      evaluators: TableEvaluator.all(tables, lookups: lookups, lambda: lambda, omega: omega),
      evaluations: evaluations,
      tau: tau,
      point: r
    )
    let sigma1 = claim - rho1 * zerocheck
    // 9 to 12: the evaluations, reduced to one value of the virtual stack and the second mask's.
    let gamma = transcript.challenge("gamma")
    claim = try transcript.readElements(1, "S2")[0]
    let rho2 = transcript.challenge("rho2")
    claim += rho2 * OpeningWeights.claim(evaluations, gamma: gamma)
    var opened = [ChallengeField](repeating: .zero, count: layout.variableCount)
    for variable in (0..<layout.variableCount).reversed() {
      let values = try transcript.readElements(2, "opening round")
      try transcript.readWorkIfAny(schedule.roundWorkBits, "work before r'")
      opened[variable] = transcript.challenge("r'")
      claim = SumcheckRound.reduce(claim: claim, values: values, challenge: opened[variable])
    }
    // 13, 14: what the combination of all lanes must be under three forms.
    let sent = try transcript.readElements(4, "e', vg, T1, T2")
    let (value, vg, t1, t2) = (sent[0], sent[1], sent[2], sent[3])
    let weight = OpeningWeights(layout, gamma: gamma, point: r).value(at: opened)
    let sigma2 = claim - rho2 * weight * value
    try transcript.readWorkIfAny(schedule.epsilonWorkBits, "work before epsilon")
    let epsilon = transcript.challenge("epsilon")
    let form = OpeningForm(statement, layout, point: r, opened: opened)
    let square = epsilon * epsilon
    let targets = (vg + epsilon * value, t1 + square * sigma1, t2 + square * sigma2)
    let roots = statement.groups.map { $0.root ?? mainRoot } + [helperRoot]
    // 15 to 17: the combination, and that it is that of the committed words.
    if profile.isFolded {
      let opening = FoldedOpeningVerifier(
        schedule: schedule,
        code: code,
        form: form,
        targets: targets
      )
      try opening.verify(&transcript) { transcript, positions throws(VerificationError) in
        try openGroups(&transcript, roots, positions, code, layout, isAbsorbed: true)
          .map { form.combination($0, epsilon: epsilon) }
      }
      return VerifiedStatement(statement, try transcript.finish())
    }
    let combination = try transcript.readElements(code.messageLength, "h")
    let (data, first, second) = form.values(of: combination)
    guard data == targets.0 else { throw .openingMismatch }
    guard first == targets.1 else { throw .constraintsNotSatisfied }
    guard second == targets.2 else { throw .openingMismatch }
    try transcript.readWork(bits: profile.queryWorkBits, "work before queries")
    var drawn: Set<Int> = []
    for _ in 0..<schedule.queryCount {
      drawn.insert(transcript.index(below: code.domainSize, "query"))
    }
    let positions = drawn.sorted()
    let rows = try openGroups(&transcript, roots, positions, code, layout, isAbsorbed: false)
    let found = SparseEvaluation.values(of: combination, at: positions, log: code.logDomainSize)
    for (value, row) in zip(found, rows) {
      guard value == form.combination(row, epsilon: epsilon) else { throw .proximity }
    }
    return VerifiedStatement(statement, try transcript.finish())
  }

  /// Reads the openings of all groups: by position, then by group.
  private static func openGroups(
    _ transcript: inout VerifierTranscript,
    _ roots: [[UInt8]],
    _ positions: [Int],
    _ code: CodeParameters,
    _ layout: StackLayout,
    isAbsorbed: Bool
  ) throws(VerificationError) -> [[ArraySlice<BaseField>]] {
    var rows = [[ArraySlice<BaseField>]](repeating: [], count: positions.count)
    for (group, root) in roots.enumerated() {
      let opening = try LaneOpening(
        &transcript,
        root: root,
        positions: positions,
        LaneOpening.Shape(
          laneCount: layout.committedLaneCount(group),
          depth: code.logDomainSize,
          isSalted: true,
          isAbsorbed: isAbsorbed
        )
      )
      for (index, values) in opening.values.enumerated() { rows[index].append(values[...]) }
    }
    return rows
  }
}
