internal import Algebra

/// The statement that the engine can be tried with: "I know n numbers below 2^16 with this sum".
///
/// Two tables look bytes up in a third, a fourth publishes the sum.
public enum RangeExample {
  private static let byteTag: UInt32 = 2
  private static let sumTag: UInt32 = 7
  /// So many numbers keep every sum of multiplicities below p.
  public static let countLimit = 1 << 13

  /// The statement for a number of values and their sum.
  ///
  /// - Precondition: the number is 1 to `countLimit`.
  public static func statement(
    count: Int,
    sum: UInt64,
    profile: Profile = .uniqueDecoding100
  ) -> Statement {
    precondition((1...countLimit).contains(count), "1 to 2^13 numbers")
    var logHeight = 8
    while (1 << logHeight) - 128 < count { logHeight += 1 }
    let low = Expression.column(0)
    let high = Expression.column(1)
    let value = Expression.column(2)
    let bound = Message.Bound.atMost(65_535)
    let values = Table(
      name: "VALUES",
      logHeight: logHeight,
      activeRowCount: count,
      logPadRowCount: 7,
      columns: [Column("low"), Column("high"), Column("value")],
      constraints: [Constraint("value is low + 256 high", value - low - 256 * high)],
      messages: [
        Message(tag: byteTag, numerators: [1], values: [low], bound: .atMost(1)),
        Message(tag: byteTag, numerators: [1], values: [high], bound: .atMost(1)),
        Message(tag: sumTag, numerators: [value], values: [], bound: bound),
      ]
    )
    let bytes = Table(
      name: "BYTE",
      logHeight: 9,
      activeRowCount: 256,
      logPadRowCount: 7,
      columns: [Column("multiplicity")],
      publicColumns: [.index],
      messages: [
        Message(
          tag: byteTag,
          numerators: [-.column(0)],
          values: [.publicColumn(0)],
          bound: .free
        )
      ]
    )
    let total = Table(
      name: "TOTAL",
      logHeight: 8,
      activeRowCount: 1,
      logPadRowCount: 7,
      columns: [Column("unused")],
      publicColumns: [.explicit([BaseField(reducing: sum)])],
      constraints: [Constraint("unused is zero", .column(0))],
      messages: [
        Message(
          tag: sumTag,
          numerators: [-.publicColumn(0)],
          values: [],
          bound: .atMost(min(sum, 1 << 31))
        )
      ]
    )
    return Statement(
      kind: "example-range",
      profile: profile,
      tables: [values, bytes, total],
      code: CodeParameters(
        logDataLength: max(10, logHeight - 1),
        logTailLength: 9,
        logInverseRate: 2
      ),
      publicInputs: ProofCoding.bytes(UInt32(truncatingIfNeeded: count)) + ProofCoding.bytes(sum)
    )
  }
}
