internal import Algebra
internal import Merkle
public import ProofSystem

/// S1: row x of the column group U is leaf x, in order, of the listed subtrees of the source trees under a combined
/// root, with its source; rows that are tombstones are marked.
public struct LinkStatement: Hashable, Sendable {
  /// The columns of U: nine limbs, license entry with flags, four bytes each of both counts, source, live.
  public static let groupColumns =
    (0..<9).map { "D\($0)" } + ["lf"] + (0..<4).map { "B\($0)" } + (0..<4).map { "K\($0)" }
    + ["src", "live"]
  /// The columns of LEAF before its cells: U and the salt.
  public static let leafInputCount = 24
  private static let recordTag: UInt64 = 0x4C45_4146
  private static let tombstoneTag: UInt64 = 0x544F_4D42

  /// The permutation of a leaf's row; live chooses the tag of a record or of a tombstone.
  public static let leafGadget: Poseidon2Gadget = {
    let tombstone = BaseField(reducing: tombstoneTag)
    let tag =
      LinearForm(column: 19) * (BaseField(reducing: recordTag) - tombstone)
      + LinearForm(constant: tombstone)
    let message =
      (0..<10).map { LinearForm(column: $0) } + [TreeTables.number(10), TreeTables.number(14)]
      + (20..<24).map { LinearForm(column: $0) }
    return Poseidon2Gadget(
      .wide,
      input: message + TreeTables.capacity(tag: tag),
      firstCell: leafInputCount
    )
  }()

  /// The registry's epoch.
  public let registry: CommittedRegistry
  /// What is opened.
  public let segment: TreeSegment
  /// The root of U.
  public let root: [UInt8]
  /// The profile.
  public let profile: Profile
  /// The code of the epoch's groups.
  public let code: CodeParameters

  /// A statement; `statement()` checks it.
  public init(
    registry: CommittedRegistry,
    segment: TreeSegment,
    root: [UInt8],
    profile: Profile,
    code: CodeParameters
  ) {
    (self.registry, self.segment, self.root) = (registry, segment, root)
    (self.profile, self.code) = (profile, code)
  }

  /// The tables, once every public input has passed its check.
  ///
  /// - Throws: `VerificationError.publicInputInvalid`.
  public func statement() throws(VerificationError) -> Statement {
    guard
      CompactRange<Poseidon2TreeHasher>.root(of: registry.sources.map(\.leaf)) == registry.root
    else { throw .publicInputInvalid }
    let count = try segment.check(registry.sources.map(\.head))
    return statement(leafCount: count)
  }

  /// The tables without the check, for their shapes, and for tests with provers that cheat.
  package func unchecked(leafCount: Int) -> Statement { statement(leafCount: leafCount) }

  private func statement(leafCount: Int) -> Statement {
    let leaves = TreeTables.leaves("LEAF", count: leafCount, Self.leafColumns, Self.leafRules)
    let nodes = TreeTables.node(rowCount: leafCount - segment.parts.count, group: 1)
    return Statement(
      kind: "link",
      profile: profile,
      tables: [leaves] + (nodes.map { [$0] } ?? [])
        + [TreeTables.part(segment), TreeTables.byte(group: 1)],
      code: code,
      groups: [.reusable("U", root: root), .main],
      publicInputs: registry.publicInputs + segment.publicInputs
    )
  }

  private static let leafColumns = TreeTables.leafColumns(groupColumns, leafGadget)

  private static let leafRules: TableRules = {
    func c(_ index: Int) -> Expression { .column(index) }
    let four = BaseField(reducing: 4)
    return TableRules(
      [Constraint("live is 0 or 1", c(19) * (c(19) - 1))] + leafGadget.constraints,
      [
        Message(
          tag: Bus.node,
          numerators: [-1],
          values: [c(18), .publicColumn(0), 1] + leafGadget.outputs.map { c($0) },
          bound: .atMost(1)
        ),
        TreeTables.pair(c(10), c(11)), TreeTables.pair(c(12), c(13)),
        TreeTables.pair(c(14), c(15)), TreeTables.pair(c(16), c(17)),
        // With their own ranges this keeps both top bytes below 64, and each count below 2^30: without it a
        // count v has the second decomposition v + p.
        TreeTables.pair(
          .linear(LinearForm(column: 13) * four),
          .linear(LinearForm(column: 17) * four)
        ),
      ],
      columnCount: leafColumns.count,
      publicColumnCount: 1
    )
  }()
}

extension LinkStatement: LeafStatement {}

extension CommittedRegistry.Source {
  /// sponge(SRCE, 1, …): nine limbs of the object's digest, the size in two limbs, the root.
  var leaf: Poseidon2Digest {
    let limbs = [head.size & 0x3FFF_FFFF, head.size >> 30].map { BaseField(reducing: $0) }
    return Poseidon2Digest(
      words: Poseidon2.sponge(
        tag: 0x5352_4345,
        message: objectDigest.limbs + limbs + head.root.elements
      )
    )
  }
}
