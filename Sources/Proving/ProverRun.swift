internal import Algebra
internal import ProofSystem

/// One attempt at a proof: every message of docs/proof-system.md, in order.
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
  private let room: WitnessRoom?
  private let randomness: ProverRandomness
  private let attempt: Int
  private let tamper: Prover.Tampering
  private let kernels: ProverKernels
  private var code: CodeParameters { statement.code }

  init(
    _ statement: Statement,
    _ schedule: OpeningSchedule,
    _ witness: [TableWitness],
    _ room: WitnessRoom?,
    _ groups: [ReusableGroup],
    _ randomness: ProverRandomness,
    attempt: Int,
    _ tamper: Prover.Tampering,
    _ kernels: ProverKernels
  ) {
    (self.statement, self.witness, self.room) = (statement, witness, room)
    self.randomness = randomness
    (self.schedule, self.groups) = (schedule, groups)
    (self.attempt, self.tamper, self.kernels) = (attempt, tamper, kernels)
    layout = StackLayout(statement)
  }

  private func stream(_ label: String) -> ProverRandomness.Stream {
    randomness.stream("\(attempt)/\(label)")
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
    transcript.rewrite = tamper.messages
    // 1: columns with their pad rows.
    var main = mainLanes()
    main = tampered(main, group: groups.count)
    let mainCommitment = commit(main, salts: "salts of main")
    transcript.send(mainCommitment.root, "root of main")
    transcript.sendWorkIfAny(statement.profile.lookupWorkBits, "work before lookups", kernels)
    let committed = main
    main = columnsTampered(main)
    // 2, 3: lookups.
    let lookups = LookupChallenges(
      alpha: transcript.challenge("alpha"),
      beta: transcript.challenge("beta"),
      theta: transcript.challenge("theta"),
      tables
    )
    var helper = LaneStore(laneCount: layout.committedLaneCount(layout.helperGroup), code: code)
    var stores = groups.map(\.lanes) + [main, helper]
    var columns = tableColumns(stores)
    guard let denominators = fillHelpers(helper, columns, lookups) else { return .unlucky }
    let variableCount = statement.logLargestHeight
    var masks = stream("masks")
    let firstMask = MaskPolynomial(variableCount: variableCount, degree: 4, stream: &masks)
    let secondMask = MaskPolynomial(
      variableCount: layout.variableCount,
      degree: 2,
      stream: &masks
    )
    fillOwnLanes(helper, masks: firstMask.coefficients + secondMask.coefficients)
    helper = tampered(helper, group: layout.helperGroup)
    stores[layout.helperGroup] = helper
    columns = tableColumns(stores)
    let helperCommitment = commit(helper, salts: "salts of helper")
    transcript.send(helperCommitment.root, "root of helper")
    // 4 to 8: the zerocheck.
    let tau = transcript.challenges(variableCount, "tau")
    let lambda = transcript.challenge("lambda")
    let omega = transcript.challenge("omega")
    transcript.send([firstMask.sum], "S1")
    let rho1 = transcript.challenge("rho1")
    var zerocheck = ZerocheckProver(
      plans: plans(lookups, lambda: lambda, omega: omega),
      columns: columns,
      denominators: denominators,
      helpers: tables.indices.map { helperVectors(helper, table: $0) },
      tau: tau,
      mask: firstMask,
      rho: rho1,
      kernels: kernels
    )
    var r = [ChallengeField](repeating: .zero, count: variableCount)
    for variable in (0..<variableCount).reversed() {
      transcript.send(zerocheck.round(variable), "zerocheck round")
      r[variable] = transcript.challenge("r")
      zerocheck.bind(variable, to: r[variable])
    }
    var evaluations: [[ChallengeField]]?
    if tamper.columns != nil {
      evaluations = OpeningProver(layout, code, stores, point: r, kernels).evaluations
      stores[groups.count] = committed
    }
    let opening = OpeningProver(layout, code, stores, point: r, kernels)
    transcript.send(Array((evaluations ?? opening.evaluations).joined()), "evaluations")
    // 9 to 12: the opening sumcheck.
    let gamma = transcript.challenge("gamma")
    transcript.send([secondMask.sum], "S2")
    let rho2 = transcript.challenge("rho2")
    let opened = opening.rounds(
      &transcript,
      weights: OpeningWeights(layout, gamma: gamma, point: r),
      mask: secondMask,
      rho: rho2,
      workBits: schedule.roundWorkBits
    )
    guard tamper.ignoresBudgets || hasRank(r, opened.point) else { return .unlucky }
    // 13, 14: what the combination of all lanes must be under three forms.
    let form = OpeningForm(statement, layout, point: r, opened: opened.point)
    let (vg, t1, t2) = opening.blinderValues(form)
    transcript.send([opened.value, vg, t1, t2], "e', vg, T1, T2")
    transcript.sendWorkIfAny(schedule.epsilonWorkBits, "work before epsilon", kernels)
    let epsilon = transcript.challenge("epsilon")
    let combination = opening.combination(form, stack: opened.stack, epsilon: epsilon)
    // 15 to 17: that it is that of the lanes, at positions that are drawn behind it.
    let commitments = groups.map(\.commitment) + [mainCommitment, helperCommitment]
    return finish(transcript, combination, form, commitments, point: r)
  }

  /// Sends the combination, in the clear or folded, and opens all groups.
  private func finish(
    _ transcript: consuming ProverTranscript,
    _ combination: ExtensionVector,
    _ form: OpeningForm,
    _ commitments: [LaneCommitment],
    point: [ChallengeField]
  ) -> Outcome {
    let queryCount = tamper.queryCount ?? schedule.queryCount
    func openGroups(_ positions: [Int]) -> [[UInt8]]? {
      guard tamper.ignoresBudgets || positions.count <= code.openingBudget else { return nil }
      return commitments.map { $0.opening(of: positions) }
    }
    let length = statement.profile.isFolded ? combination.count : code.messageLength
    var elements = (0..<length).map { combination.canonical($0) }
    tamper.combination(&elements)
    if statement.profile.isFolded {
      let opening = FoldedOpeningProver(
        schedule: schedule,
        code: code,
        kernels: kernels,
        tamper: tamper
      )
      guard
        let positions = opening.send(
          elements,
          form,
          &transcript,
          queryCount: queryCount,
          openGroups: openGroups
        )
      else { return .overBudget }
      return .proof(transcript.result, positions: positions, point: point)
    }
    transcript.send(elements, "h")
    transcript.sendWork(
      bits: schedule.queryWorkBits,
      "work before queries",
      kernels.work,
      kernels.loop
    )
    var drawn: Set<Int> = []
    for _ in 0..<queryCount { drawn.insert(transcript.index(below: code.domainSize, "query")) }
    let positions = drawn.sorted()
    guard let openings = openGroups(positions) else { return .overBudget }
    for opening in openings { transcript.sendOpening(opening) }
    return .proof(transcript.result, positions: positions, point: point)
  }

  // MARK: columns

  /// Whether the reusable groups hold the witness's columns.
  var hasGroupColumns: Bool {
    for (table, places) in layout.columns.enumerated() {
      for (column, place) in places.enumerated() where place.group < groups.count {
        let values = witness[table].columns[column]
        let words = groups[place.group].lanes.data
        for row in 0..<values.count where words[place.offset + row] != values[row] { return false }
      }
    }
    return true
  }

  private func mainLanes() -> LaneStore {
    let main = groups.count
    let store =
      room?.lanes ?? LaneStore(laneCount: layout.committedLaneCount(main), code: code)
    kernels.loop.run(statement.tables.count) { index in
      var pad = stream("pad rows of \(index)")
      for (column, place) in layout.columns[index].enumerated() where place.group == main {
        let rows = pad.base(1 << statement.tables[index].logPadRowCount)
        store.write(room == nil ? witness[index].columns[column] : nil, pad: rows, at: place)
      }
    }
    store.fillTails(0..<store.laneCount, from: code.maskZoneLength, kernels) {
      stream("tail of main/\($0)")
    }
    return store
  }

  private func tableColumns(_ stores: [LaneStore]) -> [TableColumns] {
    statement.tables.indices.map { TableColumns(statement.tables[$0], layout.columns[$0], stores) }
  }

  private func plans(
    _ lookups: LookupChallenges,
    lambda: ChallengeField,
    omega: ChallengeField
  ) -> [ZerocheckPlan] {
    let counts = statement.tables.map { $0.constraints.count + $0.helperCount }
    var powers = lambda.powers(counts.reduce(0, +))[...]
    return zip(statement.tables, counts).map { table, count in
      defer { powers = powers.dropFirst(count) }
      return ZerocheckPlan(table, lookups: lookups, weights: powers.prefix(count), omega: omega)
    }
  }

  // MARK: the helper group

  /// The helper columns of a table as they lie in the group.
  private func helperVectors(_ store: LaneStore, table: Int) -> [ExtensionVector] {
    layout.helpers[table].map { coordinates in
      let rows = 1 << coordinates[0].logHeight
      return ExtensionVector(store.data, offset: coordinates[0].offset, stride: rows, count: rows)
    }
  }

  /// Writes the helper columns with their pad rows; gives the lists of D by table.
  private func fillHelpers(
    _ store: LaneStore,
    _ columns: [TableColumns],
    _ lookups: LookupChallenges
  ) -> [[ExtensionVector]]? {
    var denominators: [[ExtensionVector]] = []
    for (index, table) in statement.tables.enumerated() {
      let vectors = helperVectors(store, table: index)
      guard let lists = lookups.helpers(columns[index], into: vectors, kernels) else { return nil }
      denominators.append(lists)
      var pad = stream("helper pad rows of \(index)")
      for vector in vectors {
        for row in table.firstPadRow..<table.rowCount { vector.setCanonical(row, pad.element()) }
      }
    }
    guard let change = tamper.helpers else { return denominators }
    var values = statement.tables.indices.map { index in
      helperVectors(store, table: index).map { vector in
        (0..<vector.count).map { vector.canonical($0) }
      }
    }
    change(&values)
    for (index, columns) in values.enumerated() {
      for (vector, column) in zip(helperVectors(store, table: index), columns) {
        for (row, value) in column.enumerated() { vector.setCanonical(row, value) }
      }
    }
    return denominators
  }

  /// The tails of stack lanes; the mask lane: data zero, the masks' coefficients in their slots, a query
  /// zone of coins; the blinder lane, all coins.
  private func fillOwnLanes(_ store: LaneStore, masks: [ChallengeField]) {
    let (count, degree) = (layout.laneCounts[layout.helperGroup], ChallengeField.degree)
    store.fillTails(0..<count + degree, from: code.maskZoneLength, kernels) { lane in
      stream(lane < count ? "tail of helper/\(lane)" : "\(lane - count)/mask lane")
    }
    for coordinate in 0..<degree {
      let start = (count + coordinate) * store.tailLength
      store.tails.write(masks.map { $0[coordinate] }, at: start)
    }
    kernels.loop.run(degree) { coordinate in
      let lane = count + degree + coordinate
      var coins = stream("\(coordinate)/blinder lane")
      coins.fill(store.data, lane * code.dataLength..<(lane + 1) * code.dataLength, kernels)
      coins.fill(store.tails, lane * store.tailLength..<(lane + 1) * store.tailLength, kernels)
    }
  }

  private func commit(_ store: LaneStore, salts label: String) -> LaneCommitment {
    var salts = stream(label)
    return LaneCommitment(
      lanes: store.columns,
      logDomainSize: code.logDomainSize,
      salts: salts.salts(code.domainSize, kernels),
      kernels: kernels
    )
  }

  // MARK: tests that cheat

  private func tampered(_ store: LaneStore, group: Int) -> LaneStore {
    guard let change = tamper.lanes else { return store }
    var messages = store.messages
    change(group, &messages)
    return LaneStore(messages: messages, code: code)
  }

  /// The main group with columns that were changed behind its commitment.
  private func columnsTampered(_ store: LaneStore) -> LaneStore {
    guard let change = tamper.columns else { return store }
    let copy = LaneStore(messages: store.messages, code: code)
    var columns = layout.columns.map { places in
      places.map { $0.group == groups.count ? copy.column($0) : [] }
    }
    change(&columns)
    for (table, places) in layout.columns.enumerated() {
      for (column, place) in places.enumerated() where place.group == groups.count {
        copy.write(columns[table][column], pad: [], at: place)
      }
    }
    return copy
  }

  // MARK: zero knowledge

  /// R1 for each table at r, and for one fresh column at r and r' together; reusable groups check
  /// their own points.
  private func hasRank(_ r: [ChallengeField], _ opened: [ChallengeField]) -> Bool {
    let main = groups.count
    let fresh = statement.tables.indices.filter { table in
      layout.columns[table].contains { $0.group == main }
    }
    let widest = fresh.max {
      statement.tables[$0].logPadRowCount < statement.tables[$1].logPadRowCount
    }
    for (index, table) in statement.tables.enumerated() {
      let shape = ReusableGroup.Shape(
        logHeight: table.logHeight,
        logPadRowCount: table.logPadRowCount
      )
      var points = [RankCondition.padWeights(shape, point: r)]
      if index == widest, let column = layout.columns[index].first(where: { $0.group == main }) {
        let offset = layout.virtualOffset(column)
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
    return widest != nil
  }
}
