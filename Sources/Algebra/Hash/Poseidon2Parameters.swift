/// The constants of one width, in Montgomery form with R = 2^32.
package struct Poseidon2Parameters: Sendable {
  /// Four rounds of one constant for each element.
  package let initial: [UInt32]
  /// One constant for each partial round.
  package let inner: [UInt32]
  /// Four rounds of one constant for each element.
  package let final: [UInt32]
  /// The diagonal V of the internal layer 1·1ᵀ + diag(V).
  package let diagonal: [UInt32]

  /// Width 24, with 23 partial rounds.
  package static let wide = Poseidon2Parameters(
    initial: Poseidon2Constants.initial24,
    inner: Poseidon2Constants.inner24,
    final: Poseidon2Constants.final24,
    diagonal: Poseidon2Constants.diagonal24
  )
  /// Width 16, with 20 partial rounds.
  package static let narrow = Poseidon2Parameters(
    initial: Poseidon2Constants.initial16,
    inner: Poseidon2Constants.inner16,
    final: Poseidon2Constants.final16,
    diagonal: Poseidon2Constants.diagonal16
  )

  private init(initial: [UInt32], inner: [UInt32], final: [UInt32], diagonal: [UInt32]) {
    self.initial = initial.map(MontgomeryKoalaBear.encode)
    self.inner = inner.map(MontgomeryKoalaBear.encode)
    self.final = final.map(MontgomeryKoalaBear.encode)
    self.diagonal = diagonal.map(MontgomeryKoalaBear.encode)
  }
}

extension Poseidon2Parameters {
  /// The constants of a width as field elements, round by round.
  package struct Canonical: Sendable {
    package let initial: [[KoalaBear]]
    package let inner: [KoalaBear]
    package let final: [[KoalaBear]]
    package let diagonal: [KoalaBear]
  }

  /// The constants of width 16 or 24.
  package static func canonical(width: Int) -> Canonical {
    let parameters = width == 16 ? narrow : wide
    func elements(_ words: [UInt32]) -> [KoalaBear] {
      words.map { KoalaBear(reducing: UInt64(MontgomeryKoalaBear.decode($0))) }
    }
    func rounds(_ words: [UInt32]) -> [[KoalaBear]] {
      stride(from: 0, to: words.count, by: width).map { elements(Array(words[$0..<$0 + width])) }
    }
    return Canonical(
      initial: rounds(parameters.initial),
      inner: elements(parameters.inner),
      final: rounds(parameters.final),
      diagonal: elements(parameters.diagonal)
    )
  }
}
