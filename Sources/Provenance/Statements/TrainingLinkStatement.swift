internal import Algebra
public import Manifests
internal import Merkle
public import ProofSystem

/// S1T: row x of the column group C_T is training leaf base + x of a receipt, in order.
public struct TrainingLinkStatement: Hashable, Sendable {
  /// The columns of C_T: nine limbs and both counts.
  public static let groupColumns = (0..<9).map { "D\($0)" } + ["bc", "wc"]
  /// The columns of FEED before its cells: C_T and the salt.
  public static let leafInputCount = 15

  /// The permutation of an example's row; element 9 is the constant 0.
  public static let leafGadget: Poseidon2Gadget = {
    let message =
      (0..<9).map { LinearForm(column: $0) } + [LinearForm()]
      + (9..<15).map { LinearForm(column: $0) }
    let tag = LinearForm(constant: BaseField(reducing: UInt64(TrainingLeaf.tag)))
    return Poseidon2Gadget(
      .wide,
      input: message + TreeTables.capacity(tag: tag),
      firstCell: leafInputCount
    )
  }()

  /// The public head.
  public let receipt: TrainingReceipt
  /// The position of the first example.
  public let base: UInt64
  /// What is opened, with source 0 in every part.
  public let segment: TreeSegment
  /// The root of C_T.
  public let root: [UInt8]
  /// The profile.
  public let profile: Profile
  /// The code of the epoch's groups.
  public let code: CodeParameters

  /// A statement; `statement()` checks it.
  public init(
    receipt: TrainingReceipt,
    base: UInt64,
    segment: TreeSegment,
    root: [UInt8],
    profile: Profile,
    code: CodeParameters
  ) {
    (self.receipt, self.base, self.segment, self.root) = (receipt, base, segment, root)
    (self.profile, self.code) = (profile, code)
  }

  /// The tables, once every public input has passed its check.
  ///
  /// - Throws: `VerificationError.publicInputInvalid`.
  public func statement() throws(VerificationError) -> Statement {
    let count = try segment.check([TreeHead(size: receipt.count, root: receipt.poseidon2Root)])
    guard segment.parts.first?.node.start == base else { throw .publicInputInvalid }
    for (part, next) in zip(segment.parts, segment.parts.dropFirst()) {
      guard part.node.end == next.node.start else { throw .publicInputInvalid }
    }
    return statement(leafCount: count)
  }

  /// The tables without the check, for their shapes, and for tests with provers that cheat.
  package func unchecked(leafCount: Int) -> Statement { statement(leafCount: leafCount) }

  private func statement(leafCount: Int) -> Statement {
    let leaves = TreeTables.leaves("FEED", count: leafCount, Self.leafColumns, Self.leafRules)
    let nodes = TreeTables.node(rowCount: leafCount - segment.parts.count, group: 1)
    let inputs =
      receipt.digest.bytes + receipt.poseidon2Root.statementBytes
      + ProofCoding.bytes(receipt.count) + ProofCoding.bytes(base)
    return Statement(
      kind: "link-training",
      profile: profile,
      tables: [leaves] + (nodes.map { [$0] } ?? [])
        + [TreeTables.part(segment)],
      code: code,
      groups: [.reusable("C_T", root: root), .main],
      publicInputs: inputs + segment.publicInputs
    )
  }

  private static let leafColumns = TreeTables.leafColumns(groupColumns, leafGadget)

  private static let leafRules = TableRules(
    leafGadget.constraints,
    [
      Message(
        tag: Bus.node,
        numerators: [-1],
        values: [0, .publicColumn(0), 1] + leafGadget.outputs.map { .column($0) },
        bound: .atMost(1)
      )
    ],
    columnCount: leafColumns.count,
    publicColumnCount: 1
  )
}

extension TrainingLinkStatement: LeafStatement {}
