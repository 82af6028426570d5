public import Algebra

/// Σ coefficient · committed column + constant, flat: what linear layers of permutations are made of.
public struct LinearForm: Hashable, Sendable {
  /// Columns, ascending, with coefficients that are not zero.
  public private(set) var terms: [(column: Int, coefficient: BaseField)]
  /// The constant.
  public var constant: BaseField
  /// A sum over the terms, equal for equal terms: forms of permutations are looked up hundred thousands of times,
  /// and to hash their terms each time was a third of a verification.
  private var fingerprint: UInt64

  /// A constant.
  public init(constant: BaseField = .zero) {
    (terms, self.constant, fingerprint) = ([], constant, 0)
  }

  /// A column.
  public init(column: Int) {
    (terms, constant, fingerprint) = ([(column, .one)], .zero, 0)
    fingerprint = Self.fingerprint(terms)
  }

  private static func fingerprint(_ terms: [(column: Int, coefficient: BaseField)]) -> UInt64 {
    var sum: UInt64 = 0
    for (column, coefficient) in terms {
      // The finalizer of SplitMix64 on column and coefficient.
      var z = UInt64(truncatingIfNeeded: column) << 32 ^ UInt64(coefficient.value)
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      sum &+= z ^ z >> 31
    }
    return sum
  }

  /// The sum.
  ///
  /// - Complexity: O(terms).
  public static func + (a: LinearForm, b: LinearForm) -> LinearForm {
    var sum = LinearForm(constant: a.constant + b.constant)
    var (left, right) = (a.terms[...], b.terms[...])
    while let x = left.first, let y = right.first {
      if x.column < y.column {
        sum.terms.append(left.removeFirst())
      } else if y.column < x.column {
        sum.terms.append(right.removeFirst())
      } else {
        let coefficient = x.coefficient + y.coefficient
        if coefficient != .zero { sum.terms.append((x.column, coefficient)) }
        left.removeFirst()
        right.removeFirst()
      }
    }
    sum.terms += left + right
    sum.fingerprint = fingerprint(sum.terms)
    return sum
  }

  /// The multiple.
  public static func * (a: LinearForm, factor: BaseField) -> LinearForm {
    var product = LinearForm(constant: a.constant * factor)
    guard factor != .zero else { return product }
    product.terms = a.terms.map { ($0.column, $0.coefficient * factor) }
    product.fingerprint = fingerprint(product.terms)
    return product
  }

  /// Equal forms have equal terms: both are sorted.
  public static func == (a: LinearForm, b: LinearForm) -> Bool {
    a.fingerprint == b.fingerprint && a.constant == b.constant
      && a.terms.elementsEqual(b.terms, by: ==)
  }

  /// Feeds what stands for the terms.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(fingerprint)
    hasher.combine(constant.value)
  }
}

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
  /// A linear combination of committed columns.
  case linear(LinearForm)
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
    case .column, .publicColumn, .linear: 1
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
    case .linear(let form):
      (form.terms.reduce(-1) { max($0, $1.column < 0 ? .max : $1.column) }, -1)
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b):
      Self.larger(a.largestColumns, b.largestColumns)
    }
  }

  /// Each part's larger number.
  ///
  /// Both operands are visited once, so that nesting costs no more than size.
  private static func larger(
    _ a: (committed: Int, public: Int),
    _ b: (committed: Int, public: Int)
  ) -> (committed: Int, public: Int) {
    (max(a.committed, b.committed), max(a.public, b.public))
  }

  /// The value in a row.
  ///
  /// - Precondition: every column that occurs has a value.
  public func value<E: FieldElement>(columns: [E], publicColumns: [E]) -> E {
    switch self {
    case .column(let index): columns[index]
    case .publicColumn(let index): publicColumns[index]
    case .constant(let constant): E(constant)
    case .linear(let form):
      form.terms.reduce(E(form.constant)) { $0 + columns[$1.column] * $1.coefficient }
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
