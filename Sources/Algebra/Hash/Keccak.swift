/// Keccak-f[1600] (FIPS 202, section 3).
enum Keccak {
  /// The state: lane (x, y) at x + 5·y.
  typealias State = InlineArray<25, UInt64>

  private static let roundConstants: [UInt64] = [
    0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808A, 0x8000_0000_8000_8000,
    0x0000_0000_0000_808B, 0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009,
    0x0000_0000_0000_008A, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000A,
    0x0000_0000_8000_808B, 0x8000_0000_0000_008B, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003,
    0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800A, 0x8000_0000_8000_000A,
    0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
  ]

  /// The 24 rounds, in place.
  ///
  /// Written out lane by lane: lane (x, y) goes to (y, 2x + 3y) turned left by its entry of table 2.
  static func permute(_ a: inout State) {
    for constant in roundConstants {
      let c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20]
      let c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21]
      let c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22]
      let c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23]
      let c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24]
      let d0 = c4 ^ rotate(c1, 1)
      let d1 = c0 ^ rotate(c2, 1)
      let d2 = c1 ^ rotate(c3, 1)
      let d3 = c2 ^ rotate(c4, 1)
      let d4 = c3 ^ rotate(c0, 1)
      let b0 = a[0] ^ d0
      let b1 = rotate(a[6] ^ d1, 44)
      let b2 = rotate(a[12] ^ d2, 43)
      let b3 = rotate(a[18] ^ d3, 21)
      let b4 = rotate(a[24] ^ d4, 14)
      let b5 = rotate(a[3] ^ d3, 28)
      let b6 = rotate(a[9] ^ d4, 20)
      let b7 = rotate(a[10] ^ d0, 3)
      let b8 = rotate(a[16] ^ d1, 45)
      let b9 = rotate(a[22] ^ d2, 61)
      let b10 = rotate(a[1] ^ d1, 1)
      let b11 = rotate(a[7] ^ d2, 6)
      let b12 = rotate(a[13] ^ d3, 25)
      let b13 = rotate(a[19] ^ d4, 8)
      let b14 = rotate(a[20] ^ d0, 18)
      let b15 = rotate(a[4] ^ d4, 27)
      let b16 = rotate(a[5] ^ d0, 36)
      let b17 = rotate(a[11] ^ d1, 10)
      let b18 = rotate(a[17] ^ d2, 15)
      let b19 = rotate(a[23] ^ d3, 56)
      let b20 = rotate(a[2] ^ d2, 62)
      let b21 = rotate(a[8] ^ d3, 55)
      let b22 = rotate(a[14] ^ d4, 39)
      let b23 = rotate(a[15] ^ d0, 41)
      let b24 = rotate(a[21] ^ d1, 2)
      a[0] = b0 ^ (~b1 & b2) ^ constant
      a[1] = b1 ^ (~b2 & b3)
      a[2] = b2 ^ (~b3 & b4)
      a[3] = b3 ^ (~b4 & b0)
      a[4] = b4 ^ (~b0 & b1)
      a[5] = b5 ^ (~b6 & b7)
      a[6] = b6 ^ (~b7 & b8)
      a[7] = b7 ^ (~b8 & b9)
      a[8] = b8 ^ (~b9 & b5)
      a[9] = b9 ^ (~b5 & b6)
      a[10] = b10 ^ (~b11 & b12)
      a[11] = b11 ^ (~b12 & b13)
      a[12] = b12 ^ (~b13 & b14)
      a[13] = b13 ^ (~b14 & b10)
      a[14] = b14 ^ (~b10 & b11)
      a[15] = b15 ^ (~b16 & b17)
      a[16] = b16 ^ (~b17 & b18)
      a[17] = b17 ^ (~b18 & b19)
      a[18] = b18 ^ (~b19 & b15)
      a[19] = b19 ^ (~b15 & b16)
      a[20] = b20 ^ (~b21 & b22)
      a[21] = b21 ^ (~b22 & b23)
      a[22] = b22 ^ (~b23 & b24)
      a[23] = b23 ^ (~b24 & b20)
      a[24] = b24 ^ (~b20 & b21)
    }
  }

  @inline(__always)
  private static func rotate(_ lane: UInt64, _ count: UInt64) -> UInt64 {
    lane &<< count | lane &>> (64 - count)
  }
}

/// SHAKE128 (FIPS 202, section 6.2): bytes in, then as many bytes out as anybody wants.
public struct SHAKE128: Sendable {
  /// Bytes absorbed or squeezed by one permutation.
  public static let rate = 168

  private var state = Keccak.State(repeating: 0)
  /// The next byte of the rate part to take in or give out.
  private var position = 0
  private var isSqueezing = false

  /// Nothing absorbed.
  public init() {}

  /// Takes in bytes.
  ///
  /// - Precondition: nothing was squeezed yet.
  public mutating func absorb(_ bytes: [UInt8]) { absorb(bytes[...]) }

  /// Takes in bytes.
  ///
  /// - Precondition: nothing was squeezed yet.
  public mutating func absorb(_ bytes: ArraySlice<UInt8>) {
    precondition(!isSqueezing, "SHAKE128 does not absorb after it has squeezed")
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if position & 7 == 0, bytes.endIndex - index >= 8 {
        var lane: UInt64 = 0
        for shift in 0..<8 { lane |= UInt64(bytes[index + shift]) << UInt64(8 * shift) }
        state[position >> 3] ^= lane
        (position, index) = (position + 8, index + 8)
      } else {
        state[position >> 3] ^= UInt64(bytes[index]) << UInt64(8 * (position & 7))
        (position, index) = (position + 1, index + 1)
      }
      if position == Self.rate {
        Keccak.permute(&state)
        position = 0
      }
    }
  }

  /// The state's lanes and the place of the next byte, while nothing was squeezed.
  package var absorbing: (lanes: [UInt64], position: Int) {
    precondition(!isSqueezing, "absorbed only")
    return ((0..<25).map { state[$0] }, position)
  }

  /// Gives the next bytes of the output stream.
  public mutating func squeeze(_ count: Int) -> [UInt8] {
    if !isSqueezing {
      // Domain bits 1111 and the first bit of pad10*1, then its last.
      state[position >> 3] ^= 0x1F << UInt64(8 * (position & 7))
      state[(Self.rate - 1) >> 3] ^= 0x80 << UInt64(8 * ((Self.rate - 1) & 7))
      Keccak.permute(&state)
      position = 0
      isSqueezing = true
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for _ in 0..<count {
      if position == Self.rate {
        Keccak.permute(&state)
        position = 0
      }
      bytes.append(UInt8(truncatingIfNeeded: state[position >> 3] >> UInt64(8 * (position & 7))))
      position += 1
    }
    return bytes
  }
}
