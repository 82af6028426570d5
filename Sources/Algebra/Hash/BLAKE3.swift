/// BLAKE3 with 32 bytes of output (O'Connor, Aumasson, Neves, Wilcox-O'Hearn: BLAKE3, 2020).
///
/// The readable reference; `Kernels` has the form for many hashes at once.
public struct BLAKE3: Sendable {
  /// Eight words: a chaining value or a key.
  public typealias Words = SIMD8<UInt32>
  typealias Block = SIMD16<UInt32>

  static let blockByteCount = 64
  static let chunkByteCount = 1024
  static var initial: Words {
    Words(
      lowHalf: SIMD4(0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A),
      highHalf: SIMD4(0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19)
    )
  }

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
  /// The block that is being filled, zeros behind its bytes.
  private var block = Block()
  private var blockByteCount = 0
  private var blockIndex = 0

  private init(key: Words, flags: UInt32) {
    (self.key, self.flags, chaining) = (key, flags, key)
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
    Self.bytes(hash(key: key, bytes[...]))
  }

  /// The keyed hash of some bytes, as words.
  public static func hash(key: Words, _ bytes: ArraySlice<UInt8>) -> Words {
    var hash = BLAKE3(key: key)
    hash.update(bytes)
    return hash.finishedWords
  }

  /// The keyed hash of two digests of 32 bytes, one behind the other: one compression.
  public static func hash(key: Words, _ left: Words, _ right: Words) -> Words {
    compress(
      key,
      Block(lowHalf: left, highHalf: right),
      counter: 0,
      count: UInt32(blockByteCount),
      flags: Flag.keyedHash | Flag.chunkStart | Flag.chunkEnd | Flag.root
    ).lowHalf
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
  public mutating func update(_ bytes: [UInt8]) { update(bytes[...]) }

  /// Takes in bytes.
  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      // More follows: a full block is no last one.
      if blockByteCount == Self.blockByteCount { compressBlock() }
      if blockByteCount & 3 == 0, bytes.endIndex - index >= 4 {
        let low = UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8
        let high = UInt32(bytes[index + 2]) << 16 | UInt32(bytes[index + 3]) << 24
        block[blockByteCount >> 2] = low | high
        (blockByteCount, index) = (blockByteCount + 4, index + 4)
      } else {
        block[blockByteCount >> 2] |= UInt32(bytes[index]) << UInt32(8 * (blockByteCount & 3))
        (blockByteCount, index) = (blockByteCount + 1, index + 1)
      }
    }
  }

  /// Takes in a full block behind which more follows.
  private mutating func compressBlock() {
    let isLast = blockIndex == Self.chunkByteCount / Self.blockByteCount - 1
    let value = Self.compress(
      chaining,
      block,
      counter: chunkCount,
      count: UInt32(blockByteCount),
      flags: flags | chunkFlags(isLast: isLast)
    ).lowHalf
    if isLast {
      push(value)
      chunkCount += 1
      (chaining, blockIndex) = (key, 0)
    } else {
      (chaining, blockIndex) = (value, blockIndex + 1)
    }
    (block, blockByteCount) = (Block(), 0)
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
  public func finish() -> [UInt8] { Self.bytes(finishedWords) }

  /// The 32 bytes as words.
  private var finishedWords: Words {
    var (input, message) = (chaining, block)
    var (counter, count) = (chunkCount, UInt32(blockByteCount))
    var last = flags | chunkFlags(isLast: true)
    for left in stack.reversed() {
      let value = Self.compress(input, message, counter: counter, count: count, flags: last).lowHalf
      (input, message) = (key, Block(lowHalf: left, highHalf: value))
      (counter, count) = (0, UInt32(Self.blockByteCount))
      last = flags | Flag.parent
    }
    let root = Self.compress(input, message, counter: 0, count: count, flags: last | Flag.root)
    return root.lowHalf
  }

  // MARK: the compression function, section 2.2

  /// Sixteen words: a round mixes the columns, then the diagonals.
  ///
  /// Words are variables of their own: as rows of four in vectors they took twice the time, most of it for
  /// putting the message in order.
  static func compress(
    _ chaining: Words,
    _ block: Block,
    counter: UInt64,
    count: UInt32,
    flags: UInt32
  ) -> SIMD16<UInt32> {
    let h = chaining
    var (v0, v1, v2, v3) = (h[0], h[1], h[2], h[3])
    var (v4, v5, v6, v7) = (h[4], h[5], h[6], h[7])
    var (v8, v9, v10, v11) = (initial[0], initial[1], initial[2], initial[3])
    var v12 = UInt32(truncatingIfNeeded: counter)
    var v13 = UInt32(truncatingIfNeeded: counter >> 32)
    var (v14, v15) = (count, flags)
    var m = InlineArray<16, UInt32>(repeating: 0)
    for index in 0..<16 { m[index] = block[index] }
    for round in 0..<7 {
      mix(&v0, &v4, &v8, &v12, m[0], m[1])
      mix(&v1, &v5, &v9, &v13, m[2], m[3])
      mix(&v2, &v6, &v10, &v14, m[4], m[5])
      mix(&v3, &v7, &v11, &v15, m[6], m[7])
      mix(&v0, &v5, &v10, &v15, m[8], m[9])
      mix(&v1, &v6, &v11, &v12, m[10], m[11])
      mix(&v2, &v7, &v8, &v13, m[12], m[13])
      mix(&v3, &v4, &v9, &v14, m[14], m[15])
      // Section 2.2, table 2.
      if round < 6 {
        m = [
          m[2], m[6], m[3], m[10], m[7], m[0], m[4], m[13],
          m[1], m[11], m[12], m[5], m[9], m[14], m[15], m[8],
        ]
      }
    }
    let low = Words(v0, v1, v2, v3, v4, v5, v6, v7)
    let high = Words(v8, v9, v10, v11, v12, v13, v14, v15)
    return SIMD16(lowHalf: low ^ high, highHalf: high ^ chaining)
  }

  @inline(__always)
  private static func mix(
    _ a: inout UInt32,
    _ b: inout UInt32,
    _ c: inout UInt32,
    _ d: inout UInt32,
    _ x: UInt32,
    _ y: UInt32
  ) {
    a = a &+ b &+ x
    d = rotate(d ^ a, 16)
    c = c &+ d
    b = rotate(b ^ c, 12)
    a = a &+ b &+ y
    d = rotate(d ^ a, 8)
    c = c &+ d
    b = rotate(b ^ c, 7)
  }

  @inline(__always)
  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word &>> count | word &<< (32 &- count)
  }

  // MARK: bytes

  /// 32 bytes as a key; fewer are filled up with zeros.
  public static func words(_ bytes: [UInt8]) -> Words { words(bytes[...]) }

  /// 32 bytes as words; fewer are filled up with zeros.
  public static func words(_ bytes: ArraySlice<UInt8>) -> Words {
    var words = Words()
    if bytes.count >= 32 {
      var place = bytes.startIndex
      for index in 0..<8 {
        let low = UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8
        let high = UInt32(bytes[place + 2]) << 16 | UInt32(bytes[place + 3]) << 24
        words[index] = low | high
        place += 4
      }
      return words
    }
    for (index, byte) in bytes.enumerated() {
      words[index >> 2] |= UInt32(byte) << UInt32(8 * (index & 3))
    }
    return words
  }

  /// Eight words as 32 little-endian bytes.
  public static func bytes(_ words: Words) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    for index in 0..<8 {
      let word = words[index]
      for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * shift))) }
    }
    return bytes
  }
}
