internal import Algebra

/// The weight W of the constraint ⟨h_i, W⟩ = claim while variables are bound, highest first.
///
/// The row of the data, both masks, the zeros behind the tail, and power vectors of points: kept by its terms,
/// never as a vector.
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
  /// z: eq(z, ·) weighs the positions behind the tail, as the difference of all positions with top bit 1 and
  /// the tail's.
  private let zerosPoint: [ChallengeField]
  private let logTailLength: Int
  private var upperFactor: ChallengeField
  private var tailFactor: ChallengeField
  private var powers: [Powers] = []
  private(set) var variableCount: Int
  private let xi: ChallengeField

  /// row + ξ w1 + ξ² w2 on data and tail, ξ³ eq(z, ·) behind the tail.
  ///
  /// h is shorter than the vector that is folded: a claim of 0 on what lies behind it keeps its degree below
  /// the code's, by whose rate the queries are counted.
  init(_ form: OpeningForm, code: CodeParameters, xi: ChallengeField, zeros: [ChallengeField]) {
    (rowPoint, self.xi, zerosPoint) = (form.rowPoint, xi, zeros)
    (logDataLength, logTailLength) = (code.logDataLength, code.logTailLength)
    (upperFactor, tailFactor) = (xi * xi * xi, xi * xi * xi)
    var zone = form.firstWeights.map { $0 * xi } + form.secondWeights.map { $0 * (xi * xi) }
    while zone.count < code.maskZoneLength || zone.count.nonzeroBitCount != 1 { zone.append(.zero) }
    mask = MultilinearPolynomial(zone)
    variableCount = logDataLength + 1
  }

  /// The claim that the forms' values give: data + ξ first + ξ² second, and 0 for the zeros.
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
      upperFactor *= r
      tailFactor *= r
    } else {
      let both = r * rowPoint[variable]
      rowFactor *= both + both + .one - r - rowPoint[variable]
      let zero = zerosPoint[variable]
      let equal = r * zero + (.one - r) * (.one - zero)
      upperFactor *= equal
      tailFactor *= variable < logTailLength ? equal : (.one - r) * (.one - zero)
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
    let zeros = EqPolynomial.table(Array(zerosPoint.prefix(variableCount)))
    for (index, weight) in zeros.enumerated() {
      let isTail = index >> logTailLength == 0
      weights[index] += weight * (isTail ? upperFactor - tailFactor : upperFactor)
    }
    var sum = ChallengeField.zero
    for (value, weight) in zip(values, weights) { sum += value * weight }
    // A power vector's product is the value of the polynomial at its point.
    for term in powers {
      if let base = term.base {
        sum += term.factor * evaluate(values, at: base)
      } else {
        let point = term.squares.first ?? .one
        sum += term.factor * values.reversed().reduce(.zero) { $0 * point + $1 }
      }
    }
    return sum
  }
}
