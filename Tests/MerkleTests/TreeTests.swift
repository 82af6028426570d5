import CanonicalCoding
import Foundation
import Merkle
import Testing
import _TestSupport

@Suite struct TreeTests {
  private static func shaLeaf(_ index: Int) -> SHA256Hash {
    SHA256TreeHasher.leaf(Array("golden leaf \(index)".utf8))
  }

  @Test
  func
    `roots are those that an independent program wrote, for 0 to 65 leaves and around powers of two`()
    throws
  {
    let roots = try Fixture.json("Fixtures/vectors/golden_roots.json")["roots"].elements ?? []
    #expect(roots.count == 78)
    var range = CompactRange<SHA256TreeHasher>()
    var byCount: [Int: SHA256Hash] = [0: range.root]
    for index in 0..<1025 {
      range.append(Self.shaLeaf(index))
      byCount[index + 1] = range.root
    }
    for entry in roots {
      let size = try #require(entry["size"].integer)
      #expect(byCount[size]?.hex == entry["sha256Root"].text, "\(size) leaves")
    }
  }

  @Test func `an edge holds one root for each set bit, and refuses any other number`() {
    var range = CompactRange<SHA256TreeHasher>()
    for index in 0..<200 {
      #expect(range.edge.count == range.size.nonzeroBitCount)
      #expect(
        CompactRange<SHA256TreeHasher>(size: range.size, edge: range.edge)?.root == range.root
      )
      range.append(Self.shaLeaf(index))
    }
    #expect(CompactRange<SHA256TreeHasher>(size: 3, edge: [Self.shaLeaf(0)]) == nil)
    #expect(CompactRange<SHA256TreeHasher>(size: 1 << 41, edge: [Self.shaLeaf(0)]) == nil)
  }

  @Test
  func `leaves that are appended together give the edge and the nodes of one after the other`() {
    struct Node: Hashable {
      var level: Int
      var index: UInt64
      var digest: SHA256Hash
    }
    for before in 0..<20 {
      for count in 0..<40 {
        var single = CompactRange<SHA256TreeHasher>()
        for index in 0..<before { single.append(Self.shaLeaf(index)) }
        var together = single
        var (expected, found): (Set<Node>, Set<Node>) = ([], [])
        let leaves = (before..<before + count).map(Self.shaLeaf)
        for leaf in leaves {
          single.append(leaf) { expected.insert(Node(level: $0, index: $1, digest: $2)) }
        }
        together.append(contentsOf: leaves) { level, first, digests in
          for (offset, digest) in digests.enumerated() {
            found.insert(Node(level: level, index: first + UInt64(offset), digest: digest))
          }
        }
        #expect(together.size == single.size)
        #expect(together.edge == single.edge, "\(before) and \(count)")
        #expect(found == expected, "\(before) and \(count)")
      }
    }
  }

  @Test func `nothing is duplicated to fill a level`() {
    let (a, b, c) = (Self.shaLeaf(0), Self.shaLeaf(1), Self.shaLeaf(2))
    let root = { (leaves: [SHA256Hash]) in CompactRange<SHA256TreeHasher>.root(of: leaves) }
    #expect(root([a, b, c]) != root([a, b, c, c]))
    let six = (0..<6).map(Self.shaLeaf)
    #expect(root(six) != root(six + six.suffix(2)))
  }

  @Test func `every proof vector has its verdict and its reason`() throws {
    let vectors = try Fixture.json("Fixtures/vectors/proof_vectors.json")["vectors"].elements ?? []
    #expect(vectors.count >= 200)
    #expect(vectors.count { $0["expect"].text != "ok" } * 10 >= vectors.count * 6)
    for vector in vectors {
      let name = vector["name"].text ?? ""
      let digest = { (field: String) throws -> SHA256Hash in
        try #require(vector[field].text.flatMap(SHA256Hash.init(hex:)))
      }
      let number = { (field: String) throws -> UInt64 in UInt64(try #require(vector[field].integer))
      }
      let path = (vector["path"].elements ?? []).compactMap {
        $0.text.flatMap(SHA256Hash.init(hex:))
      }
      var code = "ok"
      do throws(ProofError) {
        if vector["kind"].text == "inclusion" {
          let (leaf, index, head) = try! (
            digest("leaf"), number("index"),
            TreeHead<SHA256TreeHasher>(size: number("size"), root: digest("root"))
          )
          try InclusionProof(path: path).verify(leaf: leaf, index: index, head: head)
        } else {
          let (old, new) = try! (
            TreeHead<SHA256TreeHasher>(size: number("old"), root: digest("oldRoot")),
            TreeHead<SHA256TreeHasher>(size: number("new"), root: digest("newRoot"))
          )
          try ConsistencyProof(path: path).verify(old: old, new: new)
        }
      } catch {
        code = error.code
      }
      #expect(code == vector["expect"].text, "\(name)")
    }
  }

  @Test func `every proof that is made is accepted, in both trees, and no other index or size`()
    throws
  {
    for size in 1...40 {
      let leaves = (0..<size).map(Self.shaLeaf)
      let tree = MemoryTree<SHA256TreeHasher>(leaves: leaves)
      let head = try tree.head(size: UInt64(size))
      #expect(head.root == CompactRange<SHA256TreeHasher>.root(of: leaves))
      for index in 0..<size {
        let proof = try tree.inclusionProof(index: UInt64(index), size: UInt64(size))
        try proof.verify(leaf: leaves[index], index: UInt64(index), head: head)
        for other in 0..<size where other != index {
          #expect(throws: ProofError.self) {
            try proof.verify(leaf: leaves[index], index: UInt64(other), head: head)
          }
        }
      }
      for old in 0...size {
        let before = try tree.head(size: UInt64(old))
        let proof = try tree.consistencyProof(old: UInt64(old), new: UInt64(size))
        try proof.verify(old: before, new: head)
      }
    }
  }

  @Test func `a Poseidon2 digest with an element that is not below p is refused`() {
    #expect(Poseidon2Digest(hex: String(repeating: "7f000001", count: 8)) == nil)
    #expect(Poseidon2Digest(hex: String(repeating: "7f000000", count: 8)) != nil)
    #expect(Poseidon2Digest(hex: "00") == nil)
    #expect(SHA256Hash(hex: String(repeating: "AA", count: 32)) == nil)
  }

  @Test(arguments: [
    (0, UInt64(0), 256, "0/000"), (1, 5, 256, "1/005"), (0, 1_234_067, 256, "0/x001/x234/067"),
    (0, 3, 7, "0/003.p/7"),
  ])
  func `a tile lies where C2SP tlog-tiles puts it`(
    _ level: Int,
    _ number: UInt64,
    _ count: Int,
    _ path: String
  ) {
    #expect(TilePath(level: level, number: number, count: count).path == path)
  }
}

/// How many inclusion paths a second one core checks: a figure for docs/performance.md, printed with INGEST_BENCH=1.
@Suite struct PathRateTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["INGEST_BENCH"] != nil))
  func `paths of 20 levels are checked at a rate that is printed`() throws {
    func rate<Hasher: TreeHasher>(_ leaf: Hasher.Digest, _: Hasher.Type) throws -> Double {
      let path = [Hasher.Digest](repeating: leaf, count: 20)
      var root = leaf
      for _ in path { root = Hasher.node(root, leaf) }
      let head = TreeHead<Hasher>(size: 1 << 20, root: root)
      let (start, count) = (Date(), 20_000)
      for _ in 0..<count {
        try InclusionProof<Hasher>(path: path).verify(leaf: leaf, index: 0, head: head)
      }
      return Double(count) / Date().timeIntervalSince(start)
    }
    let sha256 = try rate(SHA256Hash.of([1]), SHA256TreeHasher.self)
    let poseidon2 = try rate(Poseidon2TreeHasher.emptyRoot, Poseidon2TreeHasher.self)
    print(
      "inclusion paths of 20 levels a second: SHA-256 \(Int(sha256)), Poseidon2 \(Int(poseidon2))"
    )
  }
}

/// Epochs that differ in some leaves: the proof, and everything that must be refused.
@Suite struct DifferenceProofTests {
  private typealias Proof = DifferenceProof<SHA256TreeHasher>

  private func leaves(_ count: Int, _ name: String = "leaf") -> [SHA256Hash] {
    (0..<count).map { SHA256TreeHasher.leaf(Array("\(name) \($0)".utf8)) }
  }

  private func head(_ leaves: [SHA256Hash]) -> TreeHead<SHA256TreeHasher> {
    TreeHead(size: UInt64(leaves.count), root: CompactRange<SHA256TreeHasher>.root(of: leaves))
  }

  @Test func `any changes in any tree that grew are proved, and no other`() throws {
    var random = SeededRandom(seed: 20_261_122)
    for _ in 0..<400 {
      let oldCount = Int.random(in: 0...70, using: &random)
      let newCount = oldCount + Int.random(in: 0...40, using: &random)
      let old = leaves(oldCount)
      var new = old + leaves(newCount, "later")[oldCount...]
      let changed = (0..<oldCount).filter { _ in Int.random(in: 0..<6, using: &random) == 0 }
      let changes = changed.map { index in
        let present = SHA256TreeHasher.leaf(Array("gone \(index)".utf8))
        new[index] = present
        return Proof.Change(leaf: UInt64(index), former: old[index], present: present)
      }
      let proof = try Proof(
        from: MemoryTree(leaves: new),
        old: UInt64(oldCount),
        new: UInt64(newCount),
        changed: changed.map(UInt64.init)
      )
      try proof.verify(old: head(old), new: head(new), changes: changes)
      // One change less, one more, another place, another digest, one node less, more, or changed.
      if let last = changes.last {
        #expect(throws: ProofError.self) {
          try proof.verify(old: head(old), new: head(new), changes: changes.dropLast())
        }
        let moved = Proof.Change(leaf: UInt64(oldCount), former: last.former, present: last.present)
        #expect(throws: ProofError.self) {
          try proof.verify(old: head(old), new: head(new), changes: changes.dropLast() + [moved])
        }
        #expect(throws: ProofError.self) {
          try proof.verify(old: head(old), new: head(new), changes: changes + [last])
        }
        let lie = Proof.Change(leaf: last.leaf, former: last.present, present: last.present)
        #expect(throws: ProofError.oldRootMismatch) {
          try proof.verify(old: head(old), new: head(new), changes: changes.dropLast() + [lie])
        }
        let other = Proof.Change(leaf: last.leaf, former: last.former, present: last.former)
        #expect(throws: ProofError.rootMismatch) {
          try proof.verify(old: head(old), new: head(new), changes: changes.dropLast() + [other])
        }
      }
      for index in proof.nodes.indices {
        var nodes = proof.nodes
        nodes[index] = SHA256TreeHasher.leaf([1])
        #expect(throws: ProofError.self) {
          try Proof(nodes: nodes).verify(old: head(old), new: head(new), changes: changes)
        }
      }
      if !proof.nodes.isEmpty {
        #expect(throws: ProofError.self) {
          try Proof(nodes: proof.nodes.dropLast())
            .verify(old: head(old), new: head(new), changes: changes)
        }
      }
      #expect(throws: ProofError.self) {
        try Proof(nodes: proof.nodes + [SHA256TreeHasher.leaf([2])])
          .verify(old: head(old), new: head(new), changes: changes)
      }
    }
  }

  @Test func `sizes that lie are refused before anything is hashed`() {
    let proof = Proof(nodes: [])
    let some = TreeHead<SHA256TreeHasher>(size: 9, root: SHA256TreeHasher.emptyRoot)
    let less = TreeHead<SHA256TreeHasher>(size: 8, root: SHA256TreeHasher.emptyRoot)
    #expect(throws: ProofError.sizesReversed(old: 9, new: 8)) {
      try proof.verify(old: some, new: less, changes: [])
    }
    let huge = TreeHead<SHA256TreeHasher>(size: .max, root: SHA256TreeHasher.emptyRoot)
    #expect(throws: ProofError.sizeTooLarge(.max)) {
      try proof.verify(old: less, new: huge, changes: [])
    }
    #expect(throws: ProofError.pathLength(expected: 0, actual: 0)) {
      try proof.verify(old: less, new: some, changes: [])
    }
  }
}
