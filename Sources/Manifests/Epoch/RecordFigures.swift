/// Records and words of the live leaves of an epoch, by source, license entry and year: what charts show.
///
/// The commit file has records by entry and words by source; these are counted from the leaves that it commits to, and add up to it.
public struct RecordFigures: Sendable {
  /// Records and words.
  public struct Count: Hashable, Sendable {
    /// Records.
    public var records: UInt64 = 0
    /// Words of their content.
    public var words: UInt64 = 0
    /// Nothing counted.
    public init() {}
    /// Counts one record.
    public mutating func add(words: UInt64) {
      records += 1
      self.words += words
    }
    /// Adds another count.
    public static func += (total: inout Count, part: Count) {
      total.records += part.records
      total.words += part.words
    }
  }

  /// What is told apart.
  public struct Key: Hashable, Sendable {
    /// The source.
    public let source: String
    /// The license entry.
    public let licenseIndex: Int
    /// The year that the record itself states; `nil` where it states none.
    public let year: Int?
    /// A key from its parts.
    public init(source: String, licenseIndex: Int, year: Int?) {
      (self.source, self.licenseIndex, self.year) = (source, licenseIndex, year)
    }
  }

  /// What files and pages say about their own licenses, by source, as the last scan counted it: evidence, never a conclusion.
  public var declared: [String: [(text: String, records: UInt64)]] = [:]
  /// The counts.
  public var counts: [Key: Count] = [:]

  /// Nothing counted.
  public init() {}

  /// Sums by whatever a key is mapped to.
  public func grouped<Name: Hashable>(_ name: (Key) -> Name) -> [Name: Count] {
    counts.reduce(into: [:]) { $0[name($1.key), default: Count()] += $1.value }
  }
}
