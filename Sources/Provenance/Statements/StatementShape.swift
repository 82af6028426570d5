public import ProofSystem

/// The sizes that all provenance statements share: heights of tables, pad rows, and the code of a registry epoch.
public enum StatementShape {
  /// log2 of the pad rows of a reusable group: J proofs need 5 J + 64 (docs/proof-system.md), so 89 at most.
  public static let logReusablePadRowCount = 9
  /// log2 of the pad rows of a table of the proof's own.
  static let logFreshPadRowCount = 7
  /// The largest height of a segment's table.
  public static let logSegmentLimit = 20

  /// The smallest height that has room for some rows and the pad rows.
  public static func logHeight(rowCount: Int, logPadRowCount: Int) -> Int {
    var log = logPadRowCount + 1
    while (1 << log) - (1 << logPadRowCount) < rowCount { log += 1 }
    return log
  }

  /// The most leaves of a segment whose table has 2^log rows.
  public static func leafLimit(logSegment log: Int) -> Int {
    (1 << log) - (1 << logReusablePadRowCount)
  }

  /// The code for groups of a height: lanes of 2^16 where h is sent, of 2^18 where it is folded; shorter ones for
  /// small registries, and an eighth of tail, which serves 45 proofs at 128 bits (docs/performance.md).
  public static func code(logSegment: Int, profile: Profile) -> CodeParameters {
    let log = min(max(13, logSegment), profile.isFolded ? 18 : 16)
    let tail = min(log - 1, profile.isFolded ? 14 : 13)
    return CodeParameters(logDataLength: log, logTailLength: tail, logInverseRate: 2)
  }
}
