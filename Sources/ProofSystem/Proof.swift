internal import Algebra
internal import Crypto

/// The bytes before the messages: magic, version, digest of the statement.
package enum ProofHead {
  package static let magic = Array("IPRF".utf8)
  /// Magic, version, 32 bytes.
  package static let byteCount = 40

  package static func bytes(_ statement: Statement) -> [UInt8] {
    magic + ProofCoding.bytes(Statement.protocolVersion) + digest(statement)
  }

  /// The digest that names the statement.
  package static func digest(_ statement: Statement) -> [UInt8] {
    Array(SHA256.hash(data: statement.encoding))
  }
}

/// The largest length of a proof of a statement's shape: all draws distinct, with whole paths.
enum ProofLength {
  static func limit(_ statement: Statement, _ schedule: OpeningSchedule) -> Int {
    let layout = StackLayout(statement)
    let code = statement.code
    let claims = statement.tables.reduce(0) { $0 + $1.columns.count + $1.helperCount }
    let elements = 2 + 4 * statement.logLargestHeight + claims + 2 * layout.variableCount + 4
    // Roots, and nonces before lookups, rounds, epsilon and queries.
    var bytes = ProofHead.byteCount + 64 + 8 * (3 + layout.variableCount) + 20 * elements
    for group in 0...layout.helperGroup {
      let leaf = 32 + 4 * layout.committedLaneCount(group)
      bytes += schedule.queryCount * (leaf + 32 * code.logDomainSize)
    }
    guard statement.profile.isFolded else { return bytes + 20 * code.messageLength }
    for folding in schedule.foldings {
      // A root, a sample, nonces, rounds.
      bytes += 32 + 20 + 8 * (3 + folding.logFold) + 40 * folding.logFold
      bytes += folding.queryCount * (4 * folding.laneCount + 32 * folding.logDomainSize)
    }
    return bytes + (20 << schedule.logFinalLength)
  }
}
