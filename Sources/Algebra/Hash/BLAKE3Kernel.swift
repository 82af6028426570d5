/// Many keyed hashes of BLAKE3 at once, which a faster module may provide.
///
/// Law: every kernel gives what `reference` gives.
public struct BLAKE3Kernel: Sendable {
  /// The kernel's name, for tests and reports.
  public let name: String
  /// The 32-byte digests, one behind the other, of messages of one length that lie one behind the other.
  ///
  /// The length is positive and divides the number of bytes.
  public let keyedHashes:
    @Sendable (_ key: BLAKE3.Words, _ messages: [UInt8], _ length: Int) -> [UInt8]

  /// A kernel from its loop.
  public init(
    name: String,
    keyedHashes: @escaping @Sendable (BLAKE3.Words, [UInt8], Int) -> [UInt8]
  ) {
    (self.name, self.keyedHashes) = (name, keyedHashes)
  }

  /// One hash after the other, in Swift.
  public static let reference = BLAKE3Kernel(name: "reference") { key, messages, length in
    var digests: [UInt8] = []
    for start in stride(from: 0, to: messages.count, by: length) {
      digests += BLAKE3.hash(key: key, Array(messages[start..<start + length]))
    }
    return digests
  }
}
