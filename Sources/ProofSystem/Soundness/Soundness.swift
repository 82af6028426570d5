internal import Algebra
internal import Glibc

/// What an attacker's chance is, term by term, from the shapes that the verifier itself knows.
///
/// Round-by-round soundness of the protocol in docs/proof-system.md. The assembly of published steps into
/// one protocol is our own and not reviewed.
public struct Soundness: Sendable {
  /// Whose argument a term rests on.
  public enum Status: String, Sendable {
    case proven, conjectured
    /// Published, but taken from citations: its theorems are still to be read with their conditions.
    case provisional
    case own = "own composition"
  }

  /// One term.
  public struct Term: Sendable {
    /// The step.
    public let name: String
    /// −log2 of the chance, work included.
    public let bits: Double
    /// Bits of work among them.
    public let workBits: Int
    /// Whose argument it rests on.
    public let status: Status
  }

  /// The regime, for people.
  public let regime: String
  /// The terms.
  public let terms: [Term]
  /// The number of query draws; 0 where no number is enough.
  public let queryCount: Int

  // MARK: numerators over |E|

  /// log2 |E|.
  private static let fieldBits = 5 * log2(Double(BaseField.modulus))

  /// −log2 of numerator / |E|.
  static func bits(_ numerator: Double) -> Double { fieldBits - log2(max(1, numerator)) }

  /// One round of the opening sumcheck, which is one step of the lanes' tensor combination.
  static func roundNumerator(_ code: CodeParameters, _ profile: Profile) -> Double {
    2 * profile.regime.listSize(rate: code.rate)
      + profile.regime.lineNumerator(domainSize: Double(code.domainSize), rate: code.rate)
  }

  /// ε: forms of degree two, correlated agreement of three words.
  static func epsilonNumerator(_ code: CodeParameters, _ profile: Profile) -> Double {
    2 * profile.regime.listSize(rate: code.rate)
      + 2 * profile.regime.lineNumerator(domainSize: Double(code.domainSize), rate: code.rate)
  }

  /// Two codewords of a list agree out of the domain: L² 2^m / 2 (eprint 2024/1586, lemma 4.25).
  static func sampleNumerator(_ list: Double, _ logLength: Int) -> Double {
    list * list * exp2(Double(logLength)) / 2
  }

  /// ξ₀ over four claims of the first oracle, and z over the zeros behind the tail.
  static func zerosNumerator(_ list: Double, _ code: CodeParameters) -> Double {
    list * Double(code.logDataLength + 3)
  }

  /// The powers of ξ over the old constraint, a value out of the domain and the queries.
  static func combinationNumerator(_ list: Double, _ queries: Int) -> Double {
    list * Double(queries + 3)
  }

  /// One round of folding: degree two, and correlated agreement of two lanes.
  static func foldNumerator(_ regime: DecodingRegime, _ logDomainSize: Int, _ rate: Double)
    -> Double
  {
    2 * regime.listSize(rate: rate)
      + regime.lineNumerator(domainSize: exp2(Double(logDomainSize)), rate: rate)
  }

  // MARK: the table

  /// The terms of a statement.
  public init(_ statement: Statement) {
    let (profile, code, tables) = (statement.profile, statement.code, statement.tables)
    let regime = profile.regime
    let published: Status = regime == .unique ? .proven : .provisional
    let list = regime.listSize(rate: code.rate)
    let messages = tables.reduce(0.0) { $0 + Double($1.activeRowCount * $1.messages.count) }
    let widest = tables.flatMap(\.messages).map { $0.values.count }.max() ?? 0
    let places = tables.flatMap(\.messages).map { $0.numerators.count }.max() ?? 1
    let rules = tables.reduce(0) { $0 + $1.constraints.count + $1.helperCount }
    let claims = tables.reduce(0) { $0 + $1.columns.count + $1.helperCount }
    var terms: [Term] = []
    func add(_ name: String, _ numerator: Double, work: Int = 0, _ status: Status) {
      terms.append(
        Term(
          name: name,
          bits: Self.bits(numerator) + Double(work),
          workBits: work,
          status: status
        )
      )
    }
    func queries(_ name: String, _ count: Int, rate: Double) {
      terms.append(
        Term(
          name: "\(count) queries of \(name)",
          bits: Double(count) * regime.bitsPerQuery(rate: rate) + Double(profile.queryWorkBits),
          workBits: profile.queryWorkBits,
          status: published
        )
      )
    }
    // LogUp is proven; several numerators under theta are our own, elementary addition.
    let fingerprints = list * messages * Double(widest + 2 + places - 1)
    add("lookups (alpha, beta, theta)", fingerprints, work: profile.lookupWorkBits, .own)
    let batch = list * Double(statement.logLargestHeight + rules + 1)
    add("tau, lambda, omega", batch, .proven)
    add("a zerocheck round", 4 * list, .proven)
    add("gamma", list * Double(claims - 1), .proven)
    let schedule = OpeningSchedule(code, profile)
    let roundWork = schedule?.roundWorkBits ?? 0
    add("an opening round", Self.roundNumerator(code, profile), work: roundWork, published)
    let epsilonWork = schedule?.epsilonWorkBits ?? 0
    add("epsilon", Self.epsilonNumerator(code, profile), work: epsilonWork, published)
    queryCount = schedule?.queryCount ?? 0
    queries("the groups", queryCount, rate: code.rate)
    var drawn = queryCount
    for (index, folding) in (schedule?.foldings ?? []).enumerated() {
      let (name, size) = ("folding \(index + 1)", regime.listSize(rate: folding.rate))
      if index == 0 { add("\(name), zeros", Self.zerosNumerator(size, code), .own) }
      if schedule?.hasSamples == true {
        let sample = Self.sampleNumerator(size, folding.logLength)
        add("\(name), out of domain", sample, work: folding.sampleWorkBits, published)
      }
      let combination = Self.combinationNumerator(size, drawn)
      add("\(name), xi", combination, work: folding.combinationWorkBits, published)
      let fold = Self.foldNumerator(regime, folding.logDomainSize, folding.rate)
      add("\(name), a round", fold, work: folding.roundWorkBits, published)
      queries(name, folding.queryCount, rate: folding.rate)
      drawn = folding.queryCount
    }
    terms.append(
      Term(name: "BLAKE3 and SHAKE128 collisions", bits: 128, workBits: 0, status: .conjectured)
    )
    (self.terms, self.regime) = (terms, regime.name)
  }

  /// The smallest term.
  public var bits: Double { terms.map(\.bits).min() ?? 0 }

  /// The schedule of a statement that reaches its profile's target.
  ///
  /// - Throws: `VerificationError.soundnessCondition`.
  package static func require(
    _ statement: Statement
  ) throws(VerificationError) -> OpeningSchedule {
    guard let schedule = OpeningSchedule(statement.code, statement.profile),
      Soundness(statement).bits >= Double(statement.profile.targetBits),
      schedule.queryCount <= statement.code.openingBudget
    else { throw .soundnessCondition }
    return schedule
  }
}
