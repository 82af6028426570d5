/// The values of a polynomial over E at a few powers of a root of unity.
///
/// The first layers of a transform cut the polynomial into one for each class of positions modulo 2^L; what
/// is left is short enough for Horner's rule at each position.
public enum SparseEvaluation {
  /// Σ_i coefficients[i] · ω^(iq) for each position q, with ω the root of unity of order 2^log.
  ///
  /// - Precondition: there are at most 2^log coefficients, and positions are below 2^log.
  /// - Complexity: O(n log |positions| + |positions| · n / |positions|).
  public static func values(
    of coefficients: [QuinticExtension],
    at positions: [Int],
    log: Int
  ) -> [QuinticExtension] {
    let n = 1 << log
    precondition(coefficients.count <= n, "at most n coefficients")
    var layers = 0
    while layers < log, 1 << layers < positions.count { layers += 1 }
    let roots = KoalaBear.rootOfUnity(log: log).powers(max(1, n / 2)).map {
      MontgomeryKoalaBear.encode($0.value)
    }
    let points = positions.map { position in
      let root = KoalaBear.rootOfUnity(log: log - layers).power(UInt64(position >> layers))
      return MontgomeryKoalaBear.encode(root.value)
    }
    let planes = (0..<QuinticExtension.degree).map { degree in
      var a = [UInt32](repeating: 0, count: n)
      for index in coefficients.indices { a[index] = coefficients[index][degree].value }
      var filled = coefficients.count
      for layer in 0..<layers {
        let half = n >> (layer + 1)
        split(&a, half: half, filled: min(half, filled), roots, step: 1 << layer)
        filled = min(half, filled)
      }
      return zip(positions, points).map { position, point in
        let block = NumberTheoreticTransform.reversed(position & (1 << layers - 1), layers)
        return horner(a, (block << (log - layers))..<((block + 1) << (log - layers)), at: point)
      }
    }
    return positions.indices.map { index in
      QuinticExtension(
        KoalaBear(below: planes[0][index]),
        KoalaBear(below: planes[1][index]),
        KoalaBear(below: planes[2][index]),
        KoalaBear(below: planes[3][index]),
        KoalaBear(below: planes[4][index])
      )
    }
  }

  /// One layer, decimation in frequency.
  ///
  /// Of each block of 2 · half the lower half takes the even positions,
  /// the upper one the odd ones. Values stay canonical, since roots are in Montgomery form. Beyond
  /// `filled` a block is zero.
  private static func split(
    _ a: inout [UInt32],
    half: Int,
    filled: Int,
    _ roots: [UInt32],
    step: Int
  ) {
    for start in stride(from: 0, to: a.count, by: 2 * half) {
      for offset in 0..<filled {
        let (low, high) = (a[start + offset], a[start + offset + half])
        a[start + offset] = MontgomeryKoalaBear.add(low, high)
        a[start + offset + half] = MontgomeryKoalaBear.multiply(
          MontgomeryKoalaBear.subtract(low, high),
          roots[offset * step]
        )
      }
    }
  }

  /// The polynomial of some coefficients at a point in Montgomery form.
  private static func horner(_ a: [UInt32], _ range: Range<Int>, at point: UInt32) -> UInt32 {
    var value: UInt32 = 0
    for index in range.reversed() {
      value = MontgomeryKoalaBear.add(MontgomeryKoalaBear.multiply(value, point), a[index])
    }
    return value
  }
}
