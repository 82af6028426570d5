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
  /// The rotation of lane x + 5·y, modulo 64 (table 2).
  private static let rotations: [UInt64] = [
    0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14,
  ]

  /// The 24 rounds, in place.
  static func permute(_ a: inout State) {
    var b = State(repeating: 0)
    for constant in roundConstants {
      // Theta.
      var c = InlineArray<5, UInt64>(repeating: 0)
      for x in 0..<5 { c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] }
      for x in 0..<5 {
        let d = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1)
        for y in 0..<5 { a[x + 5 * y] ^= d }
      }
      // Rho and pi: lane (x, y) goes to (y, 2x + 3y).
      for x in 0..<5 {
        for y in 0..<5 {
          b[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(a[x + 5 * y], rotations[x + 5 * y])
        }
      }
      // Chi and iota.
      for y in 0..<5 {
        for x in 0..<5 {
          a[x + 5 * y] = b[x + 5 * y] ^ (~b[(x + 1) % 5 + 5 * y] & b[(x + 2) % 5 + 5 * y])
        }
      }
      a[0] ^= constant
    }
  }

  @inline(__always)
  private static func rotate(_ lane: UInt64, _ count: UInt64) -> UInt64 {
    count == 0 ? lane : lane << count | lane >> (64 - count)
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
  public mutating func absorb(_ bytes: some Sequence<UInt8>) {
    precondition(!isSqueezing, "SHAKE128 does not absorb after it has squeezed")
    for byte in bytes {
      state[position >> 3] ^= UInt64(byte) << UInt64(8 * (position & 7))
      position += 1
      if position == Self.rate {
        Keccak.permute(&state)
        position = 0
      }
    }
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
