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
  /// The rules.
  public let constraints: [Constraint]
  /// What each row sends.
  public let messages: [Message]

  /// A table.
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
    (self.name, self.logHeight, self.activeRowCount) = (name, logHeight, activeRowCount)
    (self.logPadRowCount, self.columns) = (logPadRowCount, columns)
    (self.publicColumns, self.constraints, self.messages) = (publicColumns, constraints, messages)
  }

  /// 2^k.
  public var rowCount: Int { 1 << logHeight }
  /// The first pad row.
  public var firstPadRow: Int { rowCount - (1 << logPadRowCount) }
  /// The number of helper columns over E: one for each pair of messages.
  public var helperCount: Int { (messages.count + 1) / 2 }
}
