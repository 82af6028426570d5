public import CanonicalCoding
internal import Licensing
public import Manifests
public import Merkle

/// What a verifier must trust about registry, policy and time, as one object whose digest every provenance proof
/// binds (docs/proof-system.md, "Context").
///
/// The verifier builds it from the combined manifest, the receipt, the policy and the decision table; a proof never
/// brings it.
public struct ProofContext: Hashable, Sendable {
  /// SHA-256 of the combined manifest.
  public let combined: SHA256Hash
  /// Its epoch.
  public let epoch: UInt64
  /// The combined root for everybody.
  public let sha256Root: SHA256Hash
  /// The combined root for circuits.
  public let poseidon2Root: Poseidon2Digest
  /// The policy.
  public let policy: SHA256Hash
  /// The root over the decision table.
  public let decisionTable: SHA256Hash
  /// The license list.
  public let licenseList: SHA256Hash
  /// The table of axes.
  public let licenseTable: SHA256Hash
  /// Days since 1970-01-01.
  public let day: UInt32
  /// 1 train, 2 fine-tune, 4 evaluate, 8 redistribute, 16 commercial; their sum.
  public let uses: UInt32
  /// Codes in strictly ascending order.
  public let jurisdictions: [String]
  /// The reviews of the epoch.
  public let reviews: CountedHead
  /// The tombstones of the epoch.
  public let tombstones: CountedHead
  /// SHA-256 of the receipt's public head.
  public let receipt: SHA256Hash

  /// The context of a receipt.
  ///
  /// - Throws: `ProvenanceError` with the rule `publicInputInvalid`, naming what does not fit.
  public init(
    manifest verified: VerifiedManifest,
    receipt: TrainingReceipt,
    policy file: PolicyFile,
    table: DecisionTable
  ) throws(ProvenanceError) {
    let manifest = verified.manifest
    guard receipt.combined == verified.digest else {
      throw ProvenanceError(
        "receipt",
        "the receipt is of combined manifest \(receipt.combined.hex), this one is \(verified.digest.hex)"
      )
    }
    guard receipt.epoch == manifest.epoch else {
      throw ProvenanceError(
        "receipt",
        "the receipt names epoch \(receipt.epoch), the manifest epoch \(manifest.epoch)"
      )
    }
    let members = CommittedManifest.Policy(file, asOf: receipt.asOf, table: table.head)
    guard receipt.policy == members.sha256 else {
      throw ProvenanceError(
        "policy",
        "the receipt names policy \(receipt.policy.hex), the file given is \(members.sha256.hex)"
      )
    }
    guard Set(receipt.uses).isSubset(of: members.uses) else {
      throw ProvenanceError(
        "policy",
        "the policy decides on \(members.uses.joined(separator: ", ")), the receipt is for \(receipt.uses.joined(separator: ", "))"
      )
    }
    guard receipt.decisionTable == members.table.sha256Root else {
      throw ProvenanceError(
        "decision table",
        "the receipt names table \(receipt.decisionTable.hex); policy and manifests give \(members.table.sha256Root.hex) for \(receipt.asOf)"
      )
    }
    guard let day = UInt32(exactly: receipt.asOf.dayNumber) else {
      throw ProvenanceError("receipt", "the as-of day \(receipt.asOf) is before 1970")
    }
    let codes = Array(Set(members.jurisdictions)).sorted()
    guard !codes.isEmpty else { throw ProvenanceError("policy", "it names no jurisdiction") }
    (combined, epoch) = (verified.digest, manifest.epoch)
    (sha256Root, poseidon2Root) = (verified.combined.sha256, verified.combined.poseidon2)
    (policy, decisionTable) = (members.sha256, members.table.sha256Root)
    (licenseList, licenseTable) = (manifest.licenseListDigest, manifest.licenseTableDigest)
    self.day = day
    uses = receipt.uses.reduce(0) { sum, name in
      let index = Use.allCases.firstIndex { $0.rawValue == name } ?? 0
      return sum | 1 << UInt32(index)
    }
    jurisdictions = codes
    (reviews, tombstones) = (manifest.reviews, manifest.tombstones)
    self.receipt = receipt.digest
  }

  /// A context of a registry without a manifest, for tests of statements alone.
  package init(forTestsOf registry: CommittedRegistry, receipt: SHA256Hash) {
    (combined, epoch, poseidon2Root) = (registry.combined, registry.epoch, registry.root)
    (sha256Root, policy, decisionTable) = (receipt, receipt, receipt)
    (licenseList, licenseTable, self.receipt) = (receipt, receipt, receipt)
    (day, uses, jurisdictions) = (20_000, 1, ["EU"])
    (reviews, tombstones) = (.empty, .empty)
  }

  /// The object.
  public var json: JSONValue {
    [
      "apiVersion": "ingest/v1", "kind": "ProofContext", "combined": .string(combined.hex),
      "epoch": .count(epoch), "sha256Root": .string(sha256Root.hex),
      "poseidon2Root": .string(poseidon2Root.hex), "policy": .string(policy.hex),
      "decisionTable": .string(decisionTable.hex), "licenseList": .string(licenseList.hex),
      "licenseTable": .string(licenseTable.hex), "asOf": .count(day), "uses": .count(uses),
      "jurisdictions": .array(jurisdictions.map(JSONValue.string)), "reviews": reviews.json(),
      "tombstones": tombstones.json(), "receipt": .string(receipt.hex),
    ]
  }

  /// SHA-256 of the RFC 8785 bytes.
  public var digest: SHA256Hash { .of(CanonicalJSON.encode(json)) }
}
