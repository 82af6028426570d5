public import CanonicalCoding

/// What reading one source may cost; every limit is enforced on bytes that came out.
public struct DecodeBudget: Hashable, Sendable {
  /// Bytes out of one container.
  public var containerBytes: UInt64 = 64 << 30
  /// Bytes out for each byte in, after the first MiB.
  public var ratio: UInt64 = 200
  /// Bytes of one record; the leaf's bound, which nothing raises.
  public let recordBytes: UInt64 = (1 << 30) - 1
  /// Bytes of one record that are held in memory; a larger one has a digest and no text.
  public var heldBytes = 8 << 20
  /// Bytes of a header block (WARC, HTTP).
  public var headerBytes = 64 << 10
  /// Bytes of a member's name.
  public var nameBytes = 4096
  /// Bytes of one line or row.
  public var lineBytes = 8 << 20
  /// Containers in containers, the input counted.
  public var depth: UInt64 = 3
  /// Members of one container.
  public var memberCount: UInt64 = 10_000_000

  /// The defaults.
  public init() {}

  /// One limit that can be set, with the name that flags, plans and messages use.
  public struct Limit: Sendable {
    /// The name: `container-bytes`; the flag is `--max-container-bytes`.
    public let name: String
    /// What it may be set to.
    public let range: ClosedRange<UInt64>
    /// What it is.
    public let get: @Sendable (DecodeBudget) -> UInt64
    /// Sets it to a number of the range.
    public let set: @Sendable (inout DecodeBudget, UInt64) -> Void
  }

  /// All limits that can be set.
  public static let limits: [Limit] = [
    Limit(
      name: "container-bytes",
      range: 1...(1 << 50),
      get: { $0.containerBytes },
      set: { $0.containerBytes = $1 }
    ),
    Limit(name: "ratio", range: 1...1_000_000, get: { $0.ratio }, set: { $0.ratio = $1 }),
    Limit(
      name: "held-bytes",
      range: 1024...(64 << 20),
      get: { UInt64($0.heldBytes) },
      set: { $0.heldBytes = Int($1) }
    ),
    Limit(
      name: "header-bytes",
      range: 1024...(16 << 20),
      get: { UInt64($0.headerBytes) },
      set: { $0.headerBytes = Int($1) }
    ),
    Limit(
      name: "name-bytes",
      range: 16...65_536,
      get: { UInt64($0.nameBytes) },
      set: { $0.nameBytes = Int($1) }
    ),
    Limit(
      name: "line-bytes",
      range: 1024...(64 << 20),
      get: { UInt64($0.lineBytes) },
      set: { $0.lineBytes = Int($1) }
    ),
    Limit(name: "depth", range: 1...16, get: { $0.depth }, set: { $0.depth = $1 }),
    Limit(
      name: "members",
      range: 1...(1 << 40),
      get: { $0.memberCount },
      set: { $0.memberCount = $1 }
    ),
  ]

  /// The JSON form: every limit by name.
  public var json: JSONValue {
    .object(JSONObject(Self.limits.map { ($0.name, .count($0.get(self))) }))
  }

  /// Reads the JSON form; `nil` unless every limit is there and in its range.
  public init?(_ json: JSONValue) {
    for limit in Self.limits {
      guard let value = json.object?[limit.name]?.text.flatMap({ UInt64($0) }),
        limit.range.contains(value)
      else { return nil }
      limit.set(&self, value)
    }
  }
}
