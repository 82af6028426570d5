internal import Algebra
internal import ProofSystem

/// What a class's records, bytes or words add up to lies in this range; both ends belong to it.
public struct TotalRange: Hashable, Sendable {
  /// No total reaches this: seven bytes.
  public static let limit: UInt64 = 1 << 56
  /// The range that says nothing.
  public static let any = TotalRange(0, limit - 1)

  /// The smallest total.
  public let low: UInt64
  /// The largest.
  public let high: UInt64

  /// A range from its ends.
  public init(_ low: UInt64, _ high: UInt64) { (self.low, self.high) = (low, high) }

  /// Whether a total lies in the range.
  public func contains(_ total: UInt64) -> Bool { low <= total && total <= high }

  /// Whether the ends are in order and below the limit.
  var isAllowed: Bool { low <= high && high < Self.limit }
}

/// STAT: hidden totals by class, in bytes with carries, and that they lie in public ranges.
///
/// Rows are class by class: records, bytes, words. Columns: four limb sums s, four digits d, three bytes of carry
/// for each limb, then d − lo and hi − d digit by digit with their borrows.
public enum TotalsTable {
  /// The number of digits of a total.
  public static let digitCount = 7
  /// The first column of each kind.
  public static let firstSum = 0
  /// The digits.
  public static let firstDigit = 4
  /// The carries: three bytes for each limb.
  public static let firstCarry = 8
  /// total − lo.
  public static let firstAbove = 20
  /// Its borrows.
  public static let firstAboveBorrow = 27
  /// hi − total.
  public static let firstBelow = 33
  /// Its borrows.
  public static let firstBelowBorrow = 40
  /// The number of columns.
  public static let columnCount = 46

  /// The column of digit l of a total: the last three are the bytes of the last carry.
  public static func digit(_ index: Int) -> Int {
    index < 4 ? firstDigit + index : firstCarry + 9 + index - 4
  }

  static func table(ranges: [TotalRange], group: Int) -> Table {
    func c(_ index: Int) -> Expression { .column(index) }
    func known(_ index: Int) -> Expression { .publicColumn(index) }
    let log = StatementShape.logFreshPadRowCount
    let (classes, isRecords, isBytes, isWords) = (known(0), known(1), known(2), known(3))
    var constraints: [Constraint] = []
    func carry(_ limb: Int) -> Expression {
      guard limb >= 0 else { return 0 }
      return .linear(
        (0..<3).reduce(LinearForm()) {
          $0 + LinearForm(column: firstCarry + 3 * limb + $1)
            * BaseField(reducing: 1 << UInt64(8 * $1))
        }
      )
    }
    for limb in 0..<4 {
      let sum = c(firstSum + limb) + carry(limb - 1)
      constraints.append(
        Constraint("digit \(limb) with its carry", sum - c(firstDigit + limb) - 256 * carry(limb))
      )
    }
    for limb in 1..<4 {
      constraints.append(
        Constraint("records have one limb (\(limb))", isRecords * c(firstSum + limb))
      )
    }
    func chain(_ name: String, _ first: Int, _ firstBorrow: Int, _ value: (Int) -> Expression) {
      func borrow(_ index: Int) -> Expression {
        (0..<digitCount - 1).contains(index) ? c(firstBorrow + index) : 0
      }
      for index in 0..<digitCount {
        constraints.append(
          Constraint(
            "\(name), digit \(index)",
            c(first + index) - value(index) + borrow(index - 1) - 256 * borrow(index)
          )
        )
      }
      for index in 0..<digitCount - 1 {
        let u = borrow(index)
        constraints.append(Constraint("\(name), borrow \(index) is 0 or 1", u * (u - 1)))
      }
    }
    chain("not below the range", firstAbove, firstAboveBorrow) { c(digit($0)) - known(4 + $0) }
    chain("not above the range", firstBelow, firstBelowBorrow) { known(11 + $0) - c(digit($0)) }
    let four = BaseField(reducing: 4)
    var messages = [
      Message(
        tag: Bus.totals,
        numerators: [-(isRecords * c(0))] + (0..<4).map { -(isBytes * c($0)) }
          + (0..<4).map { -(isWords * c($0)) },
        values: [classes],
        bound: .free
      ),
      TreeTables.pair(c(firstDigit), c(firstDigit + 1)),
      TreeTables.pair(c(firstDigit + 2), c(firstDigit + 3)),
    ]
    for index in 0..<digitCount {
      messages.append(TreeTables.pair(c(firstAbove + index), c(firstBelow + index)))
    }
    for limb in 0..<4 {
      let first = firstCarry + 3 * limb
      messages.append(TreeTables.pair(c(first), c(first + 1)))
      // Below 64: the carry is below 2^22, and the equation of the limb one of integers.
      messages.append(
        TreeTables.pair(c(first + 2), .linear(LinearForm(column: first + 2) * four))
      )
    }
    return Table(
      name: "STAT",
      logHeight: StatementShape.logHeight(rowCount: ranges.count, logPadRowCount: log),
      activeRowCount: ranges.count,
      logPadRowCount: log,
      columns: columnNames.map { Column($0, group: group) },
      publicColumns: publicColumns(ranges),
      constraints: constraints,
      messages: messages
    )
  }

  private static let columnNames =
    (0..<4).map { "s\($0)" } + (0..<4).map { "d\($0)" }
    + (0..<12).map { "c\($0 / 3),\($0 % 3)" } + (0..<7).map { "w\($0)" } + (0..<6).map { "u\($0)" }
    + (0..<7).map { "w'\($0)" } + (0..<6).map { "u'\($0)" }

  /// Class, three selectors, seven digits of each end.
  private static func publicColumns(_ ranges: [TotalRange]) -> [PublicColumn] {
    func explicit(_ value: (Int) -> UInt64) -> PublicColumn {
      .explicit(ranges.indices.map { BaseField(reducing: value($0)) })
    }
    let selectors = (0..<3).map { quantity in explicit { $0 % 3 == quantity ? 1 : 0 } }
    let lows = (0..<digitCount).map { digit in
      explicit { ranges[$0].low >> UInt64(8 * digit) & 255 }
    }
    let highs = (0..<digitCount).map { digit in
      explicit { ranges[$0].high >> UInt64(8 * digit) & 255 }
    }
    return [explicit { UInt64($0 / 3) }] + selectors + lows + highs
  }
}
