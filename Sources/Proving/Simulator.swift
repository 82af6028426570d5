internal import Algebra
package import ProofSystem

/// Makes accepting proofs without a witness for challenges that are known beforehand: the simulator of
/// the zero-knowledge claim (docs/proof-system.md), run by the tests.
///
/// Every message is uniform, but for those that a check of the verifier determines. An honest proof for
/// the same challenges has the same distribution; what proves that is not that this passes, but that
/// each check leaves exactly one value open.
package enum Simulator {
  /// A proof that `Verifier.accepts` for these coins; for statements without reusable groups.
  package static func proof(
    of statement: Statement,
    coins: [UInt8],
    randomness: ProverRandomness
  ) -> [UInt8] {
    guard let schedule = OpeningSchedule(statement.code, statement.profile) else { return [] }
    let simulation = Simulation(statement, schedule, coins)
    // The challenges do not depend on messages: a first run shows which positions will be opened.
    let opened = simulation.run(randomness, leaves: [:]).opened
    return simulation.run(randomness, leaves: opened).proof
  }
}

/// What a simulated leaf shows: its salt and the values of all lanes.
private typealias Leaf = [UInt8]

private struct Simulation {
  private let statement: Statement
  private let schedule: OpeningSchedule
  private let coins: [UInt8]
  private let layout: StackLayout
  private var code: CodeParameters { statement.code }

  init(_ statement: Statement, _ schedule: OpeningSchedule, _ coins: [UInt8]) {
    (self.statement, self.schedule, self.coins) = (statement, schedule, coins)
    layout = StackLayout(statement)
  }

  /// The proof over trees with the given leaves, all others being coins, and the leaves by position that
  /// it must open.
  func run(
    _ randomness: ProverRandomness,
    leaves: [Int: [Leaf]]
  ) -> (proof: [UInt8], opened: [Int: [Leaf]]) {
    let trees = trees(randomness, leaves)
    var uniform = randomness.stream("simulator")
    func elements(_ count: Int) -> [ChallengeField] { (0..<count).map { _ in uniform.element() } }
    let tables = statement.tables
    var transcript = ProverTranscript(coins: coins, head: ProofHead.bytes(statement))
    transcript.send(trees[0].root, "")
    transcript.sendWorkIfAny(statement.profile.lookupWorkBits, "", .reference)
    let lookups = LookupChallenges(
      alpha: transcript.challenge(""),
      beta: transcript.challenge(""),
      theta: transcript.challenge(""),
      tables
    )
    transcript.send(trees[1].root, "")
    // (i) and (ii): evaluations, masks' sums and rounds.
    let count = statement.logLargestHeight
    let tau = transcript.challenges(count, "")
    let (lambda, omega) = (transcript.challenge(""), transcript.challenge(""))
    var claim = uniform.element()
    transcript.send([claim], "")
    let rho1 = transcript.challenge("")
    let r = rounds(&transcript, count: count, values: 4, work: 0, &claim, elements)
    let evaluations = tables.map { elements($0.columns.count + $0.helperCount) }
    transcript.send(Array(evaluations.joined()), "")
    let value = ZerocheckVerifier.value(
      evaluators: TableEvaluator.all(tables, lookups: lookups, lambda: lambda, omega: omega),
      evaluations: evaluations,
      tau: tau,
      point: r
    )
    let sigma1 = claim - rho1 * value
    let gamma = transcript.challenge("")
    claim = uniform.element()
    transcript.send([claim], "")
    let rho2 = transcript.challenge("")
    claim += rho2 * OpeningWeights.claim(evaluations, gamma: gamma)
    let opened = rounds(
      &transcript,
      count: layout.variableCount,
      values: 2,
      work: schedule.roundWorkBits,
      &claim,
      elements
    )
    let stackValue = uniform.element()
    let weight = OpeningWeights(layout, gamma: gamma, point: r).value(at: opened)
    let sigma2 = claim - rho2 * weight * stackValue
    // (iii): h is uniform, the three forms follow. ε is drawn before the values that it determines.
    let h = elements(code.messageLength)
    let form = OpeningForm(statement, layout, point: r, opened: opened)
    let (data, first, second) = form.values(of: h)
    let epsilon = nextChallenge(behind: transcript.result.events)
    let square = epsilon * epsilon
    transcript.send(
      [stackValue, data - epsilon * stackValue, first - square * sigma1, second - square * sigma2],
      ""
    )
    transcript.sendWorkIfAny(schedule.epsilonWorkBits, "", .reference)
    _ = transcript.challenge("")
    // (iv): lanes at the queried positions; the blinder follows.
    var shown: [Int: [Leaf]] = [:]
    let codeword = NumberTheoreticTransform(log: code.logDomainSize).values(of: h)
    func openGroups(_ positions: [Int]) -> [[UInt8]] {
      for position in positions {
        shown[position] = lanes(&uniform, form, epsilon, codeword[position])
      }
      return trees.indices.map { group in
        positions.flatMap { (leaves[$0] ?? shown[$0] ?? [])[group] }
          + MultiOpening.places(positions, depth: code.logDomainSize).flatMap {
            trees[group].digest($0)
          }
      }
    }
    guard !statement.profile.isFolded else {
      let opening = FoldedOpeningProver(schedule: schedule, code: code, kernels: .reference)
      _ = opening.send(
        h,
        form,
        &transcript,
        queryCount: schedule.queryCount,
        openGroups: openGroups
      )
      return (transcript.bytes, shown)
    }
    transcript.send(h, "")
    transcript.sendWork(bits: schedule.queryWorkBits, "")
    var drawn: Set<Int> = []
    for _ in 0..<schedule.queryCount {
      drawn.insert(transcript.index(below: code.domainSize, ""))
    }
    for opening in openGroups(drawn.sorted()) { transcript.sendOpening(opening) }
    return (transcript.bytes, shown)
  }

  /// Uniform rounds; gives the point.
  private func rounds(
    _ transcript: inout ProverTranscript,
    count: Int,
    values: Int,
    work: Int,
    _ claim: inout ChallengeField,
    _ elements: (Int) -> [ChallengeField]
  ) -> [ChallengeField] {
    var point = [ChallengeField](repeating: .zero, count: count)
    for variable in (0..<count).reversed() {
      let sent = elements(values)
      transcript.send(sent, "")
      transcript.sendWorkIfAny(work, "", .reference)
      point[variable] = transcript.challenge("")
      claim = SumcheckRound.reduce(claim: claim, values: sent, challenge: point[variable])
    }
    return point
  }

  /// The challenge that comes next, behind the work for it: the same coins, run to the same place.
  private func nextChallenge(behind events: [TranscriptEvent]) -> ChallengeField {
    var ahead = ProverTranscript(coins: coins, head: [])
    ahead.skip(events)
    ahead.sendWorkIfAny(schedule.epsilonWorkBits, "", .reference)
    return ahead.challenge("")
  }

  /// Both groups' leaves at a position: uniform lanes, and the blinder that h's codeword asks for.
  private func lanes(
    _ uniform: inout ProverRandomness.Stream,
    _ form: OpeningForm,
    _ epsilon: ChallengeField,
    _ value: ChallengeField
  ) -> [Leaf] {
    let main = uniform.base(layout.committedLaneCount(0))
    var helper = uniform.base(layout.committedLaneCount(1) - ChallengeField.degree)
    helper += Array(repeating: .zero, count: ChallengeField.degree)
    let blinder = value - form.combination([main[...], helper[...]], epsilon: epsilon)
    helper.replaceSubrange((helper.count - ChallengeField.degree)..., with: blinder.coordinates)
    return [main, helper].map { values in
      uniform.bytes(MerkleHash.byteCount) + values.flatMap { ProofCoding.bytes($0) }
    }
  }

  /// (v): leaves that are not opened are coins.
  private func trees(_ randomness: ProverRandomness, _ leaves: [Int: [Leaf]]) -> [MerkleTree] {
    var uniform = randomness.stream("simulated leaves")
    return (0..<2).map { group in
      let digests = (0..<code.domainSize).flatMap { position in
        let coins = uniform.bytes(MerkleHash.byteCount)
        return leaves[position].map { BLAKE3.bytes(MerkleHash.leaf($0[group][...])) } ?? coins
      }
      let words = WordBuffer(zeros: digests.count / 4)
      words.write(littleEndian: digests, at: 0)
      return MerkleTree(leaves: words, .reference)
    }
  }
}
