import Algebra
import CanonicalCoding
import Manifests
import Merkle
import ProofSystem
import Provenance
import Proving
import Testing
import _TestSupport

/// S1: columns open to exactly the leaves of the trees under the combined root; what a cheating prover tries
/// instead is refused for the reason that the design names (L1 to L14).
@Suite struct LinkTests {
  private static let registry = SmallRegistry([5, 1, 0, 7])

  /// The verdict about the link of a prover that checks nothing.
  ///
  /// Roots and subtrees are those of the registry; `columns` is committed instead of its leaves, with the inner nodes
  /// of the true leaves or of its own; `change` alters the tables' values: LEAF, NODE, PART, BYTE.
  private func forged(
    _ registry: SmallRegistry,
    columns: LeafColumns? = nil,
    honestNodes: Bool = true,
    _ change: (inout [[[BaseField]]]) -> Void = { _ in }
  ) throws -> VerificationError? {
    let prover = SmallRegistry.prover
    let places = try registry.places
    let (segment, honest) = prover.witness(places, registry.columns)
    var tables = honest.map(\.values)
    if let columns {
      let other = prover.witness(places, columns).tables.map(\.values)
      for index in tables.indices where !honestNodes || index != 1 { tables[index] = other[index] }
    }
    change(&tables)
    // The group holds what LEAF holds: a proof over other columns would be refused before any rule.
    let group = try prover.group(LeafColumns(.registry, values: tables[0].prefix(20)))
    let statement = SmallRegistry.statement(registry.committed, segment, root: group.root)
    let link = try SmallRegistry.forged(
      statement.unchecked(leafCount: registry.leafCount),
      tables.map { TableWitness(columns: $0) },
      segment,
      group
    )
    return registry.verdict(link)
  }

  /// Honest columns with one value changed.
  private func columns(
    _ registry: SmallRegistry,
    _ change: (LeafColumns) -> Void
  ) -> LeafColumns {
    let columns = registry.columns
    change(columns)
    return columns
  }

  // MARK: accepted

  @Test func `a link over sources of 5, 1, 0 and 7 leaves is accepted`() throws {
    #expect(Self.registry.verdict(try Self.registry.link()) == nil)
  }

  @Test func `one leaf alone, which has no inner node, is linked`() throws {
    let registry = SmallRegistry([1])
    #expect(registry.verdict(try registry.link()) == nil)
  }

  @Test func `segments that cut sources in the middle are linked one by one`() throws {
    let registry = SmallRegistry([5, 9, 7])
    for range in [0..<3, 3..<8, 8..<20, 20..<21] {
      let link = try SmallRegistry.prover.link(
        registry.committed,
        registry.places(UInt64(range.lowerBound)..<UInt64(range.upperBound)),
        registry.columns(range),
        state: nil
      ).link
      #expect(registry.verdict(link) == nil)
    }
  }

  @Test func `a tombstone is linked as one`() throws {
    var registry = Self.registry
    let stone = Tombstone(reason: .erasure, day: SmallRegistry.day, formerLeaf: .of([1]))
    registry.sources[0][2] = .tombstone(stone)
    #expect(registry.verdict(try registry.link()) == nil)
  }

  // MARK: L1, L2, L4

  @Test
  func `L1: a limb, license, flag, count or salt that was changed behind the tree is refused`()
    throws
  {
    for column in [0, 8, 9, 10, 13, 14] {
      let changed = columns(Self.registry) { $0.group[column][3] ^= 1 }
      #expect(try forged(Self.registry, columns: changed) == .constraintsNotSatisfied)
      #expect(
        try forged(Self.registry, columns: changed, honestNodes: false)
          == .constraintsNotSatisfied
      )
    }
    // The salt stands behind the group.
    #expect(
      try forged(Self.registry) { $0[0][20][3] = $0[0][20][3] + .one } == .constraintsNotSatisfied
    )
  }

  @Test func `L2: a record left out for another one twice, and two rows exchanged, are refused`()
    throws
  {
    for (from, to) in [(3, 4), (8, 7)] {
      #expect(
        try forged(Self.registry) { tables in
          for column in tables[0].indices { tables[0][column][to] = tables[0][column][from] }
        } == .constraintsNotSatisfied
      )
    }
    #expect(
      try forged(Self.registry) { tables in
        for column in tables[0].indices { tables[0][column].swapAt(3, 4) }
      } == .constraintsNotSatisfied
    )
  }

  @Test
  func `L4, P16: a record under another source's label is refused, one, all, or two equal ones`()
    throws
  {
    #expect(
      try forged(Self.registry) { $0[0][18][2] = BaseField(reducing: 3) }
        == .constraintsNotSatisfied
    )
    #expect(
      try forged(Self.registry) { tables in
        for row in 0..<5 { tables[0][18][row] = .one }
        for row in tables[1][0].indices where tables[1][0][row] == .zero {
          tables[1][0][row] = .one
        }
      } == .constraintsNotSatisfied
    )
    var equal = SmallRegistry([3, 3], salted: false)
    equal.sources[1][0] = equal.sources[0][0]
    #expect(equal.verdict(try equal.link()) == nil)
    #expect(try forged(equal) { $0[0][18].swapAt(0, 3) } == .constraintsNotSatisfied)
  }

  // MARK: L3, L7

  @Test func `L3: a node's digest is no leaf, a leaf's digest is no node`() throws {
    // A row of LEAF that claims the digest of the node over leaves 0 and 1.
    #expect(
      try forged(Self.registry) { tables in
        for index in 0..<8 { tables[0][24 + 199 - 8 + index][0] = tables[1][4 + index][2] }
      } == .constraintsNotSatisfied
    )
    // A node whose second child has size 0.
    #expect(
      try forged(Self.registry) { tables in
        tables[1][2][0] = BaseField(reducing: 2)
        tables[1][3][0] = .zero
      } == .constraintsNotSatisfied
    )
  }

  @Test func `L7: fixed points, wrong splits and sizes that wrap are refused`() throws {
    // node(l, r) = l is easy to find; here a node row takes a digest that it gives.
    #expect(
      try forged(Self.registry) { tables in
        for index in 0..<8 { tables[1][12 + index][1] = tables[1][4 + index][1] }
      } == .constraintsNotSatisfied
    )
    // The split of a node of four leaves moved by one.
    #expect(
      try forged(Self.registry) { tables in
        let row = tables[1][2].firstIndex(of: BaseField(reducing: 2)) ?? 0
        tables[1][2][row] = .one
        tables[1][3][row] = BaseField(reducing: 3)
      } == .constraintsNotSatisfied
    )
    // Sizes s + 1 and p − 1 add up to s.
    #expect(
      try forged(Self.registry) { tables in
        tables[1][2][0] = tables[1][2][0] + tables[1][3][0] + .one
        tables[1][3][0] = BaseField(-1)
      } == .constraintsNotSatisfied
    )
    // A cycle: two rows that take each other's start.
    #expect(
      try forged(Self.registry) { tables in tables[1][1].swapAt(0, 1) } == .constraintsNotSatisfied
    )
  }

  // MARK: L8, L11, L13

  @Test func `L8: a count has one decomposition`() throws {
    for (column, value) in [
      (10, BaseField(reducing: 256)), (11, BaseField(-1)), (13, BaseField(reducing: 64)),
      (13, BaseField(-1)),
    ] {
      #expect(
        try forged(Self.registry) { $0[0][column][3] = value } == .constraintsNotSatisfied
      )
    }
    // v written as v + p: all four cells are bytes, and the sum is the same element; only the top byte is 64 or more.
    let p = UInt64(BaseField.modulus)
    let changed = columns(Self.registry) { columns in
      let v = (0..<4).reduce(UInt64(0)) { $0 + UInt64(columns.group[10 + $1][3]) << UInt64(8 * $1) }
      for index in 0..<4 {
        columns.group[10 + index][3] = UInt32((v + p) >> UInt64(8 * index) & 255)
      }
    }
    #expect(try forged(Self.registry, columns: changed) == .constraintsNotSatisfied)
    // B3 = y / 4 in F: 4 B3 is a byte, B3 is none.
    #expect(
      try forged(Self.registry) { tables in
        tables[0][13][3] = BaseField(reducing: UInt64(p + 1) / 4 * 3 % p)
      } == .constraintsNotSatisfied
    )
    #expect(try forged(Self.registry) { $0[0].swapAt(2, 3) } == .constraintsNotSatisfied)
  }

  @Test func `L11, A23: a removed record does not come back`() throws {
    var registry = Self.registry
    let stone = Tombstone(reason: .optOut, day: SmallRegistry.day, formerLeaf: .of([1]))
    registry.sources[0][2] = .tombstone(stone)
    let live = columns(registry) { $0.group[19][2] = 1 }
    #expect(try forged(registry, columns: live) == .constraintsNotSatisfied)
    #expect(try forged(registry) { $0[0][19][2] = .one } == .constraintsNotSatisfied)
    for value in [BaseField(reducing: 2), BaseField(-1), BaseField(reducing: 1_065_353_217)] {
      #expect(try forged(registry) { $0[0][19][2] = value } == .constraintsNotSatisfied)
      #expect(try forged(registry) { $0[0][19][3] = value } == .constraintsNotSatisfied)
    }
    // A record that says it is a tombstone.
    let dead = columns(registry) { $0.group[19][3] = 0 }
    #expect(try forged(registry, columns: dead) == .constraintsNotSatisfied)
  }

  @Test func `L13: a leaf of another kind in a source tree cannot be linked`() throws {
    var registry = Self.registry
    let record = SmallRegistry.record("a training example")
    let example = TrainingLeaf(record, position: 0, runKey: [1])
    // The tree really holds the training leaf; the columns hold the same elements.
    let other = SmallRegistry.record("a training example", salt: example.salt.bytes)
    registry.sources[0][2] = .record(other)
    #expect(other.block == example.block)
    #expect(other.poseidon2 != example.poseidon2)
    var digests = registry.trees[0].leaves
    digests[2] = example.poseidon2
    let tree = LevelTree<Poseidon2TreeHasher>(leaves: digests)
    var committed = registry.committed
    committed.sources[0].head = try tree.head
    committed.root = SmallRegistry.combinedRoot(committed.sources)
    let prover = SmallRegistry.prover
    var places = try registry.places
    places[0] = LinkProver.Place(source: 0, node: Subtree(start: 0, count: 5), path: [])
    let (honest, tables) = prover.witness(places, registry.columns)
    var segment = honest
    segment.parts[0].digest = try tree.head.root
    let group = try prover.group(registry.columns)
    let statement = SmallRegistry.statement(committed, segment, root: group.root)
    let link = try SmallRegistry.forged(statement.statement(), tables, segment, group)
    #expect(registry.verdict(link, registry: committed) == .constraintsNotSatisfied)
  }

  @Test func `L14: two leaves of one source whose places differ by p are told apart`() throws {
    // A source of 2^40 leaves of which two are known, at 0 and at p; all other nodes are arbitrary digests.
    let size: UInt64 = 1 << 40
    let p = UInt64(BaseField.modulus)
    let records = [SmallRegistry.record("zero"), SmallRegistry.record("p")]
    let filler = Poseidon2TreeHasher.emptyRoot
    // Their ways meet at the node over 0 ..< 2^31: p has bit 30 set.
    func path(_ leaf: UInt64) -> [Poseidon2Digest] {
      (0..<40).map { _ in filler }
    }
    func root(_ digest: Poseidon2Digest, _ index: UInt64, _ levels: Range<Int>) -> Poseidon2Digest {
      levels.reduce(digest) { node, level in
        index >> UInt64(level) & 1 == 1
          ? Poseidon2TreeHasher.node(filler, node) : Poseidon2TreeHasher.node(node, filler)
      }
    }
    let zero = root(records[0].poseidon2, 0, 0..<30)
    let other = root(records[1].poseidon2, p, 0..<30)
    let top = root(Poseidon2TreeHasher.node(zero, other), 0, 31..<40)
    var paths = [path(0), path(p)]
    paths[0][30] = other
    paths[1][30] = zero
    let head = TreeHead<Poseidon2TreeHasher>(size: size, root: top)
    let sources = [CommittedRegistry.Source(objectDigest: .of([0]), head: head)]
    let committed = CommittedRegistry(
      combined: .of([1]),
      epoch: 1,
      root: SmallRegistry.combinedRoot(sources),
      sources: sources
    )
    let places = zip([0, p], paths).map {
      LinkProver.Place(source: 0, node: Subtree(start: $0, count: 1), path: $1)
    }
    let columns = LeafColumns(.registry, count: 2)
    for (row, record) in records.enumerated() { columns.set(row, record, source: 0) }
    let prover = SmallRegistry.prover
    let link = try prover.link(committed, places, columns, state: nil).link
    let registry = SmallRegistry([1])
    #expect(registry.verdict(link, registry: committed) == nil)
    // The same with both rows exchanged.
    let (segment, tables) = prover.witness(places, columns)
    var values = tables.map(\.values)
    for column in values[0].indices { values[0][column].swapAt(0, 1) }
    let group = try prover.group(LeafColumns(.registry, values: values[0].prefix(20)))
    let statement = SmallRegistry.statement(committed, segment, root: group.root)
    let exchanged = try SmallRegistry.forged(
      statement.statement(),
      values.map { TableWitness(columns: $0) },
      segment,
      group
    )
    #expect(registry.verdict(exchanged, registry: committed) == .constraintsNotSatisfied)
  }
}
