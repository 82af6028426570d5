import Algebra
import CanonicalCoding
import Manifests
import Merkle
import ProofSystem
import Provenance
import Proving
import Testing
import _TestSupport

/// S1T: the columns of a run open to its receipt's tree, in order (F1 to F5).
@Suite struct TrainingLinkTests {
  private static let run = Result {
    try SmallRun(SmallRegistry([9, 4]), order: [4, 0, 12, 7, 3])
  }

  private func link(
    _ run: SmallRun,
    _ range: Range<UInt64>? = nil
  ) throws -> ProvenanceBundle.Link {
    let range = range ?? 0..<run.receipt.count
    let columns = LeafColumns(.training, count: Int(range.count))
    for position in range {
      columns.set(Int(position - range.lowerBound), run.examples[Int(position)])
    }
    return try SmallRegistry.prover.trainingLink(
      run.receipt,
      base: range.lowerBound,
      try places(run, range),
      columns,
      state: nil
    ).link
  }

  private func places(_ run: SmallRun, _ range: Range<UInt64>) throws -> [LinkProver.Place] {
    let tree = LevelTree<Poseidon2TreeHasher>(leaves: run.examples.map(\.poseidon2))
    return try TreeSegment.cover(range, sizes: [run.receipt.count]).map { source, node in
      LinkProver.Place(
        source: source,
        node: node,
        path: try tree.subtreeProof(node, size: run.receipt.count).proof.path
      )
    }
  }

  private func verdict(
    _ link: ProvenanceBundle.Link,
    _ receipt: TrainingReceipt,
    base: UInt64 = 0
  ) -> VerificationError? {
    do throws(VerificationError) {
      let statement = try TrainingLinkStatement(
        receipt: receipt,
        base: base,
        segment: link.segment,
        root: link.root,
        profile: SmallRegistry.profile,
        code: SmallRegistry.code
      ).statement()
      _ = try Verifier.verify(link.proof, of: statement)
      return nil
    } catch {
      return error
    }
  }

  /// The proof of a prover that checks nothing, with FEED's values changed; optionally for other leaves.
  private func forged(
    _ run: SmallRun,
    _ change: (inout [[BaseField]]) -> Void
  ) throws -> VerificationError? {
    let prover = SmallRegistry.prover
    let (segment, tables) = prover.witness(
      try places(run, 0..<run.receipt.count),
      run.trainingColumns
    )
    var values = tables.map(\.values)
    change(&values[0])
    let group = try prover.group(LeafColumns(.training, values: values[0].prefix(11)))
    let statement = TrainingLinkStatement(
      receipt: run.receipt,
      base: 0,
      segment: segment,
      root: group.root,
      profile: SmallRegistry.profile,
      code: SmallRegistry.code
    )
    let link = try SmallRegistry.forged(
      statement.statement(),
      values.map { TableWitness(columns: $0) },
      segment,
      group
    )
    return verdict(link, run.receipt)
  }

  @Test func `a run is linked whole and in segments`() throws {
    let run = try Self.run.get()
    #expect(verdict(try link(run), run.receipt) == nil)
    for range: Range<UInt64> in [0..<3, 3..<5] {
      #expect(verdict(try link(run, range), run.receipt, base: range.lowerBound) == nil)
    }
  }

  @Test func `F1: examples exchanged, left out or doubled are refused`() throws {
    let run = try Self.run.get()
    #expect(
      try forged(run) { leaf in for index in leaf.indices { leaf[index].swapAt(0, 1) } }
        == .constraintsNotSatisfied
    )
    #expect(
      try forged(run) { leaf in for index in leaf.indices { leaf[index][1] = leaf[index][0] } }
        == .constraintsNotSatisfied
    )
  }

  @Test func `F2: record leaves are no training leaves, and element 9 is zero`() throws {
    let run = try Self.run.get()
    let places = try places(run, 0..<run.receipt.count)
    let prover = SmallRegistry.prover
    // The receipt's root is over record leaves, or over leaves whose element 9 is a license.
    let plain = (0..<5).map { index -> Poseidon2Digest in
      var block = run.examples[index].block
      if index == 2 { block[9] = 1 }
      let tag: UInt32 = index == 4 ? 0x4C45_4146 : TrainingLeaf.tag
      return Poseidon2Digest(words: Poseidon2.hashBlock(tag: tag, block: block))
    }
    let tree = LevelTree<Poseidon2TreeHasher>(leaves: plain)
    var receipt = run.receipt
    receipt.poseidon2Root = try tree.head.root
    let (honest, tables) = prover.witness(places, run.trainingColumns)
    var segment = honest
    segment.parts[0].digest = receipt.poseidon2Root
    let statement = TrainingLinkStatement(
      receipt: receipt,
      base: 0,
      segment: segment,
      root: run.trainingGroup.root,
      profile: SmallRegistry.profile,
      code: SmallRegistry.code
    )
    let link = try SmallRegistry.forged(
      statement.statement(),
      tables,
      segment,
      run.trainingGroup
    )
    #expect(verdict(link, receipt) == .constraintsNotSatisfied)
  }

  @Test func `F3: a count or a limb that was changed is refused`() throws {
    let run = try Self.run.get()
    for column in [0, 8, 9, 10] {
      #expect(
        try forged(run) { $0[column][2] = $0[column][2] + .one } == .constraintsNotSatisfied
      )
    }
  }

  @Test func `F4: another receipt, count, base or segment is refused`() throws {
    let run = try Self.run.get()
    let link = try link(run)
    var other = run.receipt
    other.poseidon2Root = .init(words: .init(repeating: 1))
    #expect(verdict(link, other) == .publicInputInvalid)
    other = run.receipt
    other.count = 6
    #expect(verdict(link, other) == .publicInputInvalid)
    other = run.receipt
    other.privatePart = .of([8])
    #expect(verdict(link, other) == .statementDigestMismatch)
    #expect(verdict(link, run.receipt, base: 1) == .publicInputInvalid)
    var gap = try self.link(run, 0..<3)
    gap.segment.parts.remove(at: 0)
    #expect(verdict(gap, run.receipt) == .publicInputInvalid)
  }

  @Test func `F5: a proof for another root of C_T is refused`() throws {
    let run = try Self.run.get()
    var link = try link(run)
    link.root[5] ^= 4
    #expect(verdict(link, run.receipt) == .statementDigestMismatch)
  }
}
