internal import Algebra
internal import Glibc

/// What an attacker's chance is, term by term, from the shapes that the verifier itself knows.
///
/// Round-by-round soundness of the protocol in docs/proof-system.md; unique decoding, so that every list
/// has one element. The assembly of proven steps into one protocol is our own and not reviewed.
public struct Soundness: Sendable {
  /// Whose argument a term rests on.
  public enum Status: String, Sendable {
    case proven, conjectured
    case own = "own composition"
  }

  /// One term.
  public struct Term: Sendable {
    /// The step.
    public let name: String
    /// −log2 of the chance.
    public let bits: Double
    /// Whose argument it rests on.
    public let status: Status
  }

  /// The regime, for people.
  public let regime = "proven (unique decoding)"
  /// The terms.
  public let terms: [Term]
  /// The number of query draws.
  public let queryCount: Int

  /// log2 |E|.
  static let fieldBits = 5 * log2(Double(BaseField.modulus))

  /// The fewest draws with ((1 + ρ) / 2)^Q at most 2^−bits.
  public static func queryCount(bits: Int, rate: Double) -> Int {
    Int((Double(bits) / -log2((1 + rate) / 2)).rounded(.up))
  }

  /// The terms of a statement.
  public init(_ statement: Statement) {
    let e = Self.fieldBits
    let profile = statement.profile
    let rate = statement.code.rate
    queryCount = profile.queryCount(rate: rate)
    let layout = StackLayout(statement)
    let messages = statement.tables.reduce(0.0) {
      $0 + Double($1.activeRowCount * $1.messages.count)
    }
    let widest = statement.tables.flatMap(\.messages).map { $0.values.count }.max() ?? 0
    let places = statement.tables.flatMap(\.messages).map { $0.numerators.count }.max() ?? 1
    let rules = statement.tables.reduce(0) { $0 + $1.constraints.count + $1.helperCount }
    let claims = statement.tables.reduce(0) { $0 + $1.columns.count + $1.helperCount }
    let n = Double(statement.code.domainSize)
    func bits(_ numerator: Double) -> Double { e - log2(max(1, numerator)) }
    terms = [
      Term(
        name: "lookups (alpha, beta, theta)",
        bits: bits(messages * Double(widest + 2 + places - 1)) + Double(profile.lookupWorkBits),
        // LogUp is proven; several numerators under theta are our own, elementary addition.
        status: .own
      ),
      Term(
        name: "tau, lambda, omega",
        bits: bits(Double(statement.logLargestHeight + rules + 1)),
        status: .proven
      ),
      Term(name: "a zerocheck round", bits: bits(4), status: .proven),
      Term(name: "gamma", bits: bits(Double(claims - 1)), status: .proven),
      Term(name: "an opening round", bits: bits(2 + n), status: .proven),
      Term(name: "epsilon", bits: bits(2 * n + 2 * Double(layout.variableCount)), status: .proven),
      Term(
        name: "\(queryCount) queries, \(profile.queryWorkBits) bits of work",
        bits: -Double(queryCount) * log2((1 + rate) / 2) + Double(profile.queryWorkBits),
        status: .proven
      ),
      Term(name: "BLAKE3 and SHAKE128 collisions", bits: 128, status: .conjectured),
    ]
  }

  /// The smallest term.
  public var bits: Double { terms.map(\.bits).min() ?? 0 }

  /// Refuses a statement below its profile's target.
  ///
  /// - Throws: `VerificationError.soundnessCondition`.
  static func require(_ statement: Statement) throws(VerificationError) {
    let soundness = Soundness(statement)
    guard soundness.bits >= Double(statement.profile.targetBits),
      soundness.queryCount <= statement.code.openingBudget
    else { throw .soundnessCondition }
  }
}
