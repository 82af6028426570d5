public import CanonicalCoding
internal import Licensing
public import Merkle

/// The public head of a training receipt: what a run read, as everybody may see it (commitments.md, section 7).
///
/// What was read lies in the private part, whose digest stands here. Bytes, words and totals are only there:
/// what is said about them in public is said by a proof.
public struct TrainingReceipt: Hashable, Sendable {
  /// In which order the examples were read.
  public enum Order: Hashable, Sendable {
    /// That of the registry: sources by id, then the order of each source.
    case committed
    /// A permutation drawn from the combined manifest's digest and a public seed.
    ///
    /// `fixed` is what the trainer says about how and when the seed was fixed; empty when nothing is said.
    case seeded(seed: String, fixed: String)
  }

  /// SHA-256 of the combined manifest's bytes.
  public var combined: SHA256Hash
  /// Its epoch.
  public var epoch: UInt64
  /// SHA-256 of the policy's typed form.
  public var policy: SHA256Hash
  /// The root over the decision table of policy and day.
  public var decisionTable: SHA256Hash
  /// What the records were read for, ascending.
  public var uses: [String]
  /// The day on which the policy decided.
  public var asOf: CivilDate
  /// The order.
  public var order: Order
  /// The number of examples.
  public var count: UInt64
  /// SHA-256 of the private part's bytes.
  public var privatePart: SHA256Hash
  /// The root over the `IRF1` leaves.
  public var sha256Root: SHA256Hash
  /// The root over the Poseidon2 leaves.
  public var poseidon2Root: Poseidon2Digest

  /// A receipt from its members.
  public init(
    combined: SHA256Hash,
    epoch: UInt64,
    policy: SHA256Hash,
    decisionTable: SHA256Hash,
    uses: [String],
    asOf: CivilDate,
    order: Order,
    count: UInt64,
    privatePart: SHA256Hash,
    sha256Root: SHA256Hash,
    poseidon2Root: Poseidon2Digest
  ) {
    (self.combined, self.epoch, self.policy) = (combined, epoch, policy)
    (self.decisionTable, self.uses, self.asOf) = (decisionTable, uses, asOf)
    (self.order, self.count, self.privatePart) = (order, count, privatePart)
    (self.sha256Root, self.poseidon2Root) = (sha256Root, poseidon2Root)
  }

  /// The head as JSON.
  public var json: JSONValue {
    var order: JSONObject = ["kind": "committed"]
    if case .seeded(let seed, let fixed) = self.order {
      order = ["kind": "seeded", "seed": .string(seed)]
      if !fixed.isEmpty { order["fixed"] = .string(fixed) }
    }
    return [
      "apiVersion": "ingest/v1", "kind": "TrainingReceipt", "combined": .string(combined.hex),
      "epoch": .count(epoch), "policy": .string(policy.hex),
      "decisionTable": .string(decisionTable.hex),
      "uses": .array(uses.map(JSONValue.string)), "asOf": .string(asOf.description),
      "order": .object(order), "count": .count(count), "private": .string(privatePart.hex),
      "sha256Root": .string(sha256Root.hex), "poseidon2Root": .string(poseidon2Root.hex),
    ]
  }

  /// The RFC 8785 bytes.
  public var bytes: [UInt8] { CanonicalJSON.encode(json) }

  /// SHA-256 of `bytes`: what proofs name.
  public var digest: SHA256Hash { .of(bytes) }

  /// Reads a head and refuses anything but its RFC 8785 form.
  ///
  /// - Throws: `CommitmentError` naming the member.
  public init(_ bytes: [UInt8]) throws(CommitmentError) {
    var reader = try CommitmentReader(file: bytes, kind: "TrainingReceipt")
    combined = try reader.sha256("combined")
    epoch = try reader.count("epoch")
    policy = try reader.sha256("policy")
    decisionTable = try reader.sha256("decisionTable")
    uses = try reader.texts("uses")
    guard !uses.isEmpty, uses.allSatisfy({ Use(rawValue: $0) != nil }),
      zip(uses, uses.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw .badValue("uses") }
    asOf = try reader.date("asOf")
    guard asOf.dayNumber >= 0 else { throw .badValue("asOf") }
    var order = try reader.object("order")
    switch try order.text("kind") {
    case "committed": self.order = .committed
    case "seeded":
      self.order = .seeded(
        seed: try order.text("seed"),
        fixed: try order.optionalText("fixed") ?? ""
      )
    default: throw .badValue("order.kind")
    }
    try order.finish()
    count = try reader.count("count")
    guard count > 0 else { throw .badValue("count") }
    privatePart = try reader.sha256("private")
    sha256Root = try reader.sha256("sha256Root")
    poseidon2Root = try reader.poseidon2("poseidon2Root")
    try reader.finish()
  }
}
