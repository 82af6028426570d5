internal import Algebra

/// Makes proofs: every message of docs/proof-system.md, in order.
public enum Prover {
  /// Why no proof was made.
  public enum Failure: Error, Hashable, Sendable {
    /// The statement passes no limit or target.
    case statement(VerificationError)
    /// The witness breaks the statement.
    case witness(WitnessError)
    /// More positions would be opened than the query zone hides.
    case budgetExhausted
    /// The coins were unlucky again and again; below 2^-100 for honest ones.
    case rankDeficient
  }

  /// A proof with what its transcript saw.
  public struct Result: Sendable {
    /// The proof.
    public let bytes: [UInt8]
    /// Messages and challenges, to compare with the verifier's.
    public let events: [TranscriptEvent]
  }

  /// Proves a statement with a witness of its tables' active rows.
  ///
  /// - Throws: `Failure`.
  /// - Complexity: O(n log n) in the committed elements.
  public static func prove(
    _ statement: Statement,
    _ witness: [TableWitness],
    randomness: ProverRandomness = ProverRandomness(),
    kernels: ProverKernels = .reference
  ) throws(Failure) -> Result {
    do throws(VerificationError) {
      try statement.check()
      try Soundness.require(statement)
    } catch {
      throw .statement(error)
    }
    do throws(WitnessError) {
      try WitnessCheck.run(statement.tables, witness)
    } catch {
      throw .witness(error)
    }
    return try proveUnchecked(statement, witness, randomness: randomness, kernels: kernels)
  }

  /// The same for a witness that nobody checked: for tests with provers that cheat.
  package static func proveUnchecked(
    _ statement: Statement,
    _ witness: [TableWitness],
    randomness: ProverRandomness,
    tamper: Tampering = Tampering(),
    kernels: ProverKernels = .reference
  ) throws(Failure) -> Result {
    for attempt in 0..<8 {
      var run = ProverRun(statement, witness, randomness, attempt: attempt, tamper, kernels)
      if let result = run.prove() { return result }
      guard !run.isOverBudget else { throw .budgetExhausted }
    }
    throw .rankDeficient
  }

  /// The distinct positions that fixed challenges open, ascending: they depend on nothing else.
  package static func openedPositions(
    _ statement: Statement,
    coins: [UInt8],
    queryCount: Int
  ) -> [Int] {
    var transcript = ProverTranscript(coins: coins, head: [])
    let layout = StackLayout(statement)
    let challenges = 3 + 2 * statement.logLargestHeight + 3 + 2 + layout.variableCount + 1
    _ = transcript.challenges(challenges, "")
    transcript.sendWork(bits: statement.profile.queryWorkBits, "")
    return Set(
      (0..<queryCount).map { _ in
        transcript.index(below: statement.code.domainSize, "")
      }
    ).sorted()
  }
}

/// One attempt at a proof.
private struct ProverRun {
  private let statement: Statement
  private let layout: StackLayout
  private let witness: [TableWitness]
  private let randomness: ProverRandomness
  private let attempt: Int
  private let tamper: Prover.Tampering
  private let kernels: ProverKernels
  private var code: CodeParameters { statement.code }
  private(set) var isOverBudget = false

  init(
    _ statement: Statement,
    _ witness: [TableWitness],
    _ randomness: ProverRandomness,
    attempt: Int,
    _ tamper: Prover.Tampering,
    _ kernels: ProverKernels
  ) {
    (self.statement, self.witness, self.randomness) = (statement, witness, randomness)
    (self.attempt, self.tamper, self.kernels) = (attempt, tamper, kernels)
    layout = StackLayout(statement)
  }

  private func stream(_ label: String) -> ProverRandomness.Stream {
    randomness.stream("\(attempt)/\(label)")
  }

  /// `nil` when the coins were unlucky.
  mutating func prove() -> Prover.Result? {
    let tables = statement.tables
    var transcript =
      tamper.coins.map { ProverTranscript(coins: $0, head: ProofHead.bytes(statement)) }
      ?? ProverTranscript(
        sessionIdentifier: statement.sessionIdentifier,
        statement: statement.encoding,
        head: ProofHead.bytes(statement)
      )
    // 1: columns with their pad rows.
    var columns = paddedColumns()
    var mainLanes = lanes(mainStack(columns), tail: "tail of main", maskZone: [])
    tamper.lanes(0, &mainLanes)
    var salts = stream("salts of main")
    let main = LaneCommitment(lanes: mainLanes, code: code, salts: &salts, kernels: kernels)
    transcript.send(main.root, "root of main")
    if statement.profile.lookupWorkBits > 0 {
      transcript.sendWork(bits: statement.profile.lookupWorkBits, "work before lookups")
    }
    tamper.columns(&columns)
    // 2, 3: lookups.
    let lookups = LookupChallenges(
      alpha: transcript.challenge("alpha"),
      beta: transcript.challenge("beta"),
      theta: transcript.challenge("theta"),
      tables
    )
    guard var helpers = paddedHelpers(columns, lookups) else { return nil }
    tamper.helpers(&helpers)
    let variableCount = statement.logLargestHeight
    var maskStream = stream("masks")
    let firstMask = MaskPolynomial(variableCount: variableCount, degree: 4, stream: &maskStream)
    let secondMask = MaskPolynomial(
      variableCount: layout.variableCount,
      degree: 2,
      stream: &maskStream
    )
    let maskLane = maskLane(firstMask.coefficients + secondMask.coefficients)
    let blinderLane = blinderLane()
    var helperLanes =
      lanes(helperStack(helpers), tail: "tail of helper", maskZone: [])
      + coordinates(maskLane) + coordinates(blinderLane)
    tamper.lanes(1, &helperLanes)
    salts = stream("salts of helper")
    let helper = LaneCommitment(lanes: helperLanes, code: code, salts: &salts, kernels: kernels)
    transcript.send(helper.root, "root of helper")
    // 4 to 8: the zerocheck.
    let tau = transcript.challenges(variableCount, "tau")
    let lambda = transcript.challenge("lambda")
    let omega = transcript.challenge("omega")
    transcript.send([firstMask.sum], "S1")
    let rho1 = transcript.challenge("rho1")
    var zerocheck = ZerocheckProver(
      evaluators: TableEvaluator.all(tables, lookups: lookups, lambda: lambda, omega: omega),
      columns: columns,
      helpers: helpers,
      tau: tau,
      mask: firstMask,
      rho: rho1
    )
    var r = [ChallengeField](repeating: .zero, count: variableCount)
    for variable in (0..<variableCount).reversed() {
      transcript.send(zerocheck.round(variable), "zerocheck round")
      r[variable] = transcript.challenge("r")
      zerocheck.bind(variable, to: r[variable])
    }
    let evaluations = zerocheck.evaluations
    transcript.send(Array(evaluations.joined()), "evaluations")
    // 9 to 12: the opening sumcheck.
    let gamma = transcript.challenge("gamma")
    let weights = OpeningWeights(layout, gamma: gamma, point: r)
    transcript.send([secondMask.sum], "S2")
    let rho2 = transcript.challenge("rho2")
    let (opened, value) = openingRounds(
      &transcript,
      weights: weights.table,
      stack: virtualStack(main: mainLanes, helper: helperLanes),
      mask: secondMask,
      rho: rho2
    )
    guard tamper.ignoresBudgets || hasRank(r, opened) else { return nil }
    // 13 to 15: the combination of all lanes.
    let form = OpeningForm(statement, layout, point: r, opened: opened)
    let (vg, t1, t2) = form.values(of: blinderLane)
    transcript.send([value, vg, t1, t2], "e', vg, T1, T2")
    let epsilon = transcript.challenge("epsilon")
    var combination = form.combination(
      blinder: blinderLane,
      mask: maskLane,
      stackLanes: [mainLanes, Array(helperLanes.prefix(layout.laneCounts[1]))],
      epsilon: epsilon
    )
    tamper.combination(&combination)
    transcript.send(combination, "h")
    // 16, 17: queries.
    transcript.sendWork(bits: statement.profile.queryWorkBits, "work before queries")
    let queries = tamper.queryCount ?? statement.profile.queryCount(rate: code.rate)
    var positions: Set<Int> = []
    for _ in 0..<queries {
      positions.insert(transcript.index(below: code.domainSize, "query"))
    }
    guard tamper.ignoresBudgets || positions.count <= code.openingBudget else {
      isOverBudget = true
      return nil
    }
    let sorted = positions.sorted()
    transcript.sendOpening(main.opening(of: sorted, depth: code.logDomainSize))
    transcript.sendOpening(helper.opening(of: sorted, depth: code.logDomainSize))
    return Prover.Result(bytes: transcript.bytes, events: transcript.events)
  }

  // MARK: columns

  private func paddedColumns() -> [[[BaseField]]] {
    statement.tables.enumerated().map { index, table in
      var pad = stream("pad rows of \(index)")
      return witness[index].columns.map { column in
        column + Array(repeating: .zero, count: table.firstPadRow - column.count)
          + pad.base(1 << table.logPadRowCount)
      }
    }
  }

  private func paddedHelpers(
    _ columns: [[[BaseField]]],
    _ lookups: LookupChallenges
  ) -> [[[ChallengeField]]]? {
    var helpers: [[[ChallengeField]]] = []
    for (index, table) in statement.tables.enumerated() {
      let active = TableWitness(
        columns: columns[index].map { Array($0.prefix(table.activeRowCount)) }
      )
      guard let rows = lookups.helpers(table, active) else { return nil }
      var pad = stream("helper pad rows of \(index)")
      helpers.append(
        rows.map { column in
          column + Array(repeating: .zero, count: table.firstPadRow - column.count)
            + (0..<1 << table.logPadRowCount).map { _ in pad.element() }
        }
      )
    }
    return helpers
  }

  // MARK: lanes

  private func mainStack(_ columns: [[[BaseField]]]) -> [BaseField] {
    var stack = [BaseField](repeating: .zero, count: layout.laneCounts[0] * code.dataLength)
    for (table, places) in layout.columns.enumerated() {
      for (column, place) in places.enumerated() {
        let end = place.offset + columns[table][column].count
        stack.replaceSubrange(place.offset..<end, with: columns[table][column])
      }
    }
    return stack
  }

  private func helperStack(_ helpers: [[[ChallengeField]]]) -> [BaseField] {
    var stack = [BaseField](repeating: .zero, count: layout.laneCounts[1] * code.dataLength)
    for (table, columns) in layout.helpers.enumerated() {
      for (column, coordinates) in columns.enumerated() {
        for (degree, place) in coordinates.enumerated() {
          for (row, value) in helpers[table][column].enumerated() {
            stack[place.offset + row] = value[degree]
          }
        }
      }
    }
    return stack
  }

  /// Cuts a stack into lanes and gives each its tail: a mask zone of zeros, a query zone of coins.
  private func lanes(_ stack: [BaseField], tail label: String, maskZone: [BaseField])
    -> [[BaseField]]
  {
    var tail = stream(label)
    return stride(from: 0, to: stack.count, by: code.dataLength).map { start in
      Array(stack[start..<start + code.dataLength])
        + Array(repeating: .zero, count: code.maskZoneLength)
        + tail.base(code.openingBudget)
    }
  }

  /// Data zero, the masks' coefficients in their slots, a query zone of coins.
  private func maskLane(_ coefficients: [ChallengeField]) -> [ChallengeField] {
    var tail = stream("mask lane")
    let zone =
      coefficients
      + Array(repeating: .zero, count: code.maskZoneLength - coefficients.count)
    return Array(repeating: .zero, count: code.dataLength) + zone
      + (0..<code.openingBudget).map { _ in tail.element() }
  }

  private func blinderLane() -> [ChallengeField] {
    var coins = stream("blinder lane")
    return (0..<code.messageLength).map { _ in coins.element() }
  }

  private func coordinates(_ lane: [ChallengeField]) -> [[BaseField]] {
    (0..<ChallengeField.degree).map { degree in lane.map { $0[degree] } }
  }

  private func virtualStack(main: [[BaseField]], helper: [[BaseField]]) -> [ChallengeField] {
    var stack = [ChallengeField](repeating: .zero, count: 1 << layout.variableCount)
    for (group, lanes) in [main, Array(helper.prefix(layout.laneCounts[1]))].enumerated() {
      for (lane, message) in lanes.enumerated() {
        let start = (layout.firstLanes[group] + lane) * code.dataLength
        for index in 0..<code.dataLength { stack[start + index] = ChallengeField(message[index]) }
      }
    }
    return stack
  }

  // MARK: the opening sumcheck

  /// The rounds over s' + ρ₂ W f; gives the point and f's value there.
  private func openingRounds(
    _ transcript: inout ProverTranscript,
    weights: [ChallengeField],
    stack: [ChallengeField],
    mask: MaskPolynomial,
    rho: ChallengeField
  ) -> ([ChallengeField], ChallengeField) {
    var (w, f) = (MultilinearPolynomial(weights), MultilinearPolynomial(stack))
    var point = [ChallengeField](repeating: .zero, count: layout.variableCount)
    var bound: [Int: ChallengeField] = [:]
    for variable in (0..<layout.variableCount).reversed() {
      var values = mask.round(variable, bound: bound, at: 1..<3)
      let half = w.values.count / 2
      var (one, two) = (ChallengeField.zero, ChallengeField.zero)
      for index in 0..<half {
        let (w1, f1) = (w.values[index + half], f.values[index + half])
        one += w1 * f1
        two += (w1 + w1 - w.values[index]) * (f1 + f1 - f.values[index])
      }
      values[0] += rho * one
      values[1] += rho * two
      transcript.send(values, "opening round")
      point[variable] = transcript.challenge("r'")
      bound[variable] = point[variable]
      w.bindHighest(to: point[variable])
      f.bindHighest(to: point[variable])
    }
    return (point, f.values[0])
  }

  /// R1 for each table at r, and for one fresh column at r and r' together.
  private func hasRank(_ r: [ChallengeField], _ opened: [ChallengeField]) -> Bool {
    var isFirst = true
    for (index, table) in statement.tables.enumerated() {
      let rows = table.firstPadRow..<table.rowCount
      let eq = EqPolynomial.table(Array(r.prefix(table.logHeight)))
      var points = [rows.map { eq[$0] }]
      let isWidest = statement.tables.allSatisfy { $0.logPadRowCount <= table.logPadRowCount }
      if isFirst, isWidest {
        isFirst = false
        let place = layout.columns[index][0]
        let offset = layout.virtualOffset(place, in: .main)
        points.append(
          rows.map { row in
            var product = ChallengeField.one
            for (bit, coordinate) in opened.enumerated() {
              product *= (offset + row) >> bit & 1 == 1 ? coordinate : .one - coordinate
            }
            return product
          }
        )
      }
      guard RankCondition.holds(points) else { return false }
    }
    return true
  }
}
