public import Algebra

/// A polynomial in the values of one row: committed columns, public columns and constants.
///
/// Written once, evaluated over F by the prover and over E by both.
public indirect enum Expression: Hashable, Sendable {
  /// A committed column of the table, by its number.
  case column(Int)
  /// A public column of the table, by its number.
  case publicColumn(Int)
  /// A constant.
  case constant(BaseField)
  /// The sum.
  case sum(Expression, Expression)
  /// The difference.
  case difference(Expression, Expression)
  /// The product.
  case product(Expression, Expression)

  /// The degree in the row's values.
  ///
  /// - Complexity: O(size).
  public var degree: Int {
    switch self {
    case .column, .publicColumn: 1
    case .constant: 0
    case .sum(let a, let b), .difference(let a, let b): max(a.degree, b.degree)
    case .product(let a, let b): a.degree + b.degree
    }
  }

  /// The largest number of a committed and of a public column that occur, or −1; a negative number, which
  /// no table has, counts as beyond all.
  var largestColumns: (committed: Int, public: Int) {
    switch self {
    case .column(let index): (index < 0 ? .max : index, -1)
    case .publicColumn(let index): (-1, index < 0 ? .max : index)
    case .constant: (-1, -1)
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b):
      (
        max(a.largestColumns.committed, b.largestColumns.committed),
        max(a.largestColumns.public, b.largestColumns.public)
      )
    }
  }

  /// The value in a row.
  ///
  /// - Precondition: every column that occurs has a value.
  public func value<E: FieldElement>(columns: [E], publicColumns: [E]) -> E {
    switch self {
    case .column(let index): columns[index]
    case .publicColumn(let index): publicColumns[index]
    case .constant(let constant): E(constant)
    case .sum(let a, let b):
      a.value(columns: columns, publicColumns: publicColumns)
        + b.value(columns: columns, publicColumns: publicColumns)
    case .difference(let a, let b):
      a.value(columns: columns, publicColumns: publicColumns)
        - b.value(columns: columns, publicColumns: publicColumns)
    case .product(let a, let b):
      a.value(columns: columns, publicColumns: publicColumns)
        * b.value(columns: columns, publicColumns: publicColumns)
    }
  }

  /// The sum.
  public static func + (a: Expression, b: Expression) -> Expression { .sum(a, b) }
  /// The difference.
  public static func - (a: Expression, b: Expression) -> Expression { .difference(a, b) }
  /// The product.
  public static func * (a: Expression, b: Expression) -> Expression { .product(a, b) }
  /// The additive inverse.
  public static prefix func - (a: Expression) -> Expression { .constant(.zero) - a }
}

extension Expression: ExpressibleByIntegerLiteral {
  /// A constant; a negative one counts down from p.
  public init(integerLiteral value: Int) { self = .constant(BaseField(value)) }
}
