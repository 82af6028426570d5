import Algebra
import ProofSystem
import Proving
import Synchronization
import Testing
import _TestSupport

/// The exact test of zero knowledge: for fixed challenges the whole view of a verifier, hashes aside, has
/// the same distribution for two witnesses of one statement.
///
/// Every random draw is a variable. (1) The evaluations are onto over the pad rows. (2) Pad rows of the
/// second witness are chosen so that all evaluations are those of the first. (3) What is left is affine
/// in all other draws; the linear part is the same for both witnesses, and the difference of the offsets
/// lies in its column space. Together these give equal distributions. Each control takes one resource
/// away and must report a leak.
@Suite struct ExactZeroKnowledgeTests {
  typealias F = BaseField

  /// What a control takes away.
  enum Control: CaseIterable {
    case none, queriesEqualBudget
    case noMasks, noQueryZone, noBlinder, noPadRows, onePadRow, tooManyQueries
    /// Two proofs that open one reusable group; with more positions, and with fewer pad rows, than hide.
    case twoProofs, twoProofsTooManyQueries, twoProofsFewPadRows

    /// The proofs' challenges.
    var coins: [[UInt8]] {
      switch self {
      case .twoProofs, .twoProofsTooManyQueries, .twoProofsFewPadRows: [[77], [78]]
      default: [[77]]
      }
    }
  }

  /// A purpose of draws, and the number of the draw.
  struct Draw: Hashable, Sendable {
    var label: String
    var index: Int
  }

  /// Two tables whose first columns are the same multiset; in the first, y = x².
  ///
  /// With a reusable group, x of the first table belongs to it.
  private static func statement(group: [UInt8]?) -> Statement {
    let main = group == nil ? 0 : 1
    func table(_ name: String, groups: [Int], sign: Expression) -> Table {
      let x = ProofSystem.Expression.column(0)
      return Table(
        name: name,
        logHeight: 5,
        activeRowCount: 3,
        logPadRowCount: 4,
        columns: groups.enumerated().map { Column("c\($0)", group: $1) },
        constraints: groups.count == 2 ? [Constraint("y = x x", .column(1) - x * x)] : [],
        messages: [Message(tag: 3, numerators: [sign], values: [x], bound: .atMost(1))]
      )
    }
    return Statement(
      kind: "exact",
      profile: .uniqueDecoding100,
      tables: [
        table("A", groups: [0, main], sign: 1), table("B", groups: [main], sign: -1),
      ],
      code: code,
      groups: (group.map { [.reusable("x", root: $0)] } ?? []) + [.main]
    )
  }

  private static let code = CodeParameters(
    logDataLength: 6,
    logTailLength: 6,
    logInverseRate: 2,
    maskZoneLength: 48
  )

  private static func witness(_ x: [Int], _ y: [Int]) -> [TableWitness] {
    [
      TableWitness(columns: [x.map { F($0) }, x.map { F($0 * $0) }]),
      TableWitness(columns: [y.map { F($0) }]),
    ]
  }

  private static let witnesses = [witness([3, 5, 9], [9, 3, 5]), witness([7, 8, 1], [1, 8, 7])]

  /// One experiment: a control and its queries.
  private struct Experiment {
    let control: Control

    var queryCount: Int {
      switch control {
      // Draws may repeat positions; what counts is how many are distinct.
      case .queriesEqualBudget: Self.drawsForBudget
      case .tooManyQueries: 40
      case .twoProofsTooManyQueries: 12
      default: 6
      }
    }

    /// The fewest draws that open as many distinct positions as the query zone hides.
    private static let drawsForBudget: Int = {
      let statement = ExactZeroKnowledgeTests.statement(group: nil)
      return (1...1000).first { count in
        Prover.openedPositions(statement, coins: [77], queryCount: count).count
          == statement.code.openingBudget
      } ?? 0
    }()

    /// Whether a draw is no draw under the control, but zero.
    func isOff(_ draw: Draw) -> Bool {
      let label = draw.label
      switch control {
      case .none, .queriesEqualBudget, .tooManyQueries, .twoProofs, .twoProofsTooManyQueries:
        return false
      case .twoProofsFewPadRows:
        // Eight of sixteen rows for ten coordinates.
        return label.contains("group pad rows") && draw.index % 16 < 8
      case .noMasks: return label.hasSuffix("/masks")
      case .noQueryZone: return label.contains("tail") || label.hasSuffix("mask lane")
      case .noBlinder: return label.hasSuffix("blinder lane")
      case .noPadRows: return label.contains("pad rows")
      case .onePadRow:
        // The last of sixteen rows; helpers draw five elements a row.
        guard label.contains("pad rows") else { return false }
        let perRow = label.contains("helper") ? 5 : 1
        return draw.index / perRow % 16 != 15
      }
    }

    /// Everything that a verifier sees of one proof, as elements of F: first the evaluations, then the rest.
    struct View {
      var evaluations: [F] = []
      var rest: [F] = []
    }

    /// The views of the proofs; each proof's own draws carry its number before the purpose.
    func views(_ witness: [TableWitness], _ draws: @escaping @Sendable (Draw) -> F) throws -> [View]
    {
      try control.coins.indices.map { try view(witness, draws, proof: $0) }
    }

    /// The view of one proof.
    func view(
      _ witness: [TableWitness],
      _ draws: @escaping @Sendable (Draw) -> F,
      proof number: Int
    ) throws -> View {
      var groups: [ReusableGroup] = []
      if control.coins.count > 1 {
        let shape = ReusableGroup.Shape(logHeight: 5, logPadRowCount: 4)
        groups = [
          ReusableGroup(
            committing: [(shape, witness[0].values[0])],
            code: ExactZeroKnowledgeTests.code,
            randomness: ProverRandomness { draws(Draw(label: $0, index: $1)) }
          )
        ]
      }
      // Challenges are fixed, so that the root may be any.
      let statement = ExactZeroKnowledgeTests.statement(group: groups.first?.root)
      var tamper = Prover.Tampering()
      tamper.coins = control.coins[number]
      tamper.queryCount = queryCount
      tamper.ignoresBudgets = true
      let proof = try Prover.proveUnchecked(
        statement,
        witness,
        groups: groups,
        randomness: ProverRandomness { draws(Draw(label: "\(number):\($0)", index: $1)) },
        tamper: tamper
      )
      let lanes = groups.isEmpty ? [2, 15] : [1, 1, 15]
      return split(proof, statement, control.coins[number], laneCounts: lanes)
    }

    private func split(
      _ proof: Prover.Result,
      _ statement: Statement,
      _ coins: [UInt8],
      laneCounts: [Int]
    ) -> View {
      var view = View()
      var offset = 40
      func elements(_ count: Int) -> [F] {
        defer { offset += 4 * count }
        return stride(from: offset, to: offset + 4 * count, by: 4).map { start in
          let value = proof.bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt64($1) }
          return F(reducing: value)
        }
      }
      for event in proof.events where event.kind == .absorb && event.label != "statement" {
        switch event.label {
        case "root of main", "root of helper", "work before queries": offset += event.byteCount
        case "evaluations": view.evaluations += elements(event.byteCount / 4)
        case "e', vg, T1, T2":
          view.evaluations += elements(5)
          view.rest += elements(15)
        default: view.rest += elements(event.byteCount / 4)
        }
      }
      // The openings: values go by group and position; salts and siblings are hashes.
      let positions = Prover.openedPositions(statement, coins: coins, queryCount: queryCount).count
      let leaves = laneCounts.reduce(0) { $0 + positions * (32 + 4 * $1) }
      let siblings = (proof.bytes.count - offset - leaves) / (32 * laneCounts.count)
      for lanes in laneCounts {
        for _ in 0..<positions {
          offset += 32
          view.rest += elements(lanes)
        }
        offset += 32 * siblings
      }
      precondition(offset == proof.bytes.count, "every byte has its place")
      return view
    }
  }

  // MARK: linear algebra over F

  /// A matrix by its columns, reduced so that membership in its column space can be asked.
  private struct ColumnSpace {
    private var pivots: [(row: Int, column: [F])] = []

    init(_ columns: [[F]]) {
      for column in columns { _ = insert(column) }
    }

    var rank: Int { pivots.count }

    private func reduced(_ column: [F]) -> [F] {
      var rest = column
      for (row, pivot) in pivots where rest[row] != .zero {
        let factor = rest[row]
        for index in row..<rest.count { rest[index] = rest[index] - factor * pivot[index] }
      }
      return rest
    }

    private mutating func insert(_ column: [F]) -> Bool {
      var rest = reduced(column)
      guard let row = rest.firstIndex(where: { $0 != .zero }), let inverse = rest[row].inverse
      else { return false }
      for index in row..<rest.count { rest[index] *= inverse }
      let place = pivots.firstIndex { $0.row > row } ?? pivots.count
      pivots.insert((row, rest), at: place)
      return true
    }

    func contains(_ column: [F]) -> Bool { reduced(column).allSatisfy { $0 == .zero } }
  }

  /// x with Σ x_j column_j = target, or `nil`.
  private func solve(_ columns: [[F]], _ target: [F]) -> [F]? {
    // Gauss–Jordan on the rows of [columns | target].
    let width = columns.count
    var rows = target.indices.map { row in columns.map { $0[row] } + [target[row]] }
    var pivots: [Int] = []
    var next = 0
    for column in 0..<width {
      guard let pivot = rows[next...].firstIndex(where: { $0[column] != .zero }),
        let inverse = rows[pivot][column].inverse
      else { continue }
      rows.swapAt(next, pivot)
      rows[next] = rows[next].map { $0 * inverse }
      for other in rows.indices where other != next && rows[other][column] != .zero {
        let factor = rows[other][column]
        for place in column...width {
          rows[other][place] = rows[other][place] - factor * rows[next][place]
        }
      }
      pivots.append(column)
      next += 1
      if next == rows.count { break }
    }
    guard rows[next...].allSatisfy({ $0[width] == .zero }) else { return nil }
    var x = [F](repeating: .zero, count: width)
    for (row, column) in pivots.enumerated() { x[column] = rows[row][width] }
    return x
  }

  /// Why the views differ, or `nil` when they are exactly equal in distribution.
  private func leak(_ control: Control) throws -> String? {
    let experiment = Experiment(control: control)
    let proofs = control.coins.indices
    // Which draws there are.
    let seen = Mutex<Set<Draw>>([])
    let zeros = try experiment.views(Self.witnesses[0]) { draw in
      _ = seen.withLock { $0.insert(draw) }
      return .zero
    }
    let draws = seen.withLock { $0 }
      .filter { !experiment.isOff($0) && !$0.label.hasSuffix("salts") }
      .sorted { ($0.label, $0.index) < ($1.label, $1.index) }
    let pads = draws.filter { $0.label.contains("pad rows") }
    let others = draws.filter { !$0.label.contains("pad rows") }
    func difference(_ a: [F], _ b: [F]) -> [F] { zip(a, b).map { $0 - $1 } }
    /// How the views move with one draw; only the proofs that make it are run again.
    func moved(
      _ draw: Draw,
      _ witness: [TableWitness],
      _ base: [Draw: F],
      from start: [Experiment.View],
      _ part: (Experiment.View) -> [F]
    ) throws -> [F] {
      let owner = draw.label.split(separator: ":").first.flatMap { Int($0) }
      let changed = base.merging([draw: .one]) { $1 }
      return try proofs.flatMap { proof in
        if let owner, owner != proof {
          return [F](repeating: .zero, count: part(start[proof]).count)
        }
        let view = try experiment.view(witness, { changed[$0] ?? .zero }, proof: proof)
        return difference(part(view), part(start[proof]))
      }
    }
    // (1): evaluations over the pad rows.
    let padColumns = try pads.map {
      try moved($0, Self.witnesses[0], [:], from: zeros, \.evaluations)
    }
    guard ColumnSpace(padColumns).rank == zeros.flatMap(\.evaluations).count else {
      return "evaluations are not onto"
    }
    // (2): pad rows of the second witness that give the evaluations of the first.
    var random = SeededRandom(seed: 2)
    var coins: [Draw: F] = [:]
    for draw in pads { coins[draw] = F(reducing: random.next() >> 1) }
    let first = coins
    let start = try experiment.views(Self.witnesses[0]) { first[$0] ?? .zero }
    let otherZeros = try experiment.views(Self.witnesses[1]) { _ in .zero }
    let wanted = difference(start.flatMap(\.evaluations), otherZeros.flatMap(\.evaluations))
    guard let solution = solve(padColumns, wanted) else {
      return "no pad rows give the same evaluations"
    }
    let second = Dictionary(uniqueKeysWithValues: zip(pads, solution))
    // (3): the rest, affine in the other draws.
    let other = try experiment.views(Self.witnesses[1]) { second[$0] ?? .zero }
    guard start.flatMap(\.evaluations) == other.flatMap(\.evaluations) else {
      return "evaluations differ"
    }
    var columns: [[F]] = []
    for (number, draw) in others.enumerated() {
      columns.append(try moved(draw, Self.witnesses[0], first, from: start, \.rest))
      guard number % 50 == 0 else { continue }
      // The linear part does not depend on the witness.
      guard try moved(draw, Self.witnesses[1], second, from: other, \.rest) == columns[number]
      else { return "the linear parts differ" }
    }
    let offset = difference(start.flatMap(\.rest), other.flatMap(\.rest))
    return ColumnSpace(columns).contains(offset) ? nil : "the offsets differ"
  }

  @Test(arguments: [Control.none, .queriesEqualBudget, .twoProofs])
  func `the view is the same for two witnesses, up to a full budget and for two proofs of a group`(
    _ control: Control
  ) throws {
    let found = try leak(control)
    #expect(found == nil)
  }

  @Test(arguments: [
    (Control.noMasks, "the offsets differ"), (.noQueryZone, "the offsets differ"),
    (.noBlinder, "the offsets differ"), (.noPadRows, "evaluations are not onto"),
    (.onePadRow, "evaluations are not onto"), (.tooManyQueries, "the offsets differ"),
    (.twoProofsTooManyQueries, "the offsets differ"),
    (.twoProofsFewPadRows, "evaluations are not onto"),
  ])
  func `each resource is needed: without it the test reports its leak`(
    _ control: Control,
    _ leak: String
  ) throws {
    let found = try self.leak(control)
    #expect(found == leak)
  }
}
