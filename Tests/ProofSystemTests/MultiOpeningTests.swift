import Algebra
import ProofSystem
import Testing
import _TestSupport

/// Trees that are opened at many positions at once: one list of digests fits, and no other.
@Suite struct MultiOpeningTests {
  private static let depth = 6
  private static let leaves: [BLAKE3.Words] = (0..<1 << depth).map { index in
    MerkleHash.leaf([UInt8](repeating: UInt8(index), count: 36)[...])
  }

  private static func node(_ left: BLAKE3.Words, _ right: BLAKE3.Words) -> BLAKE3.Words {
    BLAKE3.hash(key: MerkleHash.nodeKey, left, right)
  }

  /// All levels, leaves first, as a plain loop makes them.
  private static let levels: [[BLAKE3.Words]] = {
    var levels = [leaves]
    while let last = levels.last, last.count > 1 {
      levels.append(
        stride(from: 0, to: last.count, by: 2).map { node(last[$0], last[$0 + 1]) }
      )
    }
    return levels
  }()

  private static let root = levels[depth][0]

  private func opened(
    _ positions: [Int],
    _ digests: [BLAKE3.Words],
    leaves: [BLAKE3.Words]? = nil,
    depth: Int = depth
  ) -> BLAKE3.Words? {
    MultiOpening.root(
      positions,
      leaves: leaves ?? positions.map { Self.leaves[$0] },
      digests: digests,
      depth: depth
    )
  }

  private func digests(_ positions: [Int]) -> [BLAKE3.Words] {
    MultiOpening.places(positions, depth: Self.depth).map { Self.levels[$0.level][$0.index] }
  }

  private static func randomPositions(_ random: inout SeededRandom) -> [Int] {
    var positions: Set<Int> = []
    for _ in 0..<Int.random(in: 1...20, using: &random) {
      positions.insert(Int.random(in: 0..<1 << depth, using: &random))
    }
    return positions.sorted()
  }

  @Test func `any set of positions gives the root with the fewest digests`() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<200 {
      let positions = Self.randomPositions(&random)
      let digests = digests(positions)
      #expect(opened(positions, digests) == Self.root)
      // Fewest: no digest follows from another or from the leaves.
      let places = MultiOpening.places(positions, depth: Self.depth)
      for place in places {
        let covered = positions.contains { $0 >> place.level == place.index }
        #expect(!covered)
      }
      #expect(Set(places).count == places.count)
    }
    #expect(opened(Array(0..<1 << Self.depth), []) == Self.root)
  }

  @Test
  func `a digest or a leaf too many, too few, elsewhere or altered gives another root or none`() {
    var random = SeededRandom(seed: 6)
    for _ in 0..<100 {
      let positions = Self.randomPositions(&random)
      let (digests, leaves) = (digests(positions), positions.map { Self.leaves[$0] })
      let index = Int.random(in: 0..<digests.count, using: &random)
      var dropped = digests
      dropped.remove(at: index)
      #expect(opened(positions, dropped) == nil, "a missing sibling")
      #expect(opened(positions, digests + [digests[index]]) == nil, "a superfluous sibling")
      var altered = digests
      altered[index] = leaves[0]
      #expect(opened(positions, altered) != Self.root)
      if digests.count > 1 {
        var swapped = digests
        swapped.swapAt(index, (index + 1) % digests.count)
        #expect(opened(positions, swapped) != Self.root)
      }
      #expect(opened(positions, digests, leaves: leaves + [leaves[0]]) == nil)
      #expect(opened(positions, digests, leaves: leaves.dropLast()) == nil)
      #expect(opened(positions, digests, depth: Self.depth - 1) != Self.root, "a depth too small")
      #expect(opened(positions, digests, depth: Self.depth + 1) != Self.root, "a depth too large")
      let elsewhere = positions.map { $0 ^ 1 }.sorted()
      if elsewhere != positions {
        #expect(opened(elsewhere, digests, leaves: leaves) != Self.root, "another position")
      }
      let repeated = positions + [positions[positions.count - 1]]
      #expect(
        opened(repeated, digests, leaves: leaves + [leaves[leaves.count - 1]]) != Self.root,
        "a position twice"
      )
      let above = positions.map { $0 + 1 << Self.depth }
      #expect(opened(above, digests, leaves: leaves) == nil, "bits above the depth")
    }
    #expect(opened([], [Self.root]) == nil)
  }

  @Test func `a leaf is no node: the keys keep them apart`() {
    // Two digests as the bytes of a leaf hash to something else than their node.
    let pair = Self.bytes(Self.leaves[0]) + Self.bytes(Self.leaves[1])
    #expect(MerkleHash.leaf(pair[...]) != Self.levels[1][0])
    #expect(MerkleHash.leafKey != MerkleHash.nodeKey)
    // A tree of half the depth over such leaves has another root.
    let short = stride(from: 0, to: Self.leaves.count, by: 2).map { index in
      MerkleHash.leaf((Self.bytes(Self.leaves[index]) + Self.bytes(Self.leaves[index + 1]))[...])
    }
    #expect(zip(short, Self.levels[1]).allSatisfy(!=))
  }

  private static func bytes(_ words: BLAKE3.Words) -> [UInt8] {
    (0..<8).flatMap { ProofCoding.bytes(words[$0]) }
  }
}
