/// Poseidon2 over KoalaBear with the constants of `P2-KB-plonky3-v1` (eprint 2023/323).
///
/// Structure: external layer; four full rounds (add constants, cube, external layer); R_P partial
/// rounds (constant and cube on element 0, internal layer 1·1ᵀ + diag(V)); four full rounds.
/// Widths 16 (R_P = 20) and 24 (R_P = 23). Security is conjectured and under active analysis: it
/// never protects content, only digests of content.
public enum Poseidon2 {
  /// Eight canonical elements.
  public typealias Words = SIMD8<UInt32>

  /// The permutation of width 16 on canonical values.
  public static func permute16(_ values: SIMD16<UInt32>) -> SIMD16<UInt32> {
    var state = InlineArray<16, UInt32>(repeating: 0)
    for i in 0..<16 { state[i] = MontgomeryKoalaBear.encode(values[i]) }
    permute(&state, .narrow)
    var result = SIMD16<UInt32>()
    for i in 0..<16 { result[i] = MontgomeryKoalaBear.decode(state[i]) }
    return result
  }

  /// The permutation of width 24 on canonical values, rate (0…15) and capacity (16…23) apart.
  public static func permute24(
    rate: SIMD16<UInt32>,
    capacity: Words
  ) -> (rate: SIMD16<UInt32>, capacity: Words) {
    var state = InlineArray<24, UInt32>(repeating: 0)
    for i in 0..<16 { state[i] = MontgomeryKoalaBear.encode(rate[i]) }
    for i in 0..<8 { state[16 + i] = MontgomeryKoalaBear.encode(capacity[i]) }
    permute(&state, .wide)
    var rate = SIMD16<UInt32>()
    var capacity = Words()
    for i in 0..<16 { rate[i] = MontgomeryKoalaBear.decode(state[i]) }
    for i in 0..<8 { capacity[i] = MontgomeryKoalaBear.decode(state[16 + i]) }
    return (rate, capacity)
  }

  /// Two digests to one: (P16(left | right) + (left | right))[0…7].
  ///
  /// The feed-forward is not optional: the bare truncation is collidable by inverting P16.
  public static func compress(_ left: Words, _ right: Words) -> Words {
    let permuted = permute16(SIMD16(lowHalf: left, highHalf: right)).lowHalf
    var sum = Words()
    for i in 0..<8 { sum[i] = MontgomeryKoalaBear.add(permuted[i], left[i]) }
    return sum
  }

  /// The sponge of width 24: rate 16 overwritten, capacity (tag, 1, length, 0, 0, 0, 0, 0).
  ///
  /// The message is padded with zeros to a multiple of 16, which the length in the capacity makes
  /// injective. An empty message is one block of zeros.
  public static func sponge(tag: UInt32, message: [KoalaBear]) -> Words {
    var capacity = Words(tag, 1, UInt32(message.count), 0, 0, 0, 0, 0)
    var rate = SIMD16<UInt32>()
    for start in stride(from: 0, to: max(1, message.count), by: 16) {
      rate = SIMD16()
      for i in 0..<min(16, message.count - start) { rate[i] = message[start + i].value }
      (rate, capacity) = permute24(rate: rate, capacity: capacity)
    }
    return rate.lowHalf
  }

  /// `sponge` over exactly sixteen canonical elements: one permutation, no heap.
  public static func hashBlock(tag: UInt32, block: SIMD16<UInt32>) -> Words {
    permute24(rate: block, capacity: Words(tag, 1, 16, 0, 0, 0, 0, 0)).rate.lowHalf
  }

  private static func permute<let width: Int>(
    _ s: inout InlineArray<width, UInt32>,
    _ constants: Poseidon2Parameters
  ) {
    externalLayer(&s)
    fullRounds(&s, constants.initial)
    for constant in constants.inner {
      s[0] = cube(MontgomeryKoalaBear.add(s[0], constant))
      var sum: UInt64 = 0
      for i in 0..<width { sum &+= UInt64(s[i]) }
      let total = UInt32(truncatingIfNeeded: sum % UInt64(KoalaBear.modulus))
      for i in 0..<width {
        s[i] = MontgomeryKoalaBear.add(
          MontgomeryKoalaBear.multiply(s[i], constants.diagonal[i]),
          total
        )
      }
    }
    fullRounds(&s, constants.final)
  }

  @inline(__always)
  private static func fullRounds<let width: Int>(
    _ s: inout InlineArray<width, UInt32>,
    _ constants: [UInt32]
  ) {
    for round in 0..<4 {
      for i in 0..<width {
        s[i] = cube(MontgomeryKoalaBear.add(s[i], constants[round * width + i]))
      }
      externalLayer(&s)
    }
  }

  @inline(__always)
  private static func cube(_ x: UInt32) -> UInt32 {
    MontgomeryKoalaBear.multiply(MontgomeryKoalaBear.multiply(x, x), x)
  }

  /// circ(2·M4, M4, …, M4) with M4 = circ(2, 3, 1, 1): each row of four is mixed, then each column
  /// sum is added to its column.
  @inline(__always)
  private static func externalLayer<let width: Int>(_ s: inout InlineArray<width, UInt32>) {
    typealias M = MontgomeryKoalaBear
    var sums = InlineArray<4, UInt32>(repeating: 0)
    for c in stride(from: 0, to: width, by: 4) {
      let (x0, x1, x2, x3) = (s[c], s[c + 1], s[c + 2], s[c + 3])
      let t01 = M.add(x0, x1)
      let t23 = M.add(x2, x3)
      let all = M.add(t01, t23)
      // Row i is x_i + 2·x_{i+1} + all.
      s[c] = M.add(M.add(all, x0), M.add(x1, x1))
      s[c + 1] = M.add(M.add(all, x1), M.add(x2, x2))
      s[c + 2] = M.add(M.add(all, x2), M.add(x3, x3))
      s[c + 3] = M.add(M.add(all, x3), M.add(x0, x0))
      for j in 0..<4 { sums[j] = M.add(sums[j], s[c + j]) }
    }
    for i in 0..<width { s[i] = M.add(s[i], sums[i & 3]) }
  }
}
