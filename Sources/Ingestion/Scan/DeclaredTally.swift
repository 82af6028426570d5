internal import Manifests

/// What files and pages say about their own licenses, counted among the reasons of a source: evidence that stands in reports.
enum DeclaredTally {
  /// What the names of these counts begin with.
  static let prefix = "declared:"
  /// So many different statements of one source are told apart: pages can say anything.
  private static let limit = 200
  private static let rest = prefix + "(others)"

  /// The name under which a reason is counted, where some are counted already.
  static func key(_ reason: String, among known: [String: UInt64]) -> String {
    guard reason.hasPrefix(prefix), known[reason] == nil else { return reason }
    return known.keys.count { $0.hasPrefix(prefix) } < limit ? reason : rest
  }
}

extension SourceState {
  /// What was declared, with the number of records that say so, the most frequent first.
  var declaredLicenses: [(text: String, records: UInt64)] {
    books.reasons.filter { $0.key.hasPrefix(DeclaredTally.prefix) }
      .map { (String($0.key.dropFirst(DeclaredTally.prefix.count)), $0.value) }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }

  /// Records without a license: committed under NOASSERTION or NONE, or left out by the policy for that alone.
  func unlicensedRecords(_ commitment: SourceCommitment) -> UInt64 {
    let committed = commitment.licenses.filter { ["NOASSERTION", "NONE"].contains($0.expression) }
      .reduce(0) { $0 + $1.records }
    let denied = books.reasons.filter { reason in
      ["NOASSERTION", "NONE"].contains {
        reason.key.hasPrefix("excluded:policy:the policy denies \($0),")
      }
    }
    return committed + denied.values.reduce(0, +)
  }
}
