internal import Algebra
internal import CanonicalCoding
public import Merkle

/// The permutation that a public seed gives, so that everybody who has the seed can draw it again.
///
/// Key: H("ingest/feed-order/v1" | digest of the combined manifest | seed). SHAKE128 of the key gives u64 after
/// u64, big-endian; for i from n − 1 down to 1 the element i changes places with element j, uniform in 0…i: the
/// first number below the largest multiple of i + 1, mod i + 1 (Fisher and Yates; Knuth, 3.4.2 P).
/// The data's digest is in the key: a seed that is known before the data does not tell the order.
public enum TrainingOrder {
  /// The permutation of 0 ..< count.
  ///
  /// - Complexity: O(count).
  public static func permutation(
    count: Int,
    combined: SHA256Hash,
    seed: String
  ) -> [UInt32] {
    precondition(count <= UInt32.max, "at most 2^32 examples")
    var writer = ByteWriter(capacity: 64)
    writer.write("ingest/feed-order/v1")
    writer.write(combined.bytes)
    writer.write(Array(seed.utf8))
    var shake = SHAKE128()
    shake.absorb(SHA256Hash.of(writer.bytes).bytes)
    var block: ArraySlice<UInt8> = []
    func next() -> UInt64 {
      if block.isEmpty { block = shake.squeeze(8 * 512)[...] }
      defer { block = block.dropFirst(8) }
      return block.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
    var order = (0..<UInt32(count)).map { $0 }
    for index in stride(from: count - 1, through: 1, by: -1) {
      let bound = UInt64(index) + 1
      let limit = UInt64.max - UInt64.max % bound
      var draw = next()
      while draw >= limit { draw = next() }
      order.swapAt(index, Int(draw % bound))
    }
    return order
  }
}
