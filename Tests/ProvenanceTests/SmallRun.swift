import Algebra
import CanonicalCoding
import Files
import Manifests
import Merkle
import ProofSystem
import Provenance
import Proving
import _TestSupport

/// A training run over a small registry: links, receipt, and the statement about both.
struct SmallRun {
  /// The numbers of the tables of a run with one segment of each kind.
  enum Table {
    static let records = 0
    static let examples = 1
    static let decisions = 2
    static let totals = 3
    static let bytes = 4
  }

  let registry: SmallRegistry
  /// The records that were read, by their place among all leaves.
  let order: [Int]
  let examples: [TrainingLeaf]
  var uses: [WordBuffer]
  var useLimit = 1
  /// What may be used: both license entries of every source, classes by entry.
  var decisions: [DecisionRow]
  var ranges: [TotalRange]
  let registryGroup: ReusableGroup
  let trainingGroup: ReusableGroup
  var registryColumns: LeafColumns
  var trainingColumns: LeafColumns

  /// A run that reads records in an order; the groups are committed, but not linked.
  init(
    _ registry: SmallRegistry,
    order: [Int],
    examples changed: [TrainingLeaf]? = nil,
    columns: LeafColumns? = nil
  ) throws {
    self.registry = registry
    self.order = order
    let all = registry.sources.flatMap { $0 }
    let runKey = [UInt8](repeating: 9, count: 32)
    let read = order.enumerated().compactMap { position, place -> TrainingLeaf? in
      guard case .record(let record) = all[place] else { return nil }
      return TrainingLeaf(record, position: UInt64(position), runKey: runKey)
    }
    examples = changed ?? read
    registryColumns = columns ?? registry.columns
    trainingColumns = LeafColumns(.training, count: examples.count)
    for (row, example) in examples.enumerated() { trainingColumns.set(row, example) }
    let counts = WordBuffer(zeros: registry.leafCount)
    for place in order { counts[place] += 1 }
    uses = [counts]
    decisions = Self.decisions(sources: registry.sources.count)
    ranges = Array(repeating: .any, count: 6)
    let prover = SmallRegistry.prover
    registryGroup = try prover.group(registryColumns)
    trainingGroup = try prover.group(trainingColumns)
  }

  /// Every source, both entries, all flags that a record without preference can have.
  static func decisions(sources: Int) -> [DecisionRow] {
    (0..<sources).flatMap { source in
      (0..<8).flatMap { free in
        (0..<2).map { entry in
          DecisionRow(source: source, lf: entry + (free << 1) << 16, classIndex: entry)
        }
      }
    }.sorted { ($0.source, $0.lf) < ($1.source, $1.lf) }
  }

  var receipt: TrainingReceipt {
    TrainingReceipt(
      combined: registry.committed.combined,
      epoch: 1,
      policy: .of([1]),
      decisionTable: .of([2]),
      uses: ["train"],
      asOf: SmallRegistry.day,
      order: .committed,
      count: UInt64(examples.count),
      privatePart: .of([3]),
      sha256Root: CompactRange<SHA256TreeHasher>.root(of: examples.map(\.sha256)),
      poseidon2Root: CompactRange<Poseidon2TreeHasher>.root(of: examples.map(\.poseidon2))
    )
  }

  var context: ProofContext {
    ProofContext(forTestsOf: registry.committed, receipt: receipt.digest)
  }

  func statement(nonce: [UInt8] = Array(repeating: 0, count: 32)) -> ProvenanceStatement {
    ProvenanceStatement(
      context: context,
      registryGroups: [
        ProvenanceStatement.Group(root: registryGroup.root, count: registryColumns.count)
      ],
      trainingGroups: [
        ProvenanceStatement.Group(root: trainingGroup.root, count: trainingColumns.count)
      ],
      useLimit: useLimit,
      decisions: decisions,
      ranges: ranges,
      profile: SmallRegistry.profile,
      code: SmallRegistry.code,
      nonce: nonce
    )
  }

  var witness: ProvenanceWitness {
    ProvenanceWitness(registry: [registryColumns], uses: uses, training: [trainingColumns])
  }

  var groups: [ReusableGroup] { [registryGroup, trainingGroup] }

  func prove() throws -> [UInt8] {
    try ProvenanceProver.prove(
      statement(),
      witness,
      groups: groups,
      kernels: .best(workerCount: 2)
    )
  }

  /// The proof of a prover that checks nothing, with tables that a test changed.
  func forged(_ change: (inout [[[BaseField]]]) -> Void = { _ in }) throws -> [UInt8] {
    let statement = statement()
    var values = witness.uncheckedTables(statement).map(\.values)
    change(&values)
    return try Prover.proveUnchecked(
      statement.unchecked(),
      values.map { TableWitness(columns: $0) },
      groups: groups,
      randomness: ProverRandomness(),
      kernels: .best(workerCount: 2)
    ).bytes
  }

  func verdict(_ proof: [UInt8], of other: ProvenanceStatement? = nil) -> VerificationError? {
    do throws(VerificationError) {
      _ = try Verifier.verify(proof, of: (other ?? statement()).statement())
      return nil
    } catch {
      return error
    }
  }
}
