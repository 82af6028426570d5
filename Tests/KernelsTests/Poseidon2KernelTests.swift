import Algebra
import Kernels
import Testing
import _TestSupport

@Suite struct Poseidon2KernelTests {
  /// Canonical words at the edges of the field and of the reduction, then any.
  private func words(_ count: Int, _ random: inout SeededRandom) -> [UInt32] {
    let p = KoalaBear.modulus
    let edges: [UInt32] = [0, 1, 2, p - 1, p - 2, p / 2, p / 2 + 1, 1 << 24, 1 << 30, 0x7EFF_FFFF]
    return (0..<count).map { _ in
      Bool.random(using: &random)
        ? edges.randomElement(using: &random) ?? 0 : UInt32.random(in: 0..<p, using: &random)
    }
  }

  @Test func `every kernel gives what the reference gives, for any number of hashes`() {
    var random = SeededRandom(seed: 2023)
    #expect(Poseidon2Kernel.available.first?.name == "reference")
    for count in Array(0...40) + [255, 1000] {
      let flat = words(16 * count, &random)
      let blocks = (0..<count).map { SIMD16<UInt32>(flat[16 * $0..<16 * $0 + 16]) }
      let digests = (0..<2 * count).map { Poseidon2.Words(flat[8 * $0..<8 * $0 + 8]) }
      let tag = UInt32.random(in: 0..<KoalaBear.modulus, using: &random)
      let hashes = Poseidon2Kernel.reference.hashBlocks(tag, blocks)
      let nodes = Poseidon2Kernel.reference.compressPairs(digests)
      #expect(hashes == blocks.map { Poseidon2.hashBlock(tag: tag, block: $0) })
      #expect(nodes.count == count)
      for kernel in Poseidon2Kernel.available {
        let found = (kernel.hashBlocks(tag, blocks), kernel.compressPairs(digests))
        #expect(found.0 == hashes, "\(kernel.name), \(count) blocks")
        #expect(found.1 == nodes, "\(kernel.name), \(count) pairs")
      }
    }
  }
}
