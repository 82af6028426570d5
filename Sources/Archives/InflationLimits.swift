/// How much a compressed input may become; counted on the bytes that come out.
public struct InflationLimits: Hashable, Sendable {
  /// Bytes that one container may give.
  public var containerBytes: UInt64
  /// Bytes out for each byte in, once `ratioGrace` bytes are out.
  public var ratio: UInt64
  /// Bytes that may come out before the ratio counts.
  public var ratioGrace: UInt64

  /// Limits; the defaults are those of docs/formats.md.
  public init(containerBytes: UInt64 = 64 << 30, ratio: UInt64 = 200, ratioGrace: UInt64 = 1 << 20)
  {
    (self.containerBytes, self.ratio, self.ratioGrace) = (containerBytes, ratio, ratioGrace)
  }

  /// The limit that is broken, by name.
  func breach(output: UInt64, input: UInt64, total: UInt64) -> StreamDamage.Reason? {
    if total > containerBytes { return .containerBudget }
    if output > ratioGrace, output / ratio > input { return .ratioBudget }
    return nil
  }
}

/// Where and why a compressed stream cannot be read on.
public struct StreamDamage: Error, Hashable, Sendable {
  /// The reasons, with the codes that ledgers name.
  public enum Reason: String, Sendable {
    case truncated = "truncated"
    case corrupt = "corrupt-stream"
    case trailingGarbage = "trailing-garbage"
    case ratioBudget = "budget-ratio"
    case containerBudget = "budget-container"
  }

  /// The reason.
  public let reason: Reason
  /// The offset in the file of the member that is damaged.
  public let memberOffset: UInt64

  /// Damage at a place.
  public init(reason: Reason, memberOffset: UInt64) {
    (self.reason, self.memberOffset) = (reason, memberOffset)
  }
}
