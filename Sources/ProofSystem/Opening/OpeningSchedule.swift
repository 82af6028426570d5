internal import Algebra
internal import Glibc

/// Every number of the opening that follows from code and profile: queries, foldings and work.
///
/// Prover, verifier and calculator take them from here; none stands in a proof.
package struct OpeningSchedule: Sendable {
  /// One iteration of the folded opening: a vector of 2^logLength elements is committed as 2^logFold lanes.
  package struct Folding: Sendable {
    /// m_i.
    package let logLength: Int
    /// k_i: so many of the highest variables are bound behind the commitment.
    package let logFold: Int
    /// The lanes' codewords have 2^logDomainSize points.
    package let logDomainSize: Int
    /// How many positions of this oracle are drawn in the next iteration.
    package let queryCount: Int
    /// Bits of work before the out-of-domain point; Johnson's regime alone has one.
    package let sampleWorkBits: Int
    /// Bits of work before the challenge that adds constraints.
    package let combinationWorkBits: Int
    /// Bits of work before each challenge of a round.
    package let roundWorkBits: Int

    /// log2 of a lane's length.
    package var logLaneLength: Int { logLength - logFold }
    /// The lanes' rate.
    package var rate: Double { exp2(Double(logLaneLength - logDomainSize)) }
    /// F-lanes of a leaf.
    package var laneCount: Int { ChallengeField.degree << logFold }
  }

  /// Bits of work before queries.
  package let queryWorkBits: Int
  /// How many positions of the statement's own groups are drawn.
  package let queryCount: Int
  /// Bits of work before each challenge of the opening sumcheck.
  package let roundWorkBits: Int
  /// Bits of work before ε.
  package let epsilonWorkBits: Int
  /// The iterations; none for the one-level opening.
  package let foldings: [Folding]
  /// log2 of the length of the vector that is sent in the clear; for the folded opening alone.
  package let logFinalLength: Int
  /// Whether each commitment is followed by a value out of its domain.
  package let hasSamples: Bool

  /// A vector of at most 2^9 elements is sent in unique decoding, of 2^8 in Johnson's regime, where an
  /// iteration's queries are fewer.
  private static func logClearLength(_ regime: DecodingRegime) -> Int { regime == .unique ? 9 : 8 }
  /// At most five variables an iteration, four or so if they can be shared out: the sizes of proofs for
  /// other numbers are in docs/performance.md.
  private static let logFoldLimit = 5
  /// log2 of the inverse rate of folded oracles in unique decoding, where a lower one saves little.
  private static let logUniqueInverseRate = 4
  /// The largest log2 of the inverse rate in Johnson's regime: the agreement term grows with ρ^−1.5.
  private static let logJohnsonInverseRate = 8
  /// More work than this is not asked of a prover.
  package static let workLimit = 24

  /// - Returns: `nil` when no number of queries or no allowed work reaches the profile's target.
  package init?(_ code: CodeParameters, _ profile: Profile) {
    let regime = profile.regime
    let bits = profile.targetBits - profile.queryWorkBits
    guard let queries = regime.queryCount(bits: bits, rate: code.rate) else { return nil }
    (queryCount, queryWorkBits) = (queries, profile.queryWorkBits)
    hasSamples = regime == .johnson
    guard profile.isFolded else {
      (roundWorkBits, epsilonWorkBits, foldings, logFinalLength) = (0, 0, [], 0)
      return
    }
    func work(_ numerator: Double) -> Int {
      max(0, Int((Double(profile.targetBits) - Soundness.bits(numerator)).rounded(.up)))
    }
    roundWorkBits = work(Soundness.roundNumerator(code, profile))
    epsilonWorkBits = work(Soundness.epsilonNumerator(code, profile))
    var foldings: [Folding] = []
    var length = code.logDataLength + 1
    var domain = code.logDomainSize
    var count = queries
    // The variables are shared out evenly, the larger shares first: trees behind them are lower.
    let variables = max(0, length - Self.logClearLength(regime))
    let iterations = (variables + Self.logFoldLimit - 1) / Self.logFoldLimit
    for iteration in 0..<iterations {
      let isLarger = iteration < variables % iterations
      let fold = variables / iterations + (isLarger ? 1 : 0)
      let lane = length - fold
      domain =
        hasSamples
        ? min(domain - 1, lane + Self.logJohnsonInverseRate) : lane + Self.logUniqueInverseRate
      let rate = exp2(Double(lane - domain))
      guard rate < 1, domain <= BaseField.twoAdicity,
        let next = regime.queryCount(bits: bits, rate: rate)
      else { return nil }
      let list = regime.listSize(rate: rate)
      foldings.append(
        Folding(
          logLength: length,
          logFold: fold,
          logDomainSize: domain,
          queryCount: next,
          sampleWorkBits: hasSamples ? work(Soundness.sampleNumerator(list, length)) : 0,
          combinationWorkBits: work(Soundness.combinationNumerator(list, count)),
          roundWorkBits: work(Soundness.foldNumerator(regime, domain, rate))
        )
      )
      count = next
      length -= fold
    }
    (self.foldings, logFinalLength) = (foldings, length)
    let works = foldings.flatMap { [$0.sampleWorkBits, $0.combinationWorkBits, $0.roundWorkBits] }
    guard (works + [roundWorkBits, epsilonWorkBits]).allSatisfy({ $0 <= Self.workLimit }) else {
      return nil
    }
  }
}
