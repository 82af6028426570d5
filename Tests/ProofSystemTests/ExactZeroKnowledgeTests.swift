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
  }

  /// A purpose of draws, and the number of the draw.
  struct Draw: Hashable, Sendable {
    var label: String
    var index: Int
  }

  /// Two tables whose first columns are the same multiset; in the first, y = x².
  private static let statement: Statement = {
    func table(_ name: String, columns: Int, sign: Expression) -> Table {
      let x = ProofSystem.Expression.column(0)
      return Table(
        name: name,
        logHeight: 5,
        activeRowCount: 3,
        logPadRowCount: 4,
        columns: (0..<columns).map { Column("c\($0)") },
        constraints: columns == 2 ? [Constraint("y = x x", .column(1) - x * x)] : [],
        messages: [Message(tag: 3, numerators: [sign], values: [x], bound: .atMost(1))]
      )
    }
    return Statement(
      kind: "exact",
      profile: .uniqueDecoding100,
      tables: [table("A", columns: 2, sign: 1), table("B", columns: 1, sign: -1)],
      code: CodeParameters(
        logDataLength: 6,
        logTailLength: 6,
        logInverseRate: 2,
        maskZoneLength: 48
      )
    )
  }()

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
    let statement = ExactZeroKnowledgeTests.statement

    var queryCount: Int {
      switch control {
      // Draws may repeat positions; what counts is how many are distinct.
      case .queriesEqualBudget: Self.drawsForBudget
      case .tooManyQueries: 40
      default: 6
      }
    }

    /// The fewest draws that open as many distinct positions as the query zone hides.
    private static let drawsForBudget: Int = {
      let statement = ExactZeroKnowledgeTests.statement
      return (1...1000).first { count in
        Prover.openedPositions(statement, coins: [77], queryCount: count).count
          == statement.code.openingBudget
      } ?? 0
    }()

    /// Whether a draw is no draw under the control, but zero.
    func isOff(_ draw: Draw) -> Bool {
      let label = draw.label
      switch control {
      case .none, .queriesEqualBudget, .tooManyQueries: return false
      case .noMasks: return label.hasSuffix("/masks")
      case .noQueryZone: return label.contains("tail of") || label.hasSuffix("mask lane")
      case .noBlinder: return label.hasSuffix("blinder lane")
      case .noPadRows: return label.contains("pad rows")
      case .onePadRow:
        // The last of sixteen rows; helpers draw five elements a row.
        guard label.contains("pad rows") else { return false }
        let perRow = label.contains("helper") ? 5 : 1
        return draw.index / perRow % 16 != 15
      }
    }

    /// Everything that a verifier sees, as elements of F: first the evaluations, then the rest.
    func view(
      _ witness: [TableWitness],
      _ draws: [Draw: F]
    ) throws -> (evaluations: [F], rest: [F]) {
      var tamper = Prover.Tampering()
      tamper.coins = [77]
      tamper.queryCount = queryCount
      tamper.ignoresBudgets = true
      let values = draws
      let proof = try Prover.proveUnchecked(
        statement,
        witness,
        randomness: ProverRandomness { label, index in
          values[Draw(label: label, index: index)] ?? .zero
        },
        tamper: tamper
      )
      return split(proof)
    }

    private func split(_ proof: Prover.Result) -> (evaluations: [F], rest: [F]) {
      var (evaluations, rest): ([F], [F]) = ([], [])
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
        case "evaluations": evaluations += elements(event.byteCount / 4)
        case "e', vg, T1, T2":
          evaluations += elements(5)
          rest += elements(15)
        default: rest += elements(event.byteCount / 4)
        }
      }
      // The openings: salts are zeros here; values go by group and position.
      let draws = proof.events.filter { $0.label == "query" }.count
      precondition(draws == queryCount)
      for lanes in laneCounts {
        for _ in 0..<distinctCount(proof) {
          offset += 32
          rest += elements(lanes)
        }
        offset += 32 * siblingCount(proof)
      }
      return (evaluations, rest)
    }

    /// Two stack lanes; five stack lanes and ten of mask and blinder.
    private var laneCounts: [Int] { [2, 15] }

    /// Positions and siblings depend on the coins alone; both groups open the same.
    private func distinctCount(_ proof: Prover.Result) -> Int { openings(proof).positions }
    private func siblingCount(_ proof: Prover.Result) -> Int { openings(proof).siblings }

    private func openings(_ proof: Prover.Result) -> (positions: Int, siblings: Int) {
      let messages = proof.events.dropFirst().filter { $0.kind == .absorb }
      let total = proof.bytes.count - 40 - messages.reduce(0) { $0 + $1.byteCount }
      // s (64 + 4 · 17) + 64 t bytes for s positions and t siblings.
      let positions = Prover.openedPositions(
        statement,
        coins: [77],
        queryCount: queryCount
      ).count
      return (positions, (total - positions * (64 + 4 * 17)) / 64)
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
    // Which draws there are.
    let seen = Mutex<Set<Draw>>([])
    var tamper = Prover.Tampering()
    tamper.coins = [77]
    tamper.queryCount = experiment.queryCount
    tamper.ignoresBudgets = true
    _ = try Prover.proveUnchecked(
      experiment.statement,
      Self.witnesses[0],
      randomness: ProverRandomness { label, index in
        _ = seen.withLock { $0.insert(Draw(label: label, index: index)) }
        return .zero
      },
      tamper: tamper
    )
    let draws = seen.withLock { $0 }.filter { !experiment.isOff($0) }
      .sorted { ($0.label, $0.index) < ($1.label, $1.index) }
    let pads = draws.filter { $0.label.contains("pad rows") }
    let others = draws.filter { !$0.label.contains("pad rows") }
    // (1): evaluations over the pad rows.
    let bases = try Self.witnesses.map { try experiment.view($0, [:]).evaluations }
    let padColumns = try pads.map { draw in
      let moved = try experiment.view(Self.witnesses[0], [draw: .one]).evaluations
      return zip(moved, bases[0]).map { $0 - $1 }
    }
    guard ColumnSpace(padColumns).rank == bases[0].count else { return "evaluations are not onto" }
    // (2): pad rows of the second witness that give the evaluations of the first.
    var random = SeededRandom(seed: 2)
    var first: [Draw: F] = [:]
    for draw in pads { first[draw] = F(reducing: random.next() >> 1) }
    let wanted = try experiment.view(Self.witnesses[0], first).evaluations
    guard let solution = solve(padColumns, zip(wanted, bases[1]).map { $0 - $1 }) else {
      return "no pad rows give the same evaluations"
    }
    let second = Dictionary(uniqueKeysWithValues: zip(pads, solution))
    // (3): the rest, affine in the other draws.
    let start = try experiment.view(Self.witnesses[0], first)
    let other = try experiment.view(Self.witnesses[1], second)
    guard start.evaluations == other.evaluations else { return "evaluations differ" }
    var columns: [[F]] = []
    for (number, draw) in others.enumerated() {
      let moved = try experiment.view(Self.witnesses[0], first.merging([draw: .one]) { $1 }).rest
      columns.append(zip(moved, start.rest).map { $0 - $1 })
      guard number % 50 == 0 else { continue }
      // The linear part does not depend on the witness.
      let also = try experiment.view(Self.witnesses[1], second.merging([draw: .one]) { $1 }).rest
      guard zip(also, other.rest).map({ $0 - $1 }) == columns[number] else {
        return "the linear parts differ"
      }
    }
    let difference = zip(start.rest, other.rest).map { $0 - $1 }
    return ColumnSpace(columns).contains(difference) ? nil : "the offsets differ"
  }

  @Test(arguments: [Control.none, .queriesEqualBudget])
  func `the view is the same for two witnesses, up to a full query budget`(_ control: Control)
    throws
  {
    let found = try leak(control)
    #expect(found == nil)
  }

  @Test(arguments: [
    (Control.noMasks, "the offsets differ"), (.noQueryZone, "the offsets differ"),
    (.noBlinder, "the offsets differ"), (.noPadRows, "evaluations are not onto"),
    (.onePadRow, "evaluations are not onto"), (.tooManyQueries, "the offsets differ"),
  ])
  func `each resource is needed: without it the test reports its leak`(
    _ control: Control,
    _ expected: String
  ) throws {
    let found = try leak(control)
    #expect(found == expected, "\(control)")
  }
}
