import Algebra
import CanonicalCoding
import Testing
import _TestSupport

@Suite struct Poseidon2Tests {
  @Test func `the permutation of width 16 gives the published vectors`() throws {
    let vectors =
      try Fixture.json("Fixtures/vectors/poseidon2_koalabear_w16.json")["vectors"].elements ?? []
    #expect(vectors.count == 4)
    for vector in vectors {
      var input = SIMD16<UInt32>()
      for (index, value) in (vector["input"].elements ?? []).enumerated() {
        input[index] = UInt32(value.integer ?? 0)
      }
      let output = Poseidon2.permute16(input)
      #expect(
        (0..<16).map { Int(output[$0]) }
          == (vector["output"].elements ?? []).map { $0.integer ?? -1 }
      )
    }
  }

  @Test func `the permutation of width 24 gives the published vectors`() throws {
    let vectors =
      try Fixture.json("Fixtures/vectors/poseidon2_koalabear_w24.json")["vectors"].elements ?? []
    #expect(vectors.count == 4)
    for vector in vectors {
      let input = (vector["input"].elements ?? []).map { UInt32($0.integer ?? 0) }
      var rate = SIMD16<UInt32>()
      var capacity = Poseidon2.Words()
      for index in 0..<16 { rate[index] = input[index] }
      for index in 0..<8 { capacity[index] = input[16 + index] }
      let output = Poseidon2.permute24(rate: rate, capacity: capacity)
      let flat = (0..<16).map { Int(output.rate[$0]) } + (0..<8).map { Int(output.capacity[$0]) }
      #expect(flat == (vector["output"].elements ?? []).map { $0.integer ?? -1 })
    }
  }

  @Test func `KoalaBear is a field on its edges`() {
    let edges: [UInt64] = [
      0, 1, 2, 3, 0x7F00_0000, 0x7EFF_FFFF, 0x3F80_0000, 0x7FFF_FFFF, UInt64(UInt32.max), 1 << 31,
    ]
    for x in edges {
      for y in edges {
        let (a, b) = (KoalaBear(reducing: x), KoalaBear(reducing: y))
        #expect(UInt64((a + b).value) == (x % 0x7F00_0001 + y % 0x7F00_0001) % 0x7F00_0001)
        #expect((a * b) == (b * a))
        #expect((a - b) + b == a)
        #expect(a * KoalaBear.one == a)
        #expect(a + KoalaBear.zero == a)
      }
    }
    #expect(KoalaBear(canonical: KoalaBear.modulus) == nil)
    #expect(KoalaBear(canonical: KoalaBear.modulus - 1) != nil)
  }

  @Test func `the sponge tells lengths and tags apart`() {
    let zeros = { (count: Int) in Array(repeating: KoalaBear.zero, count: count) }
    let digests = [0, 1, 15, 16, 17, 32].map { Poseidon2.sponge(tag: 7, message: zeros($0)) }
    for (i, a) in digests.enumerated() {
      for (j, b) in digests.enumerated() where i != j { #expect(a != b) }
    }
    #expect(
      Poseidon2.sponge(tag: 7, message: zeros(1)) != Poseidon2.sponge(tag: 8, message: zeros(1))
    )
  }
}
