internal import Algebra

/// Tables with the columns, rules and messages of the provenance statement, all in fresh groups: what it
/// costs, before the statement itself is there.
///
/// RECORDS has 22 columns: nine limbs of a digest, license and flags, four bytes each of byte and word count,
/// source, live, used, class. TRAINING has nine limbs and both counts. DECISIONS and TOTALS take what RECORDS
/// sends: a decision for each used record, and nine sums.
public enum ProvenanceShape {
  static let recordTag: UInt32 = 3
  static let decisionTag: UInt32 = 4
  static let totalTag: UInt32 = 5
  /// License entries of the example; record i has entry i mod this.
  public static let decisionCount = 8

  /// The statement for a number of records.
  static func statement(count: Int, profile: Profile) -> Statement {
    let log = ExampleStatement.logHeight(count)
    func c(_ index: Int) -> Expression { .column(index) }
    func number(_ first: Int) -> Expression {
      .linear(
        (0..<4).reduce(LinearForm()) {
          $0 + LinearForm(column: first + $1) * BaseField(1 << (8 * $1))
        }
      )
    }
    let (live, used) = (c(19), c(20))
    let digest = (0..<9).map { c($0) }
    let records = Table(
      name: "RECORDS",
      logHeight: log,
      activeRowCount: count,
      logPadRowCount: 7,
      columns: (0..<22).map { Column("u\($0)") },
      constraints: [
        Constraint("a used record is live", used * (1 - live)),
        Constraint("a record is used once or not", used * (used - 1)),
      ],
      messages: [
        Message(
          tag: recordTag,
          numerators: [used],
          values: digest + [number(10), number(14)],
          bound: .atMost(1)
        ),
        Message(
          tag: decisionTag,
          numerators: [used],
          values: [c(18), c(9), c(21)],
          bound: .atMost(1)
        ),
        Message(
          tag: totalTag,
          numerators: [used] + (10..<18).map { used * c($0) },
          values: [c(21)],
          bound: .atMost(255)
        ),
      ]
    )
    let training = Table(
      name: "TRAINING",
      logHeight: log,
      activeRowCount: count,
      logPadRowCount: 7,
      columns: (0..<11).map { Column("t\($0)") },
      messages: [
        Message(
          tag: recordTag,
          numerators: [-1],
          values: (0..<11).map { c($0) },
          bound: .atMost(1)
        )
      ]
    )
    let index = PublicColumn.explicit((0..<decisionCount).map { BaseField($0) })
    let decisions = Table(
      name: "DECISIONS",
      logHeight: 8,
      activeRowCount: decisionCount,
      logPadRowCount: 7,
      columns: [Column("multiplicity")],
      publicColumns: [.constant(.one), index, .constant(.zero)],
      messages: [
        Message(
          tag: decisionTag,
          numerators: [-c(0)],
          values: [.publicColumn(0), .publicColumn(1), .publicColumn(2)],
          bound: .free
        )
      ]
    )
    let totals = Table(
      name: "TOTALS",
      logHeight: 8,
      activeRowCount: 1,
      logPadRowCount: 7,
      columns: (0..<9).map { Column("s\($0)") },
      messages: [
        Message(
          tag: totalTag,
          numerators: (0..<9).map { -c($0) },
          values: [.constant(.zero)],
          bound: .free
        )
      ]
    )
    return Statement(
      kind: "example-provenance",
      profile: profile,
      tables: [records, training, decisions, totals],
      code: ExampleStatement.code(logHeight: log, profile: profile),
      publicInputs: ProofCoding.bytes(UInt32(truncatingIfNeeded: count))
    )
  }
}
