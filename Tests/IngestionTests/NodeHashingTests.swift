import Ingestion
import Merkle
import Testing
import _TestSupport

@Suite struct NodeHashingTests {
  @Test
  func `nodes hashed side by side are those of the tree's own hasher, and give the same tree`() {
    var random = SeededRandom(seed: 9)
    for count in [0, 2, 4, 30, 32, 34, 1000] {
      let digests = (0..<count).map { _ in SHA256Hash.of(random.bytes(8)) }
      let reference = NodeHashing<SHA256TreeHasher>.reference.nodes(digests)
      #expect(NodeHashing<SHA256TreeHasher>.sideBySide.nodes(digests) == reference)
    }
    var reference = CompactRange<SHA256TreeHasher>()
    var fast = CompactRange<SHA256TreeHasher>()
    for count in [1, 2, 3, 7, 64, 100, 1, 500] {
      let digests = (0..<count).map { _ in SHA256Hash.of(random.bytes(8)) }
      for digest in digests { reference.append(digest) }
      fast.append(contentsOf: digests, hashing: .sideBySide)
      #expect(fast.head == reference.head)
    }
  }
}
