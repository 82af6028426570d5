/// The search for a nonce behind a sponge, which a faster module may provide.
///
/// Law: every kernel gives what `reference` gives.
public struct WorkKernel: Sendable {
  /// The kernel's name, for tests and reports.
  public let name: String
  /// The smallest nonce of a range for which SHAKE128 over the absorbed bytes and the nonce's eight bytes,
  /// least significant first, begins with a 64-bit number below 2^(64 − bits); `nil` if there is none.
  public let search: @Sendable (SHAKE128, _ bits: Int, Range<UInt64>) -> UInt64?

  /// A kernel from its loop.
  public init(name: String, search: @escaping @Sendable (SHAKE128, Int, Range<UInt64>) -> UInt64?) {
    (self.name, self.search) = (name, search)
  }

  /// One nonce after the other, in Swift.
  public static let reference = WorkKernel(name: "reference") { sponge, bits, range in
    range.first { nonce in
      var trial = sponge
      trial.absorb((0..<8).map { UInt8(truncatingIfNeeded: nonce >> UInt64(8 * $0)) })
      let value = trial.squeeze(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
      return bits == 0 || value >> UInt64(64 - bits) == 0
    }
  }
}
