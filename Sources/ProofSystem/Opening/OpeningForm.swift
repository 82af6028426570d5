internal import Algebra

/// The slots of both masks in the mask zone.
package enum MaskSlots {
  /// The weights of a mask's coefficients at a point: 1, then r_i^j; the mask's value is their product.
  package static func weights(at point: [ChallengeField], degree: Int) -> [ChallengeField] {
    [.one] + point.flatMap { $0.powers(degree + 1).dropFirst() }
  }
}

/// The linear forms of the opening, from both points.
///
/// `row` = eq(r'_0 … r'_{μ−1}) on a lane's data, `lanes` = eq(r'_μ …) on the lanes of the virtual stack,
/// and the weights of both masks on the mask zone.
package struct OpeningForm: Sendable {
  private let code: CodeParameters
  private let layout: StackLayout
  /// eq(r'_μ …), by lane of the virtual stack.
  package let lanes: [ChallengeField]
  /// w1: the weights of the first mask's slots.
  package let firstWeights: [ChallengeField]
  /// w2: the weights of the second mask's slots, which follow.
  package let secondWeights: [ChallengeField]
  /// r'_0 … r'_{μ−1}.
  package let rowPoint: [ChallengeField]

  /// The forms for the points of both sumchecks.
  package init(
    _ statement: Statement,
    _ layout: StackLayout,
    point: [ChallengeField],
    opened: [ChallengeField]
  ) {
    (code, self.layout) = (statement.code, layout)
    rowPoint = Array(opened.prefix(statement.code.logDataLength))
    lanes = EqPolynomial.table(Array(opened.dropFirst(statement.code.logDataLength)))
    firstWeights = MaskSlots.weights(at: point, degree: 4)
    secondWeights = MaskSlots.weights(at: opened, degree: 2)
  }

  /// ⟨data, row⟩, ⟨mask zone, w1⟩ and ⟨mask zone, w2⟩ of a lane message over E.
  package func values(
    of lane: [ChallengeField]
  ) -> (ChallengeField, ChallengeField, ChallengeField) {
    var (data, first, second) = (ChallengeField.zero, ChallengeField.zero, ChallengeField.zero)
    for (value, weight) in zip(lane, EqPolynomial.table(rowPoint)) { data += value * weight }
    let zone = lane[code.dataLength..<code.dataLength + code.maskZoneLength]
    for (value, weight) in zip(zone, firstWeights) { first += value * weight }
    for (value, weight) in zip(zone.dropFirst(firstWeights.count), secondWeights) {
      second += value * weight
    }
    return (data, first, second)
  }

  /// What the codeword of h must be at a position: g + ε Σ_l eq_l f_l + ε² m.
  ///
  /// `values` has, by group, the values of the group's lanes there; behind the helper group's stack lanes
  /// come the five of the mask lane and the five of the blinder lane.
  package func combination(
    _ values: [ArraySlice<BaseField>],
    epsilon: ChallengeField
  ) -> ChallengeField {
    var stack = ChallengeField.zero
    for (group, row) in values.enumerated() {
      for (lane, value) in row.prefix(layout.laneCounts[group]).enumerated() {
        stack += lanes[layout.firstLanes[group] + lane] * value
      }
    }
    let own = values[layout.helperGroup].dropFirst(layout.laneCounts[layout.helperGroup])
    let mask = ChallengeField(coordinates: own.prefix(ChallengeField.degree)) ?? .zero
    let blinder = ChallengeField(coordinates: own.dropFirst(ChallengeField.degree)) ?? .zero
    return blinder + epsilon * stack + epsilon * epsilon * mask
  }
}
