internal import Algebra
internal import ProofSystem

/// The cells of a permutation as a program with shared intermediate values.
///
/// The definitions of `Poseidon2Gadget` say each cell in terms of cells alone, as the rules need it, and mix a
/// state of 24 in 576 terms. Here layers are computed as the permutation is: 3,445 steps instead of 8,943
/// (2,148 instead of 4,865 for a state of 16), whose registers fit into the cache.
struct PermutationSteps {
  private(set) var steps: [DerivedColumns.Step] = []
  /// Columns of values between cells have numbers that no table has.
  private var nextHelper = 1 << 32
  private var nextCell: Int

  init(_ gadget: Poseidon2Gadget) {
    let constants = Poseidon2Parameters.canonical(width: gadget.width.rawValue)
    nextCell = gadget.definitions.first?.column ?? 0
    var state = mixed(gadget.input.map { helper(.linear($0)) })
    for round in constants.initial {
      state = mixed(zip(state, round).map { cube($0, $1) }).map { cell($0) }
    }
    for constant in constants.inner {
      state[0] = cell(cube(state[0], constant))
      let sum = helper(state.dropFirst().reduce(state[0]) { .sum($0, $1) })
      state = zip(state, constants.diagonal).map { element, factor in
        helper(.sum(.product(.constant(factor), element), sum))
      }
    }
    for (index, round) in constants.final.enumerated() {
      let isLast = index == constants.final.count - 1
      let outputs = isLast ? gadget.outputs.count : state.count
      state = mixed(zip(state, round).map { cube($0, $1) }).prefix(outputs).map { cell($0) }
    }
  }

  private mutating func helper(_ value: Expression) -> Expression {
    steps.append(DerivedColumns.Step(column: nextHelper, value: value, isKept: false))
    nextHelper += 1
    return .column(nextHelper - 1)
  }

  private mutating func cell(_ value: Expression) -> Expression {
    steps.append(DerivedColumns.Step(column: nextCell, value: value, isKept: true))
    nextCell += 1
    return .column(nextCell - 1)
  }

  private mutating func cube(_ element: Expression, _ constant: BaseField) -> Expression {
    let x = helper(.sum(element, .constant(constant)))
    return helper(.product(.product(x, x), x))
  }

  /// circ(2·M4, M4, …): M4 = circ(2, 3, 1, 1) on each four, then the sum over all fours.
  private mutating func mixed(_ state: [Expression]) -> [Expression] {
    var fours: [[Expression]] = []
    for first in stride(from: 0, to: state.count, by: 4) {
      let x = state[first..<first + 4]
      let all = helper(.sum(.sum(x[first], x[first + 1]), .sum(x[first + 2], x[first + 3])))
      fours.append(
        (0..<4).map { index in
          let (own, next) = (x[first + index], x[first + (index + 1) % 4])
          return helper(.sum(.sum(all, own), .sum(next, next)))
        }
      )
    }
    let sums = (0..<4).map { index in
      helper(fours.dropFirst().reduce(fours[0][index]) { .sum($0, $1[index]) })
    }
    return fours.flatMap { four in zip(four, sums).map { .sum($0, $1) } }
  }
}
