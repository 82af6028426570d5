internal import CanonicalCoding
internal import ProofSystem

/// A proof of the engine's example with its public inputs, as JSON.
struct ExampleProofFile {
  static let kind = "ExampleProof"

  let example: ExampleStatement
  let count: Int
  let sum: UInt64
  let profile: Profile
  let proof: [UInt8]

  init(
    _ example: ExampleStatement,
    count: Int,
    sum: UInt64,
    profile: Profile,
    proof: [UInt8]
  ) {
    (self.example, self.count, self.sum) = (example, count, sum)
    (self.profile, self.proof) = (profile, proof)
  }

  /// Reads the file; `nil` unless every member is there, and no other.
  init?(_ json: JSONValue) {
    guard let object = json.object, object.sortedNames.count == 7,
      object["apiVersion"]?.text == "ingest/v1", object["kind"]?.text == Self.kind,
      let example = object["example"]?.text.flatMap(ExampleStatement.init(rawValue:)),
      let count = object["count"]?.text.flatMap({ Int($0) }),
      example.counts.contains(count),
      let sum = object["sum"]?.text.flatMap({ UInt64($0) }),
      sum <= (example == .range ? UInt64(count) * 65_535 : 0),
      let profile = object["profile"]?.text.flatMap(Profile.init(rawValue:)),
      let proof = object["proof"]?.text.flatMap(Base64.decode)
    else { return nil }
    self.init(example, count: count, sum: sum, profile: profile, proof: proof)
  }

  var json: JSONValue {
    [
      "apiVersion": "ingest/v1", "kind": .string(Self.kind), "example": .string(example.rawValue),
      "count": .string(String(count)), "sum": .string(String(sum)),
      "profile": .string(profile.name), "proof": .string(Base64.encode(proof)),
    ]
  }

  var statement: Statement { example.statement(count: count, sum: sum, profile: profile) }

  /// What a proof of it shows, as a sentence.
  var claim: String {
    switch example {
    case .range: "somebody knows \(count) numbers below 65536 with the sum \(sum)"
    case .permutations: "somebody knows \(count) inputs and outputs of Poseidon2"
    case .provenance: "somebody knows \(count) records that balance as in a provenance proof"
    }
  }
}
