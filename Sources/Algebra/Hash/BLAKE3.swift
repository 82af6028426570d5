/// BLAKE3 with 32 bytes of output (O'Connor, Aumasson, Neves, Wilcox-O'Hearn: BLAKE3, 2020).
///
/// The readable reference; `Kernels` has the form for many hashes at once.
public struct BLAKE3: Sendable {
  /// Eight words: a chaining value or a key.
  public typealias Words = SIMD8<UInt32>
  typealias Block = SIMD16<UInt32>

  static let blockByteCount = 64
  static let chunkByteCount = 1024
  static let initial = Words(
    0x6A09_E667,
    0xBB67_AE85,
    0x3C6E_F372,
    0xA54F_F53A,
    0x510E_527F,
    0x9B05_688C,
    0x1F83_D9AB,
    0x5BE0_CD19
  )

  /// The flags of section 2.1, table 3.
  enum Flag {
    static let chunkStart: UInt32 = 1
    static let chunkEnd: UInt32 = 2
    static let parent: UInt32 = 4
    static let root: UInt32 = 8
    static let keyedHash: UInt32 = 16
    static let deriveKeyContext: UInt32 = 32
    static let deriveKeyMaterial: UInt32 = 64
  }

  private let key: Words
  private let flags: UInt32
  /// Chaining values of whole subtrees, largest first.
  private var stack: [Words] = []
  private var chunkCount: UInt64 = 0
  /// The chunk that is being filled.
  private var chaining: Words
  private var block: [UInt8] = []
  private var blockIndex = 0

  private init(key: Words, flags: UInt32) {
    (self.key, self.flags, chaining) = (key, flags, key)
    block.reserveCapacity(Self.blockByteCount)
  }

  /// The plain hash.
  public init() { self.init(key: Self.initial, flags: 0) }

  /// The keyed hash.
  public init(key: Words) { self.init(key: key, flags: Flag.keyedHash) }

  /// The hash of some bytes.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var hash = BLAKE3()
    hash.update(bytes)
    return hash.finish()
  }

  /// The keyed hash of some bytes.
  public static func hash(key: Words, _ bytes: [UInt8]) -> [UInt8] {
    var hash = BLAKE3(key: key)
    hash.update(bytes)
    return hash.finish()
  }

  /// A key derived from a context and key material (mode `derive_key`).
  public static func deriveKey(context: String, material: [UInt8]) -> [UInt8] {
    var first = BLAKE3(key: initial, flags: Flag.deriveKeyContext)
    first.update(Array(context.utf8))
    var second = BLAKE3(key: words(first.finish()), flags: Flag.deriveKeyMaterial)
    second.update(material)
    return second.finish()
  }

  /// Takes in bytes.
  public mutating func update(_ bytes: [UInt8]) {
    for byte in bytes {
      if block.count == Self.blockByteCount {
        // More follows: the block is no last one.
        if blockIndex == Self.chunkByteCount / Self.blockByteCount - 1 {
          let value = Self.compress(
            chaining,
            Self.blockWords(block),
            counter: chunkCount,
            count: UInt32(block.count),
            flags: flags | chunkFlags(isLast: true)
          ).lowHalf
          push(value)
          chunkCount += 1
          (chaining, blockIndex) = (key, 0)
        } else {
          chaining =
            Self.compress(
              chaining,
              Self.blockWords(block),
              counter: chunkCount,
              count: UInt32(block.count),
              flags: flags | chunkFlags(isLast: false)
            ).lowHalf
          blockIndex += 1
        }
        block.removeAll(keepingCapacity: true)
      }
      block.append(byte)
    }
  }

  private func chunkFlags(isLast: Bool) -> UInt32 {
    (blockIndex == 0 ? Flag.chunkStart : 0) | (isLast ? Flag.chunkEnd : 0)
  }

  /// Adds a whole chunk's value: as many subtrees are joined as the count of chunks has zeros at its end.
  private mutating func push(_ value: Words) {
    var value = value
    var count = chunkCount + 1
    while count & 1 == 0, let left = stack.popLast() {
      value =
        Self.compress(
          key,
          Block(lowHalf: left, highHalf: value),
          counter: 0,
          count: UInt32(Self.blockByteCount),
          flags: flags | Flag.parent
        ).lowHalf
      count >>= 1
    }
    stack.append(value)
  }

  /// The 32 bytes.
  public func finish() -> [UInt8] {
    var (input, message) = (chaining, Self.blockWords(block))
    var (counter, count) = (chunkCount, UInt32(block.count))
    var last = flags | chunkFlags(isLast: true)
    for left in stack.reversed() {
      let value = Self.compress(input, message, counter: counter, count: count, flags: last).lowHalf
      (input, message) = (key, Block(lowHalf: left, highHalf: value))
      (counter, count) = (0, UInt32(Self.blockByteCount))
      last = flags | Flag.parent
    }
    let root = Self.compress(input, message, counter: 0, count: count, flags: last | Flag.root)
    return Self.bytes(root.lowHalf)
  }

  // MARK: the compression function, section 2.2

  private static let permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]

  static func compress(
    _ chaining: Words,
    _ block: Block,
    counter: UInt64,
    count: UInt32,
    flags: UInt32
  ) -> SIMD16<UInt32> {
    var v = SIMD16<UInt32>(lowHalf: chaining, highHalf: Words())
    for i in 0..<4 { v[8 + i] = initial[i] }
    v[12] = UInt32(truncatingIfNeeded: counter)
    v[13] = UInt32(truncatingIfNeeded: counter >> 32)
    v[14] = count
    v[15] = flags
    var m = block
    for round in 0..<7 {
      mix(&v, 0, 4, 8, 12, m[0], m[1])
      mix(&v, 1, 5, 9, 13, m[2], m[3])
      mix(&v, 2, 6, 10, 14, m[4], m[5])
      mix(&v, 3, 7, 11, 15, m[6], m[7])
      mix(&v, 0, 5, 10, 15, m[8], m[9])
      mix(&v, 1, 6, 11, 12, m[10], m[11])
      mix(&v, 2, 7, 8, 13, m[12], m[13])
      mix(&v, 3, 4, 9, 14, m[14], m[15])
      if round < 6 {
        var permuted = Block()
        for i in 0..<16 { permuted[i] = m[permutation[i]] }
        m = permuted
      }
    }
    for i in 0..<8 {
      v[i] ^= v[i + 8]
      v[i + 8] ^= chaining[i]
    }
    return v
  }

  @inline(__always)
  private static func mix(
    _ v: inout SIMD16<UInt32>,
    _ a: Int,
    _ b: Int,
    _ c: Int,
    _ d: Int,
    _ x: UInt32,
    _ y: UInt32
  ) {
    v[a] = v[a] &+ v[b] &+ x
    v[d] = rotate(v[d] ^ v[a], 16)
    v[c] = v[c] &+ v[d]
    v[b] = rotate(v[b] ^ v[c], 12)
    v[a] = v[a] &+ v[b] &+ y
    v[d] = rotate(v[d] ^ v[a], 8)
    v[c] = v[c] &+ v[d]
    v[b] = rotate(v[b] ^ v[c], 7)
  }

  @inline(__always)
  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }

  // MARK: bytes

  /// Up to 64 bytes as sixteen little-endian words, zeros behind.
  private static func blockWords(_ bytes: [UInt8]) -> Block {
    var words = Block()
    for (index, byte) in bytes.prefix(64).enumerated() {
      words[index >> 2] |= UInt32(byte) << UInt32(8 * (index & 3))
    }
    return words
  }

  /// 32 bytes as a key; fewer are filled up with zeros.
  public static func words(_ bytes: [UInt8]) -> Words {
    blockWords(Array(bytes.prefix(32))).lowHalf
  }

  /// Eight words as 32 little-endian bytes.
  public static func bytes(_ words: Words) -> [UInt8] {
    (0..<32).map { UInt8(truncatingIfNeeded: words[$0 >> 2] >> UInt32(8 * ($0 & 3))) }
  }
}
