internal import Algebra

/// The weight W of the constraint ⟨h_i, W⟩ = claim while variables are bound, highest first.
///
/// The row of the data, both masks, and power vectors of points: kept by its terms, never as a vector.
struct FoldedWeight {
  /// (x^j)_j, times a factor.
  private struct Powers {
    /// x^(2^i) by variable.
    let squares: [ChallengeField]
    let base: BaseField?
    var factor: ChallengeField
  }

  private let rowPoint: [ChallengeField]
  private let logDataLength: Int
  private var rowFactor = ChallengeField.one
  /// The mask zone's weights, and the number of variables that they span.
  private var mask: MultilinearPolynomial<ChallengeField>
  private var maskFactor = ChallengeField.one
  private var powers: [Powers] = []
  private(set) var variableCount: Int
  private let xi: ChallengeField

  /// row + ξ w1 + ξ² w2 on data and tail.
  init(_ form: OpeningForm, code: CodeParameters, xi: ChallengeField) {
    (rowPoint, self.xi) = (form.rowPoint, xi)
    logDataLength = code.logDataLength
    var zone = form.firstWeights.map { $0 * xi } + form.secondWeights.map { $0 * (xi * xi) }
    while zone.count < code.maskZoneLength || zone.count.nonzeroBitCount != 1 { zone.append(.zero) }
    mask = MultilinearPolynomial(zone)
    variableCount = logDataLength + 1
  }

  /// The claim that the three forms' values give: data + ξ first + ξ² second.
  func batch(_ values: (ChallengeField, ChallengeField, ChallengeField)) -> ChallengeField {
    values.0 + xi * (values.1 + xi * values.2)
  }

  /// Adds factor · (x^j)_j over the variables that are left.
  mutating func add(_ x: ChallengeField, base: BaseField? = nil, factor: ChallengeField) {
    var squares: [ChallengeField] = []
    var square = x
    for _ in 0..<variableCount {
      squares.append(square)
      square *= square
    }
    powers.append(Powers(squares: squares, base: base, factor: factor))
  }

  /// Binds the highest variable.
  mutating func bind(to r: ChallengeField) {
    let variable = variableCount - 1
    variableCount = variable
    if variable == logDataLength {
      // Data has top bit 0, the tail 1.
      rowFactor *= .one - r
      maskFactor *= r
    } else {
      let both = r * rowPoint[variable]
      rowFactor *= both + both + .one - r - rowPoint[variable]
      if variable < mask.variableCount { mask.bindHighest(to: r) } else { maskFactor *= .one - r }
    }
    for index in powers.indices {
      powers[index].factor *= .one - r + r * powers[index].squares[variable]
    }
  }

  /// ⟨values, W⟩ for what is left in the clear.
  ///
  /// - Complexity: O(terms · length).
  func product(with values: [ChallengeField]) -> ChallengeField {
    var weights = EqPolynomial.table(Array(rowPoint.prefix(variableCount))).map { $0 * rowFactor }
    for (index, weight) in mask.values.enumerated() where index < weights.count {
      weights[index] += weight * maskFactor
    }
    for term in powers {
      var power = term.factor
      for index in weights.indices {
        weights[index] += power
        if let base = term.base {
          power = power * base
        } else {
          power *= term.squares.first ?? .one
        }
      }
    }
    var sum = ChallengeField.zero
    for (value, weight) in zip(values, weights) { sum += value * weight }
    return sum
  }
}
