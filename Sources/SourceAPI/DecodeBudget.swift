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
  /// Bytes of a header block (WARC, HTTP) or a member's name.
  public var headerBytes = 64 << 10
  /// Bytes of a member's name.
  public var nameBytes = 4096
  /// Bytes of one line or row.
  public var lineBytes = 8 << 20
  /// Members of one container.
  public var memberCount: UInt64 = 10_000_000

  /// The defaults.
  public init() {}
}
