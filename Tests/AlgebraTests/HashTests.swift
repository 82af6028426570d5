import Algebra
import CanonicalCoding
import Testing
import _TestSupport

@Suite struct HashTests {
  @Test func `SHAKE128 gives what FIPS 202 implementations give, in pieces of any size`() throws {
    // Python's hashlib: shake_128(b"").digest(32), of b"abc", and of 168 and 200 bytes of 0xA3.
    let vectors: [([UInt8], String)] = [
      ([], "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"),
      (Array("abc".utf8), "5881092dd818bf5cf8a3ddb793fbcba74097d5c526a6d35f97b83351940f2cc8"),
      (
        Array(repeating: 0xA3, count: 200),
        "131ab8d2b594946b9c81333f9bb6e0ce75c3b93104fa3469d3917457385da037"
      ),
      (
        Array(repeating: 0xA3, count: 168),
        "4d24ec06f7d2b3a71ca0a1b0f3ac5ce970beebd83008e7497dd72cfc34c967aa"
      ),
    ]
    for (message, expected) in vectors {
      var whole = SHAKE128()
      whole.absorb(message)
      #expect(Hex.encode(whole.squeeze(32)) == expected)
      var pieces = SHAKE128()
      for byte in message { pieces.absorb([byte]) }
      var output: [UInt8] = []
      for _ in 0..<400 { output += pieces.squeeze(1) }
      var again = SHAKE128()
      again.absorb(message)
      #expect(output == again.squeeze(400))
    }
  }

  @Test func `BLAKE3 gives the published vectors in all three modes`() throws {
    let file = try Fixture.json("Fixtures/vectors/blake3.json")
    let key = BLAKE3.words(Array((file["key"].text ?? "").utf8))
    let cases = file["cases"].elements ?? []
    #expect(cases.count >= 20)
    for vector in cases {
      let count = Int(vector["input_len"].integer ?? 0)
      // The input of the official vectors: bytes 0 to 250, again and again.
      let input = (0..<count).map { UInt8($0 % 251) }
      #expect(Hex.encode(BLAKE3.hash(input)) == vector["hash"].text)
      #expect(Hex.encode(BLAKE3.hash(key: key, input)) == vector["keyed_hash"].text)
      let context = file["context_string"].text ?? ""
      #expect(
        Hex.encode(BLAKE3.deriveKey(context: context, material: input)) == vector["derive_key"].text
      )
    }
  }
}
