internal import Algebra

/// One Poseidon2 permutation of a row as columns and rules of degree 3 (eprint 2023/323).
///
/// Cells in order: for each full round but the last the state behind its external layer, for each partial
/// round the S-box's output, for the last full round the outputs that are asked for. Between cells the state
/// is linear in them. Width 16 with 8 outputs has 140 cells, width 24 has 199.
public struct Poseidon2Gadget: Sendable {
  /// The width of a permutation.
  public enum Width: Int, Sendable { case narrow = 16, wide = 24 }

  /// Width and input, from which provers compute the cells in fewer steps than the definitions take.
  package let width: Width
  /// The state's elements.
  package let input: [LinearForm]
  /// What each cell is: an expression of the input's columns and of cells before it.
  public let definitions: [(column: Int, value: Expression)]
  /// The columns of the outputs.
  public let outputs: [Int]

  /// The rules: each cell is what it is defined as.
  public var constraints: [Constraint] {
    definitions.enumerated().map { index, definition in
      Constraint("permutation cell \(index)", .column(definition.column) - definition.value)
    }
  }

  /// The permutation of an input.
  ///
  /// - Parameters:
  ///   - width: 16 or 24 elements.
  ///   - input: the state's elements as linear forms of the row's columns.
  ///   - firstCell: the column of the first cell; the others follow.
  ///   - outputCount: how many elements of the result have a cell.
  public init(_ width: Width, input: [LinearForm], firstCell: Int, outputCount: Int = 8) {
    precondition(input.count == width.rawValue, "one form an element")
    (self.width, self.input) = (width, input)
    let constants = Poseidon2Parameters.canonical(width: width.rawValue)
    var definitions: [(column: Int, value: Expression)] = []
    func cell(_ value: Expression) -> LinearForm {
      definitions.append((firstCell + definitions.count, value))
      return LinearForm(column: firstCell + definitions.count - 1)
    }
    func cube(_ form: LinearForm, _ constant: BaseField) -> Expression {
      let x = Expression.linear(form + LinearForm(constant: constant))
      return x * x * x
    }
    var state = Self.external(input, LinearForm()) {
      $0 + $1
    } times: {
      $0 * $1
    }
    func fullRound(_ round: [BaseField], outputs: Int) {
      let cubes = zip(state, round).map { cube($0, $1) }
      let mixed = Self.external(cubes, .constant(.zero)) {
        $0 + $1
      } times: {
        $1 == .one ? $0 : .constant($1) * $0
      }
      state = mixed.prefix(outputs).map { cell($0) }
    }
    for round in constants.initial { fullRound(round, outputs: width.rawValue) }
    for constant in constants.inner {
      state[0] = cell(cube(state[0], constant))
      let sum = state.reduce(LinearForm()) { $0 + $1 }
      state = zip(state, constants.diagonal).map { $0 * $1 + sum }
    }
    for (index, round) in constants.final.enumerated() {
      let isLast = index == constants.final.count - 1
      fullRound(round, outputs: isLast ? outputCount : width.rawValue)
    }
    self.definitions = definitions
    outputs = Array(definitions.suffix(outputCount).map(\.column))
  }

  /// circ(2·M4, M4, …) with M4 = circ(2, 3, 1, 1), over anything that has sums and multiples.
  private static func external<T>(
    _ state: [T],
    _ zero: T,
    _ add: (T, T) -> T,
    times: (T, BaseField) -> T
  ) -> [T] {
    let row = [2, 3, 1, 1].map { BaseField($0) }
    return state.indices.map { index in
      var sum: T?
      for (other, element) in state.enumerated() {
        // Block (i, j) is M4, twice that on the diagonal; in it entry (r, c) is row[c − r].
        var factor = row[(other % 4 - index % 4 + 4) % 4]
        if other / 4 == index / 4 { factor = factor + factor }
        let term = times(element, factor)
        sum = sum.map { add($0, term) } ?? term
      }
      return sum ?? zero
    }
  }
}
