internal import CanonicalCoding
internal import ProofSystem

/// A proof of the engine's example with its public inputs, as JSON.
struct ExampleProofFile {
  static let kind = "ExampleProof"

  let count: Int
  let sum: UInt64
  let profile: Profile
  let proof: [UInt8]

  init(count: Int, sum: UInt64, profile: Profile, proof: [UInt8]) {
    (self.count, self.sum, self.profile, self.proof) = (count, sum, profile, proof)
  }

  /// Reads the file; `nil` unless every member is there, and no other.
  init?(_ json: JSONValue) {
    guard let object = json.object, object.sortedNames.count == 7,
      object["apiVersion"]?.text == "ingest/v1", object["kind"]?.text == Self.kind,
      object["example"]?.text == "range",
      let count = object["count"]?.text.flatMap({ Int($0) }),
      (1...RangeExample.countLimit).contains(count),
      let sum = object["sum"]?.text.flatMap({ UInt64($0) }), sum <= UInt64(count) * 65_535,
      let profile = object["profile"]?.text.flatMap(Profile.init(rawValue:)),
      let proof = object["proof"]?.text.flatMap(Base64.decode)
    else { return nil }
    self.init(count: count, sum: sum, profile: profile, proof: proof)
  }

  var json: JSONValue {
    [
      "apiVersion": "ingest/v1", "kind": .string(Self.kind), "example": "range",
      "count": .string(String(count)), "sum": .string(String(sum)),
      "profile": .string(profile.name), "proof": .string(Base64.encode(proof)),
    ]
  }

  var statement: Statement { RangeExample.statement(count: count, sum: sum, profile: profile) }
}
