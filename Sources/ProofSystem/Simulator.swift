internal import Algebra

/// Makes accepting proofs without a witness for challenges that are known beforehand: the simulator of
/// the zero-knowledge claim (docs/proof-system.md), run by the tests.
///
/// Every message is uniform, but for those that a check of the verifier determines. An honest proof for
/// the same challenges has the same distribution; what proves that is not that this passes, but that
/// each check leaves exactly one value open.
package enum Simulator {
  /// All challenges of a run, drawn in the protocol's order.
  private struct Coins {
    var lookups: LookupChallenges
    var tau: [ChallengeField]
    var lambda: ChallengeField
    var omega: ChallengeField
    var rho1: ChallengeField
    var r: [ChallengeField]
    var gamma: ChallengeField
    var rho2: ChallengeField
    var opened: [ChallengeField]
    var epsilon: ChallengeField
    var positions: [Int]

    init(_ statement: Statement, _ layout: StackLayout, coins: [UInt8]) {
      var transcript = ProverTranscript(coins: coins, head: [])
      if statement.profile.lookupWorkBits > 0 {
        transcript.sendWork(bits: statement.profile.lookupWorkBits, "")
      }
      lookups = LookupChallenges(
        alpha: transcript.challenge(""),
        beta: transcript.challenge(""),
        theta: transcript.challenge(""),
        statement.tables
      )
      tau = transcript.challenges(statement.logLargestHeight, "")
      (lambda, omega) = (transcript.challenge(""), transcript.challenge(""))
      rho1 = transcript.challenge("")
      r = transcript.challenges(statement.logLargestHeight, "").reversed()
      (gamma, rho2) = (transcript.challenge(""), transcript.challenge(""))
      opened = transcript.challenges(layout.variableCount, "").reversed()
      epsilon = transcript.challenge("")
      transcript.sendWork(bits: statement.profile.queryWorkBits, "")
      var drawn: Set<Int> = []
      for _ in 0..<statement.profile.queryCount(rate: statement.code.rate) {
        drawn.insert(transcript.index(below: statement.code.domainSize, ""))
      }
      positions = drawn.sorted()
    }
  }

  /// A proof that `Verifier.accepts` for these coins.
  package static func proof(
    of statement: Statement,
    coins seed: [UInt8],
    randomness: ProverRandomness
  ) -> [UInt8] {
    let layout = StackLayout(statement)
    let code = statement.code
    let coins = Coins(statement, layout, coins: seed)
    var uniform = randomness.stream("simulator")
    func elements(_ count: Int) -> [ChallengeField] { (0..<count).map { _ in uniform.element() } }
    // (i) and (ii): evaluations, masks' sums and rounds.
    let s1 = uniform.element()
    let rounds1 = (0..<coins.tau.count).map { _ in elements(4) }
    let evaluations = statement.tables.map { elements($0.columns.count + $0.helperCount) }
    let s2 = uniform.element()
    let rounds2 = (0..<layout.variableCount).map { _ in elements(2) }
    let value = uniform.element()
    var claim = s1
    for (values, challenge) in zip(rounds1, coins.r.reversed()) {
      claim = SumcheckRound.reduce(claim: claim, values: values, challenge: challenge)
    }
    let sigma1 =
      claim - coins.rho1
      * ZerocheckVerifier.value(
        evaluators: TableEvaluator.all(
          statement.tables,
          lookups: coins.lookups,
          lambda: coins.lambda,
          omega: coins.omega
        ),
        evaluations: evaluations,
        tau: coins.tau,
        point: coins.r
      )
    claim = s2 + coins.rho2 * OpeningWeights.claim(evaluations, gamma: coins.gamma)
    for (values, challenge) in zip(rounds2, coins.opened.reversed()) {
      claim = SumcheckRound.reduce(claim: claim, values: values, challenge: challenge)
    }
    let weight = OpeningWeights(layout, gamma: coins.gamma, point: coins.r).value(at: coins.opened)
    let sigma2 = claim - coins.rho2 * weight * value
    // (iii): h is uniform, the three forms follow.
    let h = elements(code.messageLength)
    let form = OpeningForm(statement, layout, point: coins.r, opened: coins.opened)
    let (data, first, second) = form.values(of: h)
    let square = coins.epsilon * coins.epsilon
    let sent = [
      value, data - coins.epsilon * value, first - square * sigma1, second - square * sigma2,
    ]
    // (iv): lanes at the queried positions; the blinder follows. (v): all other leaves are coins.
    let codeword = NumberTheoreticTransform(log: code.logDomainSize).values(of: h)
    let counts = [layout.laneCounts[0], layout.laneCounts[1] + 2 * ChallengeField.degree]
    var leaves = counts.map { _ in (0..<code.domainSize).map { _ in uniform.bytes(32) } }
    var openings: [[UInt8]] = [[], []]
    for position in coins.positions {
      let main = uniform.base(counts[0])
      var helper = uniform.base(counts[1] - ChallengeField.degree)
      helper += Array(repeating: .zero, count: ChallengeField.degree)
      let rest = form.combination(main: main, helper: helper, epsilon: coins.epsilon)
      let blinder = codeword[position] - rest
      helper.replaceSubrange((counts[1] - ChallengeField.degree)..., with: blinder.coordinates)
      for (group, values) in [main, helper].enumerated() {
        let salt = uniform.bytes(MerkleHash.byteCount)
        leaves[group][position] = MerkleHash.leaf(salt: salt, values: values)
        openings[group] += salt + values.flatMap { ProofCoding.bytes($0) }
      }
    }
    let trees = leaves.map { MerkleTree(leaves: Array($0.joined()), kernel: .reference) }
    // The messages in order.
    var proof = ProofHead.bytes(statement) + trees[0].root
    if statement.profile.lookupWorkBits > 0 { proof += ProofCoding.bytes(UInt64(0)) }
    proof += trees[1].root + ProofCoding.bytes([s1] + Array(rounds1.joined()))
    proof += ProofCoding.bytes(Array(evaluations.joined()) + [s2] + Array(rounds2.joined()))
    proof += ProofCoding.bytes(sent + h) + ProofCoding.bytes(UInt64(0))
    for group in 0..<2 {
      proof += openings[group]
      for place in MultiOpening.places(coins.positions, depth: code.logDomainSize) {
        proof += trees[group].digest(place)
      }
    }
    return proof
  }
}
