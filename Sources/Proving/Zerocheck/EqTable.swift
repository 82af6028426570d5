internal import Algebra
internal import ProofSystem

/// eq(r, ·) as a list that kernels read.
enum EqTable {
  /// factor · eq(r, x) for all x of the cube.
  ///
  /// - Complexity: O(2^k).
  static func make(
    _ point: [ChallengeField],
    factor: ChallengeField = .one,
    _ kernels: ProverKernels
  ) -> ExtensionVector {
    let table = ExtensionVector(zeros: 1 << point.count)
    table[0] = factor
    for (variable, coordinate) in point.enumerated() {
      kernels.vectors.eqStep(table, coordinate, 1 << variable)
    }
    return table
  }
}

extension ExtensionVector {
  /// Sets the elements from one on to zero.
  func clear(from first: Int) {
    for degree in 0..<ChallengeField.degree {
      for index in first..<max(first, count) { words[offset + degree * stride + index] = 0 }
    }
  }
}
