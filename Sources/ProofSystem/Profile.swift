/// A named choice of regime, target and work.
public enum Profile: String, Hashable, Sendable, CaseIterable {
  /// Unique decoding, one level, 100 bits: tests and first use.
  case uniqueDecoding100 = "KB5-UD100-L1"
  /// Unique decoding, one level, 128 bits.
  case uniqueDecoding128 = "KB5-UD128-L1"

  /// The name in statements.
  public var name: String { rawValue }
  /// Bits of security that every term reaches.
  public var targetBits: Int { self == .uniqueDecoding100 ? 100 : 128 }
  /// Bits of work before the queries.
  public var queryWorkBits: Int { self == .uniqueDecoding100 ? 16 : 20 }
  /// Bits of work before the challenges of LogUp.
  public var lookupWorkBits: Int { self == .uniqueDecoding100 ? 0 : 8 }

  /// The number of query draws: ((1 + ρ) / 2)^Q ≤ 2^−(target − work), the unique-decoding radius
  /// being (1 − ρ) / 2.
  public func queryCount(rate: Double) -> Int {
    Soundness.queryCount(bits: targetBits - queryWorkBits, rate: rate)
  }
}
