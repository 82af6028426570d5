/// Many hashes of Poseidon2 at once: the hot loops of a tree, which a faster module may provide.
///
/// Law: every kernel gives what `reference` gives.
public struct Poseidon2Kernel: Sendable {
  /// The kernel's name, for tests and reports.
  public let name: String
  /// `Poseidon2.hashBlock` of each block under one tag.
  public let hashBlocks: @Sendable (_ tag: UInt32, _ blocks: [SIMD16<UInt32>]) -> [Poseidon2.Words]
  /// `Poseidon2.compress` of each pair of neighbors: half as many digests.
  ///
  /// The number of digests is even.
  public let compressPairs: @Sendable (_ digests: [Poseidon2.Words]) -> [Poseidon2.Words]

  /// A kernel from its loops.
  public init(
    name: String,
    hashBlocks: @escaping @Sendable (UInt32, [SIMD16<UInt32>]) -> [Poseidon2.Words],
    compressPairs: @escaping @Sendable ([Poseidon2.Words]) -> [Poseidon2.Words]
  ) {
    (self.name, self.hashBlocks, self.compressPairs) = (name, hashBlocks, compressPairs)
  }

  /// One hash after the other, in Swift.
  public static let reference = Poseidon2Kernel(
    name: "reference",
    hashBlocks: { tag, blocks in blocks.map { Poseidon2.hashBlock(tag: tag, block: $0) } },
    compressPairs: { digests in
      stride(from: 0, to: digests.count - 1, by: 2).map {
        Poseidon2.compress(digests[$0], digests[$0 + 1])
      }
    }
  )
}
