internal import Algebra

/// The linear forms of the one-level opening, from both points.
///
/// `row` = eq(r'_0 … r'_{μ−1}) on a lane's data, `lanes` = eq(r'_μ …) on the lanes of the virtual stack,
/// and the weights of both masks on the mask zone.
struct OpeningForm: Sendable {
  private let code: CodeParameters
  private let layout: StackLayout
  private let row: [ChallengeField]
  private let lanes: [ChallengeField]
  private let firstWeights: [ChallengeField]
  private let secondWeights: [ChallengeField]

  init(
    _ statement: Statement,
    _ layout: StackLayout,
    point: [ChallengeField],
    opened: [ChallengeField]
  ) {
    (code, self.layout) = (statement.code, layout)
    row = EqPolynomial.table(Array(opened.prefix(statement.code.logDataLength)))
    lanes = EqPolynomial.table(Array(opened.dropFirst(statement.code.logDataLength)))
    firstWeights = MaskPolynomial.weights(at: point, degree: 4)
    secondWeights = MaskPolynomial.weights(at: opened, degree: 2)
  }

  /// ⟨data, row⟩, ⟨mask zone, w1⟩ and ⟨mask zone, w2⟩ of a lane message over E.
  func values(
    of lane: [ChallengeField]
  ) -> (ChallengeField, ChallengeField, ChallengeField) {
    var (data, first, second) = (ChallengeField.zero, ChallengeField.zero, ChallengeField.zero)
    for (value, weight) in zip(lane, row) { data += value * weight }
    let zone = lane[code.dataLength..<code.dataLength + code.maskZoneLength]
    for (value, weight) in zip(zone, firstWeights) { first += value * weight }
    for (value, weight) in zip(zone.dropFirst(firstWeights.count), secondWeights) {
      second += value * weight
    }
    return (data, first, second)
  }

  /// h = g + ε Σ_l eq_l f_l + ε² m, whole lane messages.
  func combination(
    blinder: [ChallengeField],
    mask: [ChallengeField],
    stackLanes: [[[BaseField]]],
    epsilon: ChallengeField
  ) -> [ChallengeField] {
    var sum = zip(blinder, mask).map { $0 + epsilon * epsilon * $1 }
    for (group, messages) in stackLanes.enumerated() {
      for (lane, message) in messages.enumerated() {
        let weight = epsilon * lanes[layout.firstLanes[group] + lane]
        for index in sum.indices { sum[index] += weight * message[index] }
      }
    }
    return sum
  }

  /// The same combination of the values at one position.
  ///
  /// - Parameters:
  ///   - main: the values of the main group's lanes.
  ///   - helper: the values of the helper group's lanes: stack, mask, blinder.
  ///   - epsilon: the challenge.
  /// - Returns: what h's codeword must be there.
  func combination(
    main: [BaseField],
    helper: [BaseField],
    epsilon: ChallengeField
  ) -> ChallengeField {
    let count = layout.laneCounts[1]
    func element(_ first: Int) -> ChallengeField {
      ChallengeField(
        helper[first],
        helper[first + 1],
        helper[first + 2],
        helper[first + 3],
        helper[first + 4]
      )
    }
    var stack = ChallengeField.zero
    for (lane, value) in main.enumerated() { stack += lanes[layout.firstLanes[0] + lane] * value }
    for lane in 0..<count { stack += lanes[layout.firstLanes[1] + lane] * helper[lane] }
    return element(count + 5) + epsilon * stack + epsilon * epsilon * element(count)
  }
}
