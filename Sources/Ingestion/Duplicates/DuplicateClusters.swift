internal import CanonicalCoding
internal import Merkle

/// A record as a holder of some content: where it stands and under which license.
public struct RecordHolder: Hashable, Sendable {
  /// The source.
  public let source: String
  /// The position in the source's tree.
  public let leaf: UInt64
  /// The license that applies to this copy.
  public let license: String

  /// The JSON form.
  var json: JSONValue {
    ["source": .string(source), "leaf": .count(leaf), "license": .string(license)]
  }
}

/// Records that hold the same bytes, in the order of sources and leaves.
public struct DuplicateCluster: Hashable, Sendable {
  /// What is the same.
  public enum Kind: String, CaseIterable, Sendable {
    /// The bytes as delivered.
    case payload
    /// The normal form.
    case content
    /// About the same words (MinHash).
    case near
  }

  /// What is the same.
  public let kind: Kind
  /// All that hold it; the first is named by the others.
  public let holders: [RecordHolder]

  /// The licenses of all holders, each once, in order.
  public var licenses: [String] { Set(holders.map(\.license)).sorted() }
  /// The sources of all holders, each once, in order.
  public var sources: [String] { Set(holders.map(\.source)).sorted() }

  /// The JSON form.
  var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "holders": .array(holders.map(\.json)),
      "licenses": .array(licenses.map(JSONValue.string)),
    ]
  }
}

/// Finds records with equal digests among all that were added.
///
/// A sort, no filter: what is found does not depend on chance or on order (Dolma's filters came out empty in silence).
struct ExactDuplicates {
  private struct Entry {
    let digest: SHA256Hash
    /// The number of the record among all.
    let record: Int
  }

  private var entries: [Entry] = []

  /// Adds the next record.
  mutating func add(_ digest: SHA256Hash, record: Int) {
    entries.append(Entry(digest: digest, record: record))
  }

  /// The groups of at least two records, each in order; groups in the order of their first record.
  ///
  /// - Complexity: O(n log n).
  mutating func groups() -> [[Int]] {
    entries.sort { ($0.digest, $0.record) < ($1.digest, $1.record) }
    var groups: [[Int]] = []
    var start = 0
    while start < entries.count {
      var end = start + 1
      while end < entries.count, entries[end].digest == entries[start].digest { end += 1 }
      if end - start > 1 { groups.append(entries[start..<end].map(\.record)) }
      start = end
    }
    return groups.sorted { $0[0] < $1[0] }
  }
}
