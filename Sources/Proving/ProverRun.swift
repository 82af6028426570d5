internal import Algebra
internal import ProofSystem

/// One attempt at a proof.
struct ProverRun {
  /// How an attempt ends.
  enum Outcome {
    case proof(Prover.Result, positions: [Int], point: [ChallengeField])
    /// The coins do not hide enough: a rank is too low, or a denominator is zero.
    case unlucky
    case overBudget
  }

  private let statement: Statement
  private let schedule: OpeningSchedule
  private let groups: [ReusableGroup]
  private let layout: StackLayout
  private let witness: [TableWitness]
  private let randomness: ProverRandomness
  private let attempt: Int
  private let tamper: Prover.Tampering
  private let kernels: ProverKernels
  private var code: CodeParameters { statement.code }

  init(
    _ statement: Statement,
    _ schedule: OpeningSchedule,
    _ witness: [TableWitness],
    _ groups: [ReusableGroup],
    _ randomness: ProverRandomness,
    attempt: Int,
    _ tamper: Prover.Tampering,
    _ kernels: ProverKernels
  ) {
    (self.statement, self.witness, self.randomness) = (statement, witness, randomness)
    (self.schedule, self.groups) = (schedule, groups)
    (self.attempt, self.tamper, self.kernels) = (attempt, tamper, kernels)
    layout = StackLayout(statement)
  }

  private func stream(_ label: String) -> ProverRandomness.Stream {
    randomness.stream("\(attempt)/\(label)")
  }

  /// Whether the reusable groups hold the witness's columns.
  var hasGroupColumns: Bool {
    for (table, places) in layout.columns.enumerated() {
      for (column, place) in places.enumerated() where place.group < groups.count {
        let values = witness[table].columns[column]
        let own = groups[place.group].column(place).prefix(values.count)
        guard own.elementsEqual(values) else { return false }
      }
    }
    return true
  }

  func prove() -> Outcome {
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
    var mainLanes = lanes(mainStack(columns), tail: "tail of main")
    tamper.lanes(groups.count, &mainLanes)
    let main = commit(mainLanes, salts: "salts of main")
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
    guard var helpers = paddedHelpers(columns, lookups) else { return .unlucky }
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
      lanes(helperStack(helpers), tail: "tail of helper")
      + coordinates(maskLane) + coordinates(blinderLane)
    tamper.lanes(layout.helperGroup, &helperLanes)
    let helper = commit(helperLanes, salts: "salts of helper")
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
    let stackLanes =
      groups.map(\.lanes) + [mainLanes, Array(helperLanes.prefix(layout.laneCounts.last ?? 0))]
    let (opened, value) = openingRounds(
      &transcript,
      weights: weights.table,
      stack: virtualStack(stackLanes),
      mask: secondMask,
      rho: rho2
    )
    guard tamper.ignoresBudgets || hasRank(r, opened) else { return .unlucky }
    // 13 to 15: the combination of all lanes.
    let form = OpeningForm(statement, layout, point: r, opened: opened)
    let (vg, t1, t2) = form.values(of: blinderLane)
    transcript.send([value, vg, t1, t2], "e', vg, T1, T2")
    transcript.sendWorkIfAny(schedule.epsilonWorkBits, "work before epsilon")
    let epsilon = transcript.challenge("epsilon")
    var combination = combination(form, blinderLane, maskLane, stackLanes, epsilon)
    tamper.combination(&combination)
    // 15 to 17: that it is that of the lanes, at positions that are drawn behind it.
    let queryCount = tamper.queryCount ?? schedule.queryCount
    let commitments = groups.map(\.commitment) + [main, helper]
    func openGroups(_ positions: [Int]) -> [[UInt8]]? {
      guard tamper.ignoresBudgets || positions.count <= code.openingBudget else { return nil }
      return commitments.map { $0.opening(of: positions) }
    }
    if statement.profile.isFolded {
      let opening = FoldedOpeningProver(
        schedule: schedule,
        code: code,
        kernels: kernels,
        tamper: tamper
      )
      guard
        let positions = opening.send(
          combination,
          form,
          &transcript,
          queryCount: queryCount,
          openGroups: openGroups
        )
      else { return .overBudget }
      return .proof(transcript.result, positions: positions, point: r)
    }
    transcript.send(combination, "h")
    transcript.sendWork(bits: statement.profile.queryWorkBits, "work before queries")
    var drawn: Set<Int> = []
    for _ in 0..<queryCount { drawn.insert(transcript.index(below: code.domainSize, "query")) }
    let positions = drawn.sorted()
    guard let openings = openGroups(positions) else { return .overBudget }
    for opening in openings { transcript.sendOpening(opening) }
    return .proof(transcript.result, positions: positions, point: r)
  }

  // MARK: columns

  private func paddedColumns() -> [[[BaseField]]] {
    statement.tables.enumerated().map { index, table in
      var pad = stream("pad rows of \(index)")
      return zip(witness[index].columns, layout.columns[index]).map { column, place in
        if place.group < groups.count { return groups[place.group].column(place) }
        return column + Array(repeating: .zero, count: table.firstPadRow - column.count)
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
    let main = groups.count
    var stack = [BaseField](repeating: .zero, count: layout.laneCounts[main] * code.dataLength)
    for (table, places) in layout.columns.enumerated() {
      for (column, place) in places.enumerated() where place.group == main {
        let end = place.offset + columns[table][column].count
        stack.replaceSubrange(place.offset..<end, with: columns[table][column])
      }
    }
    return stack
  }

  private func helperStack(_ helpers: [[[ChallengeField]]]) -> [BaseField] {
    var stack = [BaseField](
      repeating: .zero,
      count: layout.laneCounts[layout.helperGroup] * code.dataLength
    )
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
  private func lanes(_ stack: [BaseField], tail label: String) -> [[BaseField]] {
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

  private func commit(_ lanes: [[BaseField]], salts label: String) -> LaneCommitment {
    var salts = stream(label)
    return LaneCommitment(
      lanes: lanes,
      logDomainSize: code.logDomainSize,
      salts: salts.bytes(MerkleHash.byteCount * code.domainSize),
      kernels: kernels
    )
  }

  private func virtualStack(_ lanes: [[[BaseField]]]) -> [ChallengeField] {
    var stack = [ChallengeField](repeating: .zero, count: 1 << layout.variableCount)
    for (group, lanes) in lanes.enumerated() {
      for (lane, message) in lanes.enumerated() {
        let start = (layout.firstLanes[group] + lane) * code.dataLength
        for index in 0..<code.dataLength { stack[start + index] = ChallengeField(message[index]) }
      }
    }
    return stack
  }

  /// h = g + ε Σ_l eq_l f_l + ε² m, whole lane messages.
  private func combination(
    _ form: OpeningForm,
    _ blinder: [ChallengeField],
    _ mask: [ChallengeField],
    _ lanes: [[[BaseField]]],
    _ epsilon: ChallengeField
  ) -> [ChallengeField] {
    var sum = zip(blinder, mask).map { $0 + epsilon * epsilon * $1 }
    for (group, messages) in lanes.enumerated() {
      for (lane, message) in messages.enumerated() {
        let weight = epsilon * form.lanes[layout.firstLanes[group] + lane]
        for index in sum.indices { sum[index] += weight * message[index] }
      }
    }
    return sum
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
      let masked = mask.round(variable, bound: bound, at: 1..<3)
      transcript.send(
        zip(masked, ProductRound.values(w, f)).map { $0 + rho * $1 },
        "opening round"
      )
      transcript.sendWorkIfAny(schedule.roundWorkBits, "work before r'")
      point[variable] = transcript.challenge("r'")
      bound[variable] = point[variable]
      w.bindHighest(to: point[variable])
      f.bindHighest(to: point[variable])
    }
    return (point, f.values[0])
  }

  /// R1 for each table at r, and for one fresh column at r and r' together; reusable groups check
  /// their own points.
  private func hasRank(_ r: [ChallengeField], _ opened: [ChallengeField]) -> Bool {
    let widest = statement.tables.map(\.logPadRowCount).max() ?? 0
    var isFreshColumnOpen = false
    for (index, table) in statement.tables.enumerated() {
      let shape = ReusableGroup.Shape(
        logHeight: table.logHeight,
        logPadRowCount: table.logPadRowCount
      )
      var points = [RankCondition.padWeights(shape, point: r)]
      let fresh = layout.columns[index].first { $0.group == groups.count }
      if let fresh, !isFreshColumnOpen, table.logPadRowCount == widest {
        isFreshColumnOpen = true
        let offset = layout.virtualOffset(fresh)
        points.append(
          (table.firstPadRow..<table.rowCount).map { row in
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
    return isFreshColumnOpen
  }
}
