import Algebra
import CanonicalCoding
import ProofSystem
import Proving
import Testing
import _TestSupport

@Suite struct TranscriptTests {
  @Test func `the duplex sponge gives the draft's vectors`() throws {
    let file = try Fixture.json("Fixtures/vectors/cfrg_fiatShamirShake128Vectors.json")
    var count = 0
    for vector in file["vectors"].elements ?? [] where vector["Operations"].elements != nil {
      let session = try #require(Hex.decode(vector["SessionId"].text ?? ""))
      var sponge = DuplexSponge(sessionIdentifier: session)
      var output: [UInt8] = []
      for operation in vector["Operations"].elements ?? [] {
        if operation["type"].text == "absorb" {
          sponge.absorb(try #require(Hex.decode(operation["data"].text ?? "")))
        } else {
          output += sponge.squeeze(Int(operation["length"].integer ?? 0))
        }
      }
      #expect(Hex.encode(output) == vector["Output"].text, "\(vector["Name"])")
      count += 1
    }
    #expect(count >= 9)
  }

  @Test func `lengths and elements are written as the draft's codec says`() throws {
    let file = try Fixture.json("Fixtures/vectors/cfrg_fiatShamirCodecVectors.json")
    var count = 0
    for vector in file["vectors"].elements ?? []
    where vector["Function"].text == "SerializeVarLenString" {
      let input = try #require(Hex.decode(vector["Input"].text ?? ""))
      #expect(Hex.encode(ProofCoding.varlen(input)) == vector["Output"].text)
      count += 1
    }
    #expect(count >= 2)
    let p = BaseField.modulus
    for value in [0, 1, p - 1] {
      let read = try ProofCoding.baseElements(ProofCoding.bytes(value))
      #expect(read.map(\.value) == [value])
    }
    for value in [p, p + 1, UInt32.max] {
      #expect(throws: VerificationError.nonCanonical) {
        try ProofCoding.baseElements(ProofCoding.bytes(value))
      }
      for coordinate in 0..<5 {
        var bytes = [UInt8](repeating: 0, count: 20)
        bytes.replaceSubrange(4 * coordinate..<4 * coordinate + 4, with: ProofCoding.bytes(value))
        #expect(throws: VerificationError.nonCanonical) { try ProofCoding.elements(bytes) }
      }
    }
    #expect(throws: VerificationError.truncated) { try ProofCoding.elements([1, 2, 3]) }
  }

  @Test func `prover and verifier see the same challenges, and every byte counts`() throws {
    let session = [UInt8](repeating: 7, count: 32)
    func prove(_ message: [ChallengeField]) -> (proof: [UInt8], challenge: ChallengeField) {
      var prover = ProverTranscript(sessionIdentifier: session, statement: [1, 2], head: [9])
      prover.send(message, "message")
      let challenge = prover.challenge("gamma")
      prover.sendWork(bits: 6, "work")
      return (prover.bytes, challenge)
    }
    let message = [ChallengeField.basis[3], .one]
    let (proof, challenge) = prove(message)
    func verify(
      _ proof: [UInt8],
      _ statement: [UInt8] = [1, 2]
    ) throws(VerificationError) -> ChallengeField {
      var verifier = try VerifierTranscript(
        sessionIdentifier: session,
        statement: statement,
        proof: proof,
        headCount: 1
      )
      let read = try verifier.readElements(2, "message")
      let gamma = verifier.challenge("gamma")
      try verifier.readWork(bits: 6, "work")
      _ = try verifier.finish()
      return read == message ? gamma : .zero
    }
    let found = try verify(proof)
    #expect(found == challenge)
    #expect(throws: VerificationError.trailingBytes) { try verify(proof + [0]) }
    #expect(throws: VerificationError.truncated) { try verify(proof.dropLast()) }
    #expect(throws: VerificationError.proofOfWork) {
      // Another statement moves every challenge; with 6 bits one in 64 nonces passes by chance.
      try verify(proof, [1, 3])
    }
    #expect(prove([.one, .one]).challenge != challenge)
  }

  @Test func `a challenge's coordinates are spread over the whole field`() {
    var prover = ProverTranscript(
      sessionIdentifier: [UInt8](repeating: 0, count: 32),
      statement: [],
      head: []
    )
    var buckets = [Double](repeating: 0, count: 64)
    let count = 4000
    for element in prover.challenges(count, "many") {
      for coordinate in element.coordinates {
        buckets[Int(UInt64(coordinate.value) * 64 / UInt64(BaseField.modulus))] += 1
      }
    }
    let expected = Double(5 * count) / 64
    let chiSquare = buckets.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
    // 63 degrees of freedom: above 120 with probability below 10^-5; the transcript is fixed.
    #expect(chiSquare < 120)
  }
}
