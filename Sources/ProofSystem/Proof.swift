internal import Algebra
internal import Crypto

/// The bytes before the messages: magic, version, digest of the statement.
enum ProofHead {
  static let magic = Array("IPRF".utf8)
  /// Magic, version, 32 bytes.
  static let byteCount = 40

  static func bytes(_ statement: Statement) -> [UInt8] {
    magic + ProofCoding.bytes(Statement.protocolVersion) + digest(statement)
  }

  /// The digest that names the statement.
  static func digest(_ statement: Statement) -> [UInt8] {
    Array(SHA256.hash(data: statement.encoding))
  }
}

/// The largest length of a proof of a statement's shape: Q distinct positions with whole paths.
enum ProofLength {
  static func limit(_ statement: Statement) -> Int {
    let layout = StackLayout(statement)
    let code = statement.code
    let queries = statement.profile.queryCount(rate: code.rate)
    let lanes = layout.laneCounts[0] + layout.laneCounts[1] + 10
    let claims = statement.tables.reduce(0) { $0 + $1.columns.count + $1.helperCount }
    let elements =
      2 + 4 * statement.logLargestHeight + claims + 2 * layout.variableCount + 4
      + code.messageLength
    let positions = queries * (2 * 32 + 4 * lanes + 2 * 32 * code.logDomainSize)
    return ProofHead.byteCount + 64 + 16 + 20 * elements + positions
  }
}
