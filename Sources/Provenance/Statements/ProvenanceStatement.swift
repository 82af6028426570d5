internal import Algebra
public import Merkle
public import ProofSystem

/// S2: every training example, in the order that C_T commits to, is a committed record of the registry, no tombstone;
/// every used record's license entry and flags are allowed; no record is used more often than is stated; and what
/// is used adds up, class by class, to totals in public ranges.
public struct ProvenanceStatement: Hashable, Sendable {
  /// A group of columns that a link statement tied to a tree.
  public struct Group: Hashable, Sendable {
    /// The root.
    public var root: [UInt8]
    /// The number of rows.
    public var count: Int
    /// A group by root and rows.
    public init(root: [UInt8], count: Int) { (self.root, self.count) = (root, count) }
  }

  /// The most uses of a record that a statement can allow.
  public static let useLimits = 1...15
  /// Uses of all records, and examples, are at most this many: sums of bytes stay below p.
  public static let rowLimit = 1 << 22
  /// log2 of the height of BMAX: sixteen rows and pad rows.
  private static let logUseHeight = 8

  /// SHA-256 of the context.
  public let contextDigest: SHA256Hash
  /// R.
  public let root: Poseidon2Digest
  /// The epoch.
  public let epoch: UInt64
  /// D, days since 1970-01-01.
  public let day: UInt32
  /// U_1, …, U_J.
  public let registryGroups: [Group]
  /// C_T,1, …, C_T,I.
  public let trainingGroups: [Group]
  /// bmax.
  public let useLimit: Int
  /// What may be used, and its class.
  public let decisions: [DecisionRow]
  /// For each class the ranges of records, bytes and words.
  public let ranges: [TotalRange]
  /// The profile.
  public let profile: Profile
  /// The code of the epoch's groups.
  public let code: CodeParameters
  /// Who asks.
  public let audience: [UInt8]
  /// What the asker chose.
  public let nonce: [UInt8]

  /// A statement; `statement()` checks it.
  public init(
    context: ProofContext,
    registryGroups: [Group],
    trainingGroups: [Group],
    useLimit: Int,
    decisions: [DecisionRow],
    ranges: [TotalRange],
    profile: Profile,
    code: CodeParameters,
    audience: [UInt8] = [],
    nonce: [UInt8] = Array(repeating: 0, count: 32)
  ) {
    (contextDigest, root, epoch) = (context.digest, context.poseidon2Root, context.epoch)
    day = context.day
    (self.registryGroups, self.trainingGroups) = (registryGroups, trainingGroups)
    (self.useLimit, self.decisions, self.ranges) = (useLimit, decisions, ranges)
    (self.profile, self.code, self.audience, self.nonce) = (profile, code, audience, nonce)
  }

  /// The tables, once every public input has passed its check.
  ///
  /// - Throws: `VerificationError.publicInputInvalid`, `.soundnessCondition`.
  public func statement() throws(VerificationError) -> Statement {
    guard Self.useLimits.contains(useLimit), !registryGroups.isEmpty, !trainingGroups.isEmpty,
      registryGroups.count + trainingGroups.count <= 90,
      (registryGroups + trainingGroups).allSatisfy({ $0.count > 0 && $0.root.count == 32 }),
      nonce.count == 32, !decisions.isEmpty, decisions.count <= PublicColumn.explicitLimit,
      zip(decisions, decisions.dropFirst()).allSatisfy({ $0.key < $1.key }),
      !ranges.isEmpty, ranges.count % 3 == 0, ranges.count <= PublicColumn.explicitLimit,
      ranges.allSatisfy(\.isAllowed),
      decisions.allSatisfy({ $0.classIndex >= 0 && $0.classIndex < ranges.count / 3 })
    else { throw .publicInputInvalid }
    var uses = 0
    for group in registryGroups {
      let (sum, overflow) = uses.addingReportingOverflow(group.count)
      guard !overflow, sum <= Self.rowLimit / useLimit else { throw .soundnessCondition }
      uses = sum
    }
    var examples = 0
    for group in trainingGroups {
      let (sum, overflow) = examples.addingReportingOverflow(group.count)
      guard !overflow, sum <= Self.rowLimit else { throw .soundnessCondition }
      examples = sum
    }
    return unchecked()
  }

  /// n_T.
  public var exampleCount: Int { trainingGroups.reduce(0) { $0 &+ $1.count } }

  /// The tables without the check, for tests with provers that cheat.
  package func unchecked() -> Statement {
    let main = registryGroups.count + trainingGroups.count
    var tables: [Table] = []
    for (index, group) in registryGroups.enumerated() {
      tables.append(records("U_\(index + 1)", count: group.count, group: index, main: main))
    }
    for (index, group) in trainingGroups.enumerated() {
      let place = registryGroups.count + index
      tables.append(Self.examples("T_\(index + 1)", count: group.count, group: place))
    }
    if useLimit > 1 { tables.append(Self.uses(limit: useLimit, group: main)) }
    tables.append(Self.decisions(decisions, group: main))
    tables.append(TotalsTable.table(ranges: ranges, group: main))
    tables.append(TreeTables.byte(group: main))
    let groups =
      registryGroups.enumerated().map {
        CommitmentGroup.reusable("U_\($0 + 1)", root: $1.root)
      }
      + trainingGroups.enumerated().map {
        CommitmentGroup.reusable("C_T,\($0 + 1)", root: $1.root)
      } + [.main]
    return Statement(
      kind: "provenance",
      profile: profile,
      tables: tables,
      code: code,
      groups: groups,
      publicInputs: publicInputs,
      audience: audience,
      nonce: nonce
    )
  }

  private var publicInputs: [UInt8] {
    func number(_ value: Int) -> [UInt8] { ProofCoding.bytes(UInt32(truncatingIfNeeded: value)) }
    func seven(_ value: UInt64) -> [UInt8] { Array(ProofCoding.bytes(value).prefix(7)) }
    var bytes = contextDigest.bytes + root.statementBytes + ProofCoding.bytes(epoch)
    bytes += ProofCoding.bytes(day) + number(registryGroups.count) + number(trainingGroups.count)
    bytes += ProofCoding.bytes(UInt64(truncatingIfNeeded: exampleCount)) + number(useLimit)
    bytes += number(decisions.count)
    for row in decisions { bytes += number(row.source) + number(row.lf) + number(row.classIndex) }
    bytes += number(ranges.count / 3)
    for range in ranges { bytes += seven(range.low) + seven(range.high) }
    return bytes
  }

  // MARK: tables

  /// U_j: the linked columns with how often each record is used, and its class.
  private func records(_ name: String, count: Int, group: Int, main: Int) -> Table {
    func c(_ index: Int) -> Expression { .column(index) }
    let (live, used, kind) = (c(19), c(20), c(21))
    let log = StatementShape.logReusablePadRowCount
    let limit = UInt64(useLimit)
    var constraints = [Constraint("a used record is live", used * (1 - live))]
    if useLimit == 1 {
      constraints.append(Constraint("a record is used once or not", used * (used - 1)))
    }
    var messages = [
      Message(
        tag: Bus.record,
        numerators: [used],
        values: (0..<9).map { c($0) }
          + [.linear(TreeTables.number(10)), .linear(TreeTables.number(14))],
        bound: .atMost(limit)
      ),
      Message(
        tag: Bus.decision,
        numerators: [used],
        values: [c(18), c(9), kind],
        bound: .atMost(limit)
      ),
      Message(
        tag: Bus.totals,
        numerators: [used] + (10..<18).map { used * c($0) },
        values: [kind],
        bound: .atMost(255 * limit)
      ),
    ]
    if useLimit > 1 {
      messages.append(
        Message(tag: Bus.use, numerators: [1], values: [used], bound: .atMost(1))
      )
    }
    return Table(
      name: name,
      logHeight: StatementShape.logHeight(rowCount: count, logPadRowCount: log),
      activeRowCount: count,
      logPadRowCount: log,
      columns: LinkStatement.groupColumns.map { Column($0, group: group) }
        + ["b", "cl"].map { Column($0, group: main) },
      constraints: constraints,
      messages: messages
    )
  }

  /// T_i: every example asks for its record.
  private static func examples(_ name: String, count: Int, group: Int) -> Table {
    let log = StatementShape.logReusablePadRowCount
    return Table(
      name: name,
      logHeight: StatementShape.logHeight(rowCount: count, logPadRowCount: log),
      activeRowCount: count,
      logPadRowCount: log,
      columns: TrainingLinkStatement.groupColumns.map { Column($0, group: group) },
      messages: [
        Message(
          tag: Bus.record,
          numerators: [-1],
          values: (0..<11).map { .column($0) },
          bound: .atMost(1)
        )
      ]
    )
  }

  /// BMAX: 0 to bmax.
  private static func uses(limit: Int, group: Int) -> Table {
    Table(
      name: "BMAX",
      logHeight: logUseHeight,
      activeRowCount: limit + 1,
      logPadRowCount: StatementShape.logFreshPadRowCount,
      columns: [Column("m", group: group)],
      publicColumns: [.index],
      messages: [
        Message(
          tag: Bus.use,
          numerators: [-.column(0)],
          values: [.publicColumn(0)],
          bound: .free
        )
      ]
    )
  }

  /// DEC: what the policy allows.
  private static func decisions(_ rows: [DecisionRow], group: Int) -> Table {
    func explicit(_ value: (DecisionRow) -> Int) -> PublicColumn {
      .explicit(rows.map { BaseField(reducing: UInt64(truncatingIfNeeded: value($0))) })
    }
    let log = StatementShape.logFreshPadRowCount
    return Table(
      name: "DEC",
      logHeight: StatementShape.logHeight(rowCount: rows.count, logPadRowCount: log),
      activeRowCount: rows.count,
      logPadRowCount: log,
      columns: [Column("m", group: group)],
      publicColumns: [explicit { $0.source }, explicit { $0.lf }, explicit { $0.classIndex }],
      messages: [
        Message(
          tag: Bus.decision,
          numerators: [-.column(0)],
          values: (0..<3).map { .publicColumn($0) },
          bound: .free
        )
      ]
    )
  }
}
