/// A named choice of regime, opening, target and work.
public enum Profile: String, Hashable, Sendable, CaseIterable {
  /// Unique decoding, one level, 100 bits: tests and first use.
  case uniqueDecoding100 = "KB5-UD100-L1"
  /// Unique decoding, one level, 128 bits.
  case uniqueDecoding128 = "KB5-UD128-L1"
  /// Unique decoding, folded opening, 128 bits.
  case foldedUniqueDecoding128 = "KB5-UD128-W"
  /// Johnson's radius, folded opening, 100 bits.
  case foldedJohnson100 = "KB5-JB100-W"
  /// Johnson's radius, folded opening, 128 bits.
  case foldedJohnson128 = "KB5-JB128-W"

  /// The name in statements.
  public var name: String { rawValue }

  /// The decoding radius.
  public var regime: DecodingRegime {
    switch self {
    case .uniqueDecoding100, .uniqueDecoding128, .foldedUniqueDecoding128: .unique
    case .foldedJohnson100, .foldedJohnson128: .johnson
    }
  }

  /// Whether the last combination is folded (WHIR, eprint 2024/1586) instead of sent.
  public var isFolded: Bool {
    switch self {
    case .uniqueDecoding100, .uniqueDecoding128: false
    case .foldedUniqueDecoding128, .foldedJohnson100, .foldedJohnson128: true
    }
  }

  /// Bits of security that every term reaches.
  public var targetBits: Int {
    switch self {
    case .uniqueDecoding100, .foldedJohnson100: 100
    case .uniqueDecoding128, .foldedUniqueDecoding128, .foldedJohnson128: 128
    }
  }

  /// Bits of work before queries.
  public var queryWorkBits: Int { targetBits == 100 ? 16 : 20 }
  /// Bits of work before the challenges of LogUp.
  public var lookupWorkBits: Int { targetBits == 100 ? 0 : 8 }
}
