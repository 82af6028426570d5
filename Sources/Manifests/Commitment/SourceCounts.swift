public import CanonicalCoding

/// The books of a source: members = records + rejected + Σ excluded + skipped.
public struct SourceCounts: Hashable, Sendable {
  /// Units of the containers.
  public var members: UInt64 = 0
  /// Records that have a leaf.
  public var records: UInt64 = 0
  /// Members that are damaged or over budget.
  public var rejected: UInt64 = 0
  /// By reason; every reason is there, so that equal books are equal values.
  public var excluded = Dictionary(
    uniqueKeysWithValues: ExclusionReason.allCases.map { ($0, UInt64(0)) }
  )
  /// Members that are no records by their kind.
  public var skipped: UInt64 = 0
  /// Content bytes of the records.
  public var bytes: UInt64 = 0
  /// Content words of the records.
  public var words: UInt64 = 0

  /// Nothing counted yet.
  public init() {}

  /// The sum over the reasons.
  public var excludedTotal: UInt64 { excluded.values.reduce(0, &+) }

  /// Whether every member is accounted for exactly once.
  public var close: Bool {
    let parts = [records, rejected, excludedTotal, skipped]
    var sum: UInt64 = 0
    for part in parts {
      let (value, overflow) = sum.addingReportingOverflow(part)
      if overflow { return false }
      sum = value
    }
    return sum == members
  }

  /// Adds another source's, or another batch's, counts.
  public static func += (total: inout SourceCounts, part: SourceCounts) {
    total.members &+= part.members
    total.records &+= part.records
    total.rejected &+= part.rejected
    total.skipped &+= part.skipped
    total.bytes &+= part.bytes
    total.words &+= part.words
    total.excluded.merge(part.excluded, uniquingKeysWith: &+)
  }

  /// Decimal strings, always all members and all six reasons.
  public var json: JSONValue {
    [
      "members": .count(members), "records": .count(records), "rejected": .count(rejected),
      "excluded": .object(
        JSONObject(ExclusionReason.allCases.map { ($0.rawValue, .count(excluded[$0] ?? 0)) })
      ),
      "skipped": .count(skipped), "bytes": .count(bytes), "words": .count(words),
    ]
  }

  /// Reads the JSON form.
  ///
  /// - Throws: `CommitmentError` for a missing or unknown member or a count not in canonical form.
  public init(_ json: JSONValue, at path: String) throws(CommitmentError) {
    var object = try CommitmentReader(json, path)
    members = try object.count("members")
    records = try object.count("records")
    rejected = try object.count("rejected")
    skipped = try object.count("skipped")
    bytes = try object.count("bytes")
    words = try object.count("words")
    var reasons = try object.object("excluded")
    for reason in ExclusionReason.allCases { excluded[reason] = try reasons.count(reason.rawValue) }
    try reasons.finish()
    try object.finish()
  }
}
