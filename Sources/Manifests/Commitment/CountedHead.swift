public import CanonicalCoding
public import Merkle

/// A count and the RFC 9162 root over that many byte strings: of a ledger, a decision table, reviews.
public struct CountedHead: Hashable, Sendable {
  /// The number of entries.
  public let count: UInt64
  /// The root of the SHA-256 tree.
  public let sha256Root: SHA256Hash

  /// A head from its parts.
  public init(count: UInt64, sha256Root: SHA256Hash) {
    (self.count, self.sha256Root) = (count, sha256Root)
  }

  /// The head over entries.
  public init(entries: [[UInt8]]) {
    count = UInt64(entries.count)
    sha256Root = CompactRange<SHA256TreeHasher>.root(of: entries.map(SHA256TreeHasher.leaf))
  }

  /// The head over nothing.
  public static let empty = CountedHead(entries: [])

  /// `{count, sha256Root}`; the count's member may have another name.
  public func json(countName: String = "count") -> JSONValue {
    .object(JSONObject([(countName, .count(count)), ("sha256Root", .string(sha256Root.hex))]))
  }

  init(_ reader: CommitmentReader, countName: String = "count") throws(CommitmentError) {
    var reader = reader
    count = try reader.count(countName)
    sha256Root = try reader.sha256("sha256Root")
    try reader.finish()
  }
}
