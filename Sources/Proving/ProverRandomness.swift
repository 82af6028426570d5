internal import Algebra
package import ProofSystem

/// The prover's secret coins, one stream for each purpose.
///
/// A 32-byte seed is drawn from the system for each proof; SHAKE128 expands it under the purpose's label.
/// Nothing outside of this package can choose the seed. It is erased with the last copy of the coins; what
/// SHAKE128 makes of it stays in memory as long as the program's own copies do.
public struct ProverRandomness: Sendable {
  private let seed: Seed
  private var draw: (@Sendable (_ label: String, _ index: Int) -> BaseField)?

  /// Coins from the system's generator.
  public init() {
    var system = SystemRandomNumberGenerator()
    seed = Seed(count: 8)
    for index in 0..<8 { seed.words[index] = system.next() }
  }

  /// Coins that a test fixes.
  ///
  /// - Precondition: whole words.
  package init(seed: [UInt8]) {
    self.seed = Seed(count: seed.count / 4)
    self.seed.words.write(littleEndian: seed, at: 0)
  }

  /// Coins that a test states one by one: each element of F by its purpose and number.
  package init(draw: @escaping @Sendable (_ label: String, _ index: Int) -> BaseField) {
    seed = Seed(count: 0)
    self.draw = draw
  }

  /// Words that are erased when nobody holds them any more.
  private final class Seed: Sendable {
    let words: WordBuffer
    init(count: Int) { words = WordBuffer(zeros: count) }
    deinit { words.erase() }
  }

  /// The stream of a purpose.
  func stream(_ label: String) -> Stream {
    if let draw { return Stream(shake: SHAKE128(), draw: { draw(label, $0) }) }
    var shake = SHAKE128()
    for index in 0..<seed.words.count { shake.absorb(ProofCoding.bytes(seed.words[index])) }
    shake.absorb(ProofCoding.varlen(Array(label.utf8)))
    return Stream(shake: shake, draw: nil)
  }

  /// One purpose's coins.
  struct Stream {
    fileprivate var shake: SHAKE128
    fileprivate let draw: ((Int) -> BaseField)?
    private var drawn = 0

    fileprivate init(shake: SHAKE128, draw: ((Int) -> BaseField)?) {
      (self.shake, self.draw) = (shake, draw)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { shake.squeeze(count) }

    /// A uniform element of F: 31 bits, drawn again when they are not below p.
    mutating func base() -> BaseField {
      if let draw {
        drawn += 1
        return draw(drawn - 1)
      }
      while true {
        let bits = shake.squeeze(4).reversed().reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        if let element = BaseField(canonical: bits) { return element }
      }
    }

    /// Uniform elements into a range of a buffer: BLAKE3 of numbers under a key of this stream, which costs a tenth of
    /// so many bytes of SHAKE128; words that are not below p are left out.
    mutating func fill(_ words: WordBuffer, _ range: Range<Int>, _ kernels: ProverKernels) {
      guard draw == nil else {
        for index in range { words[index] = base().value }
        return
      }
      let source = saltSource()
      let block = WordBuffer(unset: 8 * 512)
      var (index, number) = (range.lowerBound, 0)
      while index < range.upperBound {
        source.write(number..<number + 512, into: block, at: 0, kernels)
        number += 512
        var place = 0
        while place < block.count, index < range.upperBound {
          let word = block[place] & 0x7FFF_FFFF
          if word < BaseField.modulus {
            words[index] = word
            index += 1
          }
          place += 1
        }
      }
      block.erase()
    }

    /// Eight words of salt for each of some positions.
    mutating func salts(_ count: Int, _ kernels: ProverKernels) -> WordBuffer {
      saltSource().all(count, kernels)
    }

    /// The salts of this stream, position by position.
    mutating func saltSource() -> SaltSource { SaltSource(key: BLAKE3.words(shake.squeeze(32))) }

    mutating func base(_ count: Int) -> [BaseField] { (0..<count).map { _ in base() } }

    mutating func element() -> ChallengeField {
      ChallengeField(base(), base(), base(), base(), base())
    }
  }
}

/// Salts of leaves: BLAKE3 of the position's number under a key, which costs a tenth of so many bytes of SHAKE128.
struct SaltSource: Sendable {
  fileprivate let key: BLAKE3.Words

  /// Eight words for each of the first positions.
  func all(_ count: Int, _ kernels: ProverKernels) -> WordBuffer {
    let words = WordBuffer(unset: 8 * count)
    kernels.loop.forRanges(0..<count) { range in
      for start in stride(from: range.lowerBound, to: range.upperBound, by: 1024) {
        let positions = start..<min(start + 1024, range.upperBound)
        write(positions, into: words, at: 8 * start, kernels)
      }
    }
    return words
  }

  /// Writes the words of some positions.
  fileprivate func write(
    _ positions: Range<Int>,
    into words: WordBuffer,
    at place: Int,
    _ kernels: ProverKernels
  ) {
    var messages = [UInt8](repeating: 0, count: 8 * positions.count)
    for (index, position) in positions.enumerated() {
      for byte in 0..<8 {
        messages[8 * index + byte] = UInt8(truncatingIfNeeded: position >> (8 * byte))
      }
    }
    words.write(littleEndian: kernels.hash.keyedHashes(key, messages, 8), at: place)
  }

  /// The 32 bytes of one position.
  func salt(_ position: Int, _ kernels: ProverKernels) -> [UInt8] {
    kernels.hash.keyedHashes(key, ProofCoding.bytes(UInt64(position)), 8)
  }
}
