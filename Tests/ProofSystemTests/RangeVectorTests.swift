import CanonicalCoding
import ProofSystem
import Proving
import Testing
import _TestSupport

@Suite struct RangeVectorTests {
  @Test(arguments: ["range_proofs", "folded_proofs"])
  func `each vector has the verdict of a verifier that shares no code with ours`(_ name: String)
    throws
  {
    let file = try Fixture.json("Fixtures/vectors/\(name).json")
    let original = file["file"]
    let proof = try #require(original["proof"].text.flatMap(Base64.decode))
    let profile = try #require(original["profile"].text.flatMap(Profile.init(rawValue:)))
    let vectors = file["vectors"].elements ?? []
    #expect(vectors.count { $0["verdict"].text != "valid" } >= 100)
    for (number, vector) in vectors.enumerated() {
      var bytes = proof
      if let offset = vector["offset"].integer {
        let change = try #require(Hex.decode(vector["bytes"].text ?? ""))
        bytes.replaceSubrange(Int(offset)..<Int(offset) + change.count, with: change)
      }
      if let length = vector["length"].integer {
        bytes = Array(bytes.prefix(Int(length)))
        bytes += Array(repeating: 0, count: Int(length) - bytes.count)
      }
      let count = try #require((vector["count"].text ?? original["count"].text).flatMap { Int($0) })
      let sum = try #require((vector["sum"].text ?? original["sum"].text).flatMap { UInt64($0) })
      let statement = RangeExample.statement(count: count, sum: sum, profile: profile)
      var verdict = "valid"
      do throws(VerificationError) {
        _ = try Verifier.verify(bytes, of: statement)
      } catch {
        verdict = error.rawValue
      }
      #expect(verdict == vector["verdict"].text, "vector \(number): \(vector)")
    }
  }
}
