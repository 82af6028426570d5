import Merkle
import Testing
import _TestSupport

/// Absence by neighbors: every digest that is not there can be shown to be, and none that is.
@Suite struct AbsenceProofTests {
  private func digest(_ number: Int) -> SHA256Hash { .of(Array("\(number)".utf8)) }

  private func head(_ digests: [SHA256Hash]) -> (
    MemoryTree<SHA256TreeHasher>, TreeHead<SHA256TreeHasher>
  ) {
    let leaves = digests.map { SHA256TreeHasher.leaf($0.bytes) }
    let root = CompactRange<SHA256TreeHasher>.root(of: leaves)
    return (MemoryTree(leaves: leaves), TreeHead(size: UInt64(digests.count), root: root))
  }

  private func proof(_ digest: SHA256Hash, _ sorted: [SHA256Hash]) throws -> AbsenceProof? {
    try AbsenceProof(of: digest, size: UInt64(sorted.count), tree: head(sorted).0) {
      sorted[Int($0)]
    }
  }

  @Test
  func `what is absent is proved absent, what is there is not, for trees of every small size`()
    throws
  {
    for size in 0...33 {
      let sorted = (0..<size).map(digest).sorted()
      let (_, head) = head(sorted)
      for number in 0..<size + 40 {
        let asked = digest(number)
        let found = try proof(asked, sorted)
        #expect((found == nil) == (number < size))
        try found?.verify(digest: asked, head: head)
      }
    }
  }

  @Test func `digests below the first, above the last, and among equal ones are handled`() throws {
    let low = try #require(SHA256Hash(hex: String(repeating: "0", count: 64)))
    let high = try #require(SHA256Hash(hex: String(repeating: "f", count: 64)))
    let sorted = (0..<9).map(digest).sorted()
    let doubled = (sorted + [sorted[4], sorted[4]]).sorted()
    for list in [sorted, doubled] {
      let (_, head) = head(list)
      for asked in [low, high, digest(100)] {
        let found = try #require(try proof(asked, list))
        try found.verify(digest: asked, head: head)
      }
      #expect(try proof(list[4], list) == nil)
    }
    #expect(try proof(low, sorted)?.below == nil)
    #expect(try proof(high, sorted)?.above == nil)
  }

  @Test func `a proof that was bent is refused for its reason`() throws {
    let sorted = (0..<12).map(digest).sorted()
    let (_, head) = head(sorted)
    let asked = try #require((500..<5000).map(digest).first { sorted[3] < $0 && $0 < sorted[4] })
    let good = try #require(try proof(asked, sorted))
    let below = try #require(good.below)
    let above = try #require(good.above)
    typealias Neighbor = AbsenceProof.Neighbor
    func moved(_ neighbor: Neighbor, _ index: UInt64) -> Neighbor {
      Neighbor(index: index, digest: neighbor.digest, path: neighbor.path)
    }
    let last = try #require(try proof(SHA256Hash(hex: String(repeating: "f", count: 64))!, sorted))
    let bent: [(AbsenceProof, SHA256Hash, TreeHead<SHA256TreeHasher>, String)] = [
      (good, sorted[0], head, "not-between"), (good, below.digest, head, "not-between"),
      (good, above.digest, head, "not-between"),
      (AbsenceProof(below: above, above: below), asked, head, "not-between"),
      (AbsenceProof(below: below, above: nil), asked, head, "not-adjacent"),
      (AbsenceProof(below: nil, above: above), asked, head, "not-adjacent"),
      (AbsenceProof(below: nil, above: nil), asked, head, "not-adjacent"),
      (AbsenceProof(below: below, above: last.below), asked, head, "not-adjacent"),
      (
        AbsenceProof(below: moved(below, below.index + 1), above: above), asked, head,
        "not-adjacent"
      ),
      (
        AbsenceProof(
          below: moved(below, below.index + 1),
          above: moved(above, above.index + 1)
        ), asked, head, "root-mismatch"
      ),
      (AbsenceProof(below: moved(below, .max), above: above), asked, head, "index-out-of-range"),
      (
        AbsenceProof(
          below: Neighbor(index: below.index, digest: below.digest, path: below.path.dropLast()),
          above: above
        ), asked, head, "path-length"
      ),
      (
        AbsenceProof(
          below: Neighbor(index: below.index, digest: digest(7000), path: below.path),
          above: above
        ), SHA256Hash(hex: String(repeating: "f", count: 64))!, head, "not-between"
      ),
      (good, asked, TreeHead(size: head.size, root: digest(1)), "root-mismatch"),
      (good, asked, TreeHead(size: .max, root: head.root), "size-too-large"),
      (
        AbsenceProof(below: nil, above: nil), asked, TreeHead(size: 0, root: digest(1)),
        "root-mismatch"
      ),
    ]
    for (number, (proof, digest, head, code)) in bent.enumerated() {
      do {
        try proof.verify(digest: digest, head: head)
        Issue.record("bent proof \(number) is accepted")
      } catch {
        #expect(error.code == code, "bent proof \(number)")
      }
    }
  }
}
