import Algebra
import Testing
import _TestSupport

/// What Poseidon2 must not be used as: each rule of its use has the collision that it prevents.
@Suite struct Poseidon2MisuseTests {
  private typealias Matrix = [[KoalaBear]]
  private static let constants = Poseidon2Parameters.canonical(width: 16)

  /// M4 on rows of four, and the sums of columns: the external layer as a matrix.
  private static let external: Matrix = {
    let m4: [[UInt64]] = [[2, 3, 1, 1], [1, 2, 3, 1], [1, 1, 2, 3], [3, 1, 1, 2]]
    return (0..<16).map { row in
      (0..<16).map { column in
        KoalaBear(reducing: m4[row % 4][column % 4] * (row / 4 == column / 4 ? 2 : 1))
      }
    }
  }()

  /// 1·1ᵀ + diag(V).
  private static let inner: Matrix = (0..<16).map { row in
    (0..<16).map { column in
      row == column ? .one + constants.diagonal[row] : .one
    }
  }

  /// The inverse by elimination.
  private static func inverse(_ matrix: Matrix) -> Matrix {
    let size = matrix.count
    var rows = matrix.enumerated().map { index, row in
      row + (0..<size).map { $0 == index ? KoalaBear.one : .zero }
    }
    for column in 0..<size {
      guard let pivot = (column..<size).first(where: { rows[$0][column] != .zero }) else {
        return []
      }
      rows.swapAt(column, pivot)
      let factor = rows[column][column].inverse ?? .zero
      rows[column] = rows[column].map { $0 * factor }
      for row in 0..<size where row != column {
        let factor = rows[row][column]
        rows[row] = zip(rows[row], rows[column]).map { $0 - factor * $1 }
      }
    }
    return rows.map { Array($0.dropFirst(size)) }
  }

  private static func product(_ matrix: Matrix, _ vector: [KoalaBear]) -> [KoalaBear] {
    matrix.map { row in zip(row, vector).reduce(.zero) { $0 + $1.0 * $1.1 } }
  }

  /// The third root: 3 times the exponent is 1 modulo p − 1.
  private static func thirdRoot(_ x: KoalaBear) -> KoalaBear { x.power(1_420_470_955) }

  /// The input of an output.
  private static func inversePermutation(_ output: [KoalaBear]) -> [KoalaBear] {
    let (external, inner) = (inverse(external), inverse(inner))
    var state = output
    func fullRounds(_ rounds: [[KoalaBear]]) {
      for constants in rounds.reversed() {
        state = zip(product(external, state), constants).map { thirdRoot($0) - $1 }
      }
    }
    fullRounds(constants.final)
    for constant in constants.inner.reversed() {
      state = product(inner, state)
      state[0] = thirdRoot(state[0]) - constant
    }
    fullRounds(constants.initial)
    return product(external, state)
  }

  private static func words(_ elements: ArraySlice<KoalaBear>) -> Poseidon2.Words {
    var words = Poseidon2.Words()
    for (index, element) in elements.enumerated() { words[index] = element.value }
    return words
  }

  private static func permuted(_ input: [KoalaBear]) -> [KoalaBear] {
    let output = Poseidon2.permute16(
      SIMD16(lowHalf: words(input[..<8]), highHalf: words(input[8...]))
    )
    return (0..<16).map { KoalaBear(reducing: UInt64(output[$0])) }
  }

  @Test func `a node without its feed-forward collides, with it the same pair does not`() {
    // Two outputs with one digest, walked backwards to their pairs.
    let digest = (1...8).map { KoalaBear(reducing: UInt64($0)) }
    let pairs = [UInt64(100), 200].map { start in
      Self.inversePermutation(digest + (0..<8).map { KoalaBear(reducing: start + $0) })
    }
    #expect(pairs[0] != pairs[1])
    for pair in pairs {
      #expect(Self.permuted(pair).prefix(8) == digest[...], "a collision of the bare truncation")
    }
    let nodes = pairs.map { Poseidon2.compress(Self.words($0[..<8]), Self.words($0[8...])) }
    #expect(nodes[0] != nodes[1])
  }

  @Test func `equal elements are other leaves under other tags, and a longer message is another`() {
    let message = (0..<16).map { KoalaBear(reducing: UInt64($0)) }
    // LEAF, TOMB and FEED, US-ASCII.
    let tags: [UInt32] = [0x4C45_4146, 0x544F_4D42, 0x4645_4544]
    let digests = tags.map { Poseidon2.sponge(tag: $0, message: message) }
    #expect(Set(digests).count == 3)
    for tag in tags {
      #expect(
        Poseidon2.sponge(tag: tag, message: message)
          != Poseidon2.sponge(tag: tag, message: message + [.zero])
      )
    }
    // Nor is a sponge of sixteen elements a node of two digests.
    let node = Poseidon2.compress(Self.words(message[..<8]), Self.words(message[8...]))
    #expect(!digests.contains(node))
  }
}
