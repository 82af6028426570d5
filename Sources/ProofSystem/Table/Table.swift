internal import Algebra

/// A rule that every active row obeys: the expression is zero.
public struct Constraint: Hashable, Sendable {
  /// The largest degree.
  public static let degreeLimit = 3
  /// The name that errors give.
  public let name: String
  /// What is zero.
  public let expression: Expression
  /// A rule.
  public init(_ name: String, _ expression: Expression) {
    (self.name, self.expression) = (name, expression)
  }
}

/// What a row sends to a bus: values with signed multiplicities.
///
/// A bus balances when for each tag, each tuple of values and each place of the numerators the sum over
/// all rows of all tables is zero in F.
public struct Message: Hashable, Sendable {
  /// How large a numerator can be, which decides whether sums can pass p.
  public enum Bound: Hashable, Sendable {
    /// Constraints of the statement keep every numerator at or below this, in absolute value.
    case atMost(UInt64)
    /// Any field element: a multiplicity that the prover chooses, on the providing side of a lookup.
    case free
  }

  /// The largest degree of a numerator.
  static let numeratorDegreeLimit = 2

  /// The bus; not zero.
  public let tag: UInt32
  /// The multiplicities, of degree at most 2.
  public let numerators: [Expression]
  /// The tuple, of degree at most 1 each.
  public let values: [Expression]
  /// The bound of the numerators.
  public let bound: Bound

  /// A message.
  public init(tag: UInt32, numerators: [Expression], values: [Expression], bound: Bound) {
    (self.tag, self.numerators, self.values, self.bound) = (tag, numerators, values, bound)
  }
}

/// A column that is committed.
public struct Column: Hashable, Sendable {
  /// The name that errors give.
  public let name: String
  /// The number of its commitment group.
  public let group: Int
  /// A column of a group.
  public init(_ name: String, group: Int = 0) { (self.name, self.group) = (name, group) }
}

/// The rules and messages of a table, checked and compiled once: tables of many segments share them.
public final class TableRules: Hashable, Sendable {
  /// The rules.
  public let constraints: [Constraint]
  /// What each row sends.
  public let messages: [Message]
  /// The number of committed columns of a row.
  let columnCount: Int
  /// The number of public columns of a row.
  let publicColumnCount: Int
  /// Whether every degree is within its limit and every column that occurs is one of the row's.
  let isAllowed: Bool
  /// Rules and messages as one program.
  package let program: RowProgram

  /// Rules over rows of so many columns.
  ///
  /// - Complexity: O(size of all expressions).
  public init(
    _ constraints: [Constraint],
    _ messages: [Message],
    columnCount: Int,
    publicColumnCount: Int
  ) {
    (self.constraints, self.messages) = (constraints, messages)
    (self.columnCount, self.publicColumnCount) = (columnCount, publicColumnCount)
    func isAllowed(_ expression: Expression, _ degree: Int) -> Bool {
      let largest = expression.largestColumns
      return expression.degree <= degree && largest.committed < columnCount
        && largest.public < publicColumnCount
    }
    let isAllowed =
      constraints.allSatisfy { isAllowed($0.expression, Constraint.degreeLimit) }
      && messages.allSatisfy { message in
        message.tag != 0 && message.tag < BaseField.modulus && !message.numerators.isEmpty
          && message.values.count <= 24
          && message.numerators.allSatisfy { isAllowed($0, Message.numeratorDegreeLimit) }
          && message.values.allSatisfy { isAllowed($0, 1) }
      }
    self.isAllowed = isAllowed
    program = RowProgram(
      isAllowed ? constraints : [],
      isAllowed ? messages : [],
      columnCount: columnCount,
      publicColumnCount: publicColumnCount
    )
  }

  /// Equal rules have equal parts.
  public static func == (a: TableRules, b: TableRules) -> Bool {
    a === b
      || a.constraints == b.constraints && a.messages == b.messages
        && a.columnCount == b.columnCount && a.publicColumnCount == b.publicColumnCount
  }

  /// Feeds the parts.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(constraints)
    hasher.combine(messages)
  }
}

/// Columns of one height with the rules of their rows.
public struct Table: Hashable, Sendable {
  /// The name that errors give.
  public let name: String
  /// k: the table has 2^k rows.
  public let logHeight: Int
  /// n: rows 0 to n − 1 are active.
  public let activeRowCount: Int
  /// b: the last 2^b rows are pad rows, random in every committed column.
  public let logPadRowCount: Int
  /// The committed columns.
  public let columns: [Column]
  /// The public columns.
  public let publicColumns: [PublicColumn]
  /// The rules of every row.
  public let rules: TableRules

  /// A table with rules of its own.
  public init(
    name: String,
    logHeight: Int,
    activeRowCount: Int,
    logPadRowCount: Int,
    columns: [Column],
    publicColumns: [PublicColumn] = [],
    constraints: [Constraint] = [],
    messages: [Message] = []
  ) {
    self.init(
      name: name,
      logHeight: logHeight,
      activeRowCount: activeRowCount,
      logPadRowCount: logPadRowCount,
      columns: columns,
      publicColumns: publicColumns,
      rules: TableRules(
        constraints,
        messages,
        columnCount: columns.count,
        publicColumnCount: publicColumns.count
      )
    )
  }

  /// A table with rules that others have too.
  public init(
    name: String,
    logHeight: Int,
    activeRowCount: Int,
    logPadRowCount: Int,
    columns: [Column],
    publicColumns: [PublicColumn] = [],
    rules: TableRules
  ) {
    (self.name, self.logHeight, self.activeRowCount) = (name, logHeight, activeRowCount)
    (self.logPadRowCount, self.columns) = (logPadRowCount, columns)
    (self.publicColumns, self.rules) = (publicColumns, rules)
  }

  /// The rules.
  public var constraints: [Constraint] { rules.constraints }
  /// What each row sends.
  public var messages: [Message] { rules.messages }

  /// 2^k.
  public var rowCount: Int { 1 << logHeight }
  /// The first pad row.
  public var firstPadRow: Int { rowCount - (1 << logPadRowCount) }
  /// The number of helper columns over E: one for each pair of messages.
  public var helperCount: Int { (messages.count + 1) / 2 }
}
