public import Algebra
internal import Kernels
public import Manifests
public import Merkle
public import ProofSystem
public import Provenance

/// Makes the proofs that tie a group of columns to leaves of trees: S1 and S1T, one segment at a time.
public struct LinkProver: Sendable {
  /// A subtree with the way to its root, as a stored tree gives it.
  public struct Place: Sendable {
    /// The index of the tree.
    public let source: Int
    /// The leaves.
    public let node: Subtree
    /// The siblings up to the root.
    public let path: [Poseidon2Digest]

    /// A place from its parts.
    public init(source: Int, node: Subtree, path: [Poseidon2Digest]) {
      (self.source, self.node, self.path) = (source, node, path)
    }
  }

  /// A link with what later proofs about the group begin from.
  public struct Made: Sendable {
    /// The link.
    public let link: ProvenanceBundle.Link
    /// The digests of the group's leaves (`ReusableGroup.leaves`).
    public let leaves: WordBuffer
  }

  /// The profile.
  public let profile: Profile
  /// The code of all groups.
  public let code: CodeParameters
  /// The loops.
  public let kernels: ProverKernels

  /// A prover.
  public init(profile: Profile, code: CodeParameters, kernels: ProverKernels) {
    (self.profile, self.code, self.kernels) = (profile, code, kernels)
  }

  /// Commits U of a segment and proves S1.
  ///
  /// - Parameters:
  ///   - registry: the epoch.
  ///   - places: the segment.
  ///   - columns: its leaves in order.
  ///   - state: the file with the group's coins and ledger; `nil` for a group that lives as long as the process.
  /// - Returns: the link.
  /// - Throws: `Prover.Failure`; `statement(publicInputInvalid)` when leaves and roots do not belong together.
  public func link(
    _ registry: CommittedRegistry,
    _ places: [Place],
    _ columns: LeafColumns,
    state: String?
  ) throws(Prover.Failure) -> Made {
    try prove(places, columns, state) { segment, root in
      LinkStatement(
        registry: registry,
        segment: segment,
        root: root,
        profile: profile,
        code: code
      )
    }
  }

  /// Commits C_T of a segment and proves S1T.
  ///
  /// - Parameters:
  ///   - receipt: the public head.
  ///   - base: the position of the first example.
  ///   - places: the segment, with source 0.
  ///   - columns: its examples in order.
  ///   - state: as for `link`.
  /// - Returns: the link.
  /// - Throws: `Prover.Failure`.
  public func trainingLink(
    _ receipt: TrainingReceipt,
    base: UInt64,
    _ places: [Place],
    _ columns: LeafColumns,
    state: String?
  ) throws(Prover.Failure) -> Made {
    try prove(places, columns, state) { segment, root in
      TrainingLinkStatement(
        receipt: receipt,
        base: base,
        segment: segment,
        root: root,
        profile: profile,
        code: code
      )
    }
  }

  // MARK: parts of a proof

  /// The segment with its digests, and the tables' witness, in the room for it if there is some.
  package func witness(
    _ places: [Place],
    _ columns: LeafColumns,
    in room: WitnessRoom? = nil
  ) -> (segment: TreeSegment, tables: [TableWitness]) {
    let first = columns.group.count + columns.salts.count
    let salts = room?.part(0, columns.group.count..<first) ?? columns.salts
    if room != nil {
      for (target, salt) in zip(salts, columns.salts) { target.copy(salt, 0..<salt.count, to: 0) }
    }
    let inputs = columns.group + salts
    let gadget =
      columns.kind == .registry ? LinkStatement.leafGadget : TrainingLinkStatement.leafGadget
    let cells = DerivedColumns.cells(
      of: gadget,
      given: Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ($0, $1) }),
      rowCount: columns.count,
      into: room?.part(0, first..<first + gadget.definitions.count),
      kernels: kernels
    )
    let outputs = cells.suffix(8)
    let leaves = (0..<columns.count).map { row in
      var words = Poseidon2.Words()
      for (index, column) in outputs.enumerated() { words[index] = column[row] }
      return Poseidon2Digest(words: words)
    }
    let hasNodes = columns.count > places.count
    let inner = TreeTables.nodeInputCount
    let tree = TreeWitness(
      places.map { ($0.source, $0.node) },
      leaves: leaves,
      into: hasNodes ? room?.part(1, 0..<inner) : nil
    )
    let parts = zip(places, tree.digests).map { place, digest in
      TreeSegment.Part(source: place.source, node: place.node, digest: digest, path: place.path)
    }
    var tables = [TableWitness(words: inputs + cells)]
    if hasNodes {
      let cells = inner..<inner + TreeTables.nodeGadget.definitions.count
      tables.append(tree.table(into: room?.part(1, cells), kernels))
    }
    tables.append(TableWitness(words: []))
    if columns.kind == .registry {
      let bytes = ByteLookups(in: room?.part(tables.count, 0..<1).first)
      for first in [10, 12, 14, 16] { bytes.add(columns.group[first], columns.group[first + 1]) }
      bytes.add(columns.group[13], columns.group[17], times: 4)
      tables.append(bytes.table)
    }
    return (TreeSegment(parts), tables)
  }

  /// Commits the columns of the reusable group.
  package func group(
    _ columns: LeafColumns,
    state: String? = nil
  ) throws(Prover.Failure) -> ReusableGroup {
    do throws(ReusableGroup.Failure) {
      return try ReusableGroup(
        committing: Self.shaped(columns),
        code: code,
        path: state,
        kernels: kernels
      )
    } catch {
      throw .group(error)
    }
  }

  /// The columns of a group with their height.
  static func shaped(
    _ columns: LeafColumns
  ) -> [(shape: ReusableGroup.Shape, words: WordBuffer)] {
    let log = StatementShape.logReusablePadRowCount
    let shape = ReusableGroup.Shape(
      logHeight: StatementShape.logHeight(rowCount: columns.count, logPadRowCount: log),
      logPadRowCount: log
    )
    return columns.group.map { (shape, $0) }
  }

  /// Commits the columns, and proves the statement about their root.
  private func prove(
    _ places: [Place],
    _ columns: LeafColumns,
    _ state: String?,
    _ statement: (TreeSegment, [UInt8]) -> some LeafStatement
  ) throws(Prover.Failure) -> Made {
    // The tables' shapes follow from the places: their columns are computed where they are committed.
    let blank = places.map { place in
      TreeSegment.Part(
        source: place.source,
        node: place.node,
        digest: Poseidon2Digest(words: Poseidon2.Words()),
        path: place.path
      )
    }
    let shape = statement(TreeSegment(blank), []).unchecked(leafCount: columns.count)
    let room = WitnessRoom(shape)
    let (segment, tables) = witness(places, columns, in: room)
    let group = try group(columns, state: state)
    let checked: Statement
    do throws(VerificationError) { checked = try statement(segment, group.root).statement() } catch
    {
      throw .statement(error)
    }
    let proof = try Prover.prove(checked, tables, in: room, groups: [group], kernels: kernels)
    return Made(
      link: ProvenanceBundle.Link(segment: segment, root: group.root, proof: proof.bytes),
      leaves: group.leaves
    )
  }
}
