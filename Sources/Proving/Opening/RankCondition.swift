internal import Algebra
internal import ProofSystem

/// R1: pad rows can take any values at all points that are revealed (docs/proof-system.md).
enum RankCondition {
  /// eq(r, ·) on the pad rows, whose higher bits are all ones.
  static func padWeights(
    _ shape: ReusableGroup.Shape,
    point: [ChallengeField]
  ) -> [ChallengeField] {
    let own = point.prefix(shape.logHeight)
    let high = own.dropFirst(shape.logPadRowCount).reduce(.one, *)
    return EqPolynomial.table(Array(own.prefix(shape.logPadRowCount))).map { $0 * high }
  }

  /// Whether the F-linear map from pad rows to values at the points is onto; each point comes as the
  /// weights of the pad rows.
  ///
  /// - Complexity: O(|points|² · rows).
  static func holds(_ weights: [[ChallengeField]]) -> Bool {
    var rows: [[BaseField]] = weights.flatMap { point in
      (0..<ChallengeField.degree).map { degree in point.map { $0[degree] } }
    }
    let width = weights.first?.count ?? 0
    guard rows.count <= width else { return rows.isEmpty }
    var column = 0
    for index in rows.indices {
      var pivot: Int?
      while column < width {
        pivot = rows[index...].firstIndex { $0[column] != .zero }
        if pivot != nil { break }
        column += 1
      }
      guard let pivot, let inverse = rows[pivot][column].inverse else { return false }
      rows.swapAt(index, pivot)
      for other in index + 1..<rows.count where rows[other][column] != .zero {
        let factor = rows[other][column] * inverse
        for place in column..<width {
          rows[other][place] = rows[other][place] - factor * rows[index][place]
        }
      }
      column += 1
    }
    return true
  }
}
