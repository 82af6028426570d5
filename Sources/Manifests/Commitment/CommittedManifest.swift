public import CanonicalCoding
internal import Licensing
public import Merkle

/// One epoch: every source commitment, the policy they were judged under, and both combined roots.
///
/// Its RFC 8785 bytes are what is signed.
public struct CommittedManifest: Hashable, Sendable {
  /// The policy as it is committed to.
  public struct Policy: Hashable, Sendable {
    public var id: String
    public var version: String
    public var sha256: SHA256Hash
    public var fileSha256: SHA256Hash
    public var asOf: CivilDate
    public var uses: [String]
    public var jurisdictions: [String]
    public var table: CountedHead

    /// The committed members of a policy file.
    public init(_ file: PolicyFile, asOf: CivilDate, table: CountedHead) {
      id = file.policy.id
      version = file.policy.version
      sha256 = .of(CanonicalJSON.encode(file.typedForm))
      fileSha256 = .of(file.bytes)
      self.asOf = asOf
      uses = file.policy.uses.map(\.rawValue).sorted()
      jurisdictions = file.policy.jurisdictions.sorted()
      self.table = table
    }
  }

  /// The epoch before.
  public struct Previous: Hashable, Sendable {
    public var epoch: UInt64
    public var sha256: SHA256Hash
    /// An epoch and the digest of its commit file.
    public init(epoch: UInt64, sha256: SHA256Hash) { (self.epoch, self.sha256) = (epoch, sha256) }
  }

  public var created: String
  public var epoch: UInt64
  public var toolVersion: String
  public var sources: [SourceCommitment]
  public var policy: Policy
  public var licenseListVersion: String
  public var licenseListDigest: SHA256Hash
  public var licenseTableVersion: String
  public var licenseTableDigest: SHA256Hash
  public var reviews: CountedHead
  public var tombstones: CountedHead
  public var previous: Previous?

  /// An epoch over sources; they are put in order of their ids.
  public init(
    created: String,
    epoch: UInt64,
    toolVersion: String,
    sources: [SourceCommitment],
    policy: Policy,
    previous: Previous?
  ) {
    self.created = created
    self.epoch = epoch
    self.toolVersion = toolVersion
    self.sources = sources.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    self.policy = policy
    licenseListVersion = SPDXLicenseList.version
    licenseListDigest = .of(SPDXLicenseList.canonicalBytes)
    licenseTableVersion = LicenseTable.version
    licenseTableDigest = .of(CanonicalJSON.encode(LicenseTable.json))
    reviews = .empty
    tombstones = .empty
    self.previous = previous
  }

  /// The sums over the sources.
  public var counts: SourceCounts { sources.reduce(into: SourceCounts()) { $0 += $1.counts } }

  /// The roots over the source leaves, in ascending order of id.
  public var combined: CombinedRoot {
    CombinedRoot(
      sha256: CompactRange<SHA256TreeHasher>.root(of: sources.map(\.sha256Leaf)),
      poseidon2: CompactRange<Poseidon2TreeHasher>.root(of: sources.map(\.poseidon2Leaf))
    )
  }

  /// The RFC 8785 bytes of the commit file.
  public var bytes: [UInt8] { CanonicalJSON.encode(json) }

  /// The commit file as JSON.
  public var json: JSONValue {
    var object: JSONObject = [
      "apiVersion": "ingest/v1", "kind": "CommittedManifest", "created": .string(created),
      "epoch": .count(epoch),
      "tool": ["name": "ingest", "version": .string(toolVersion)],
      "tree": [
        "shape": "RFC9162", "leaf": "IRL1", "poseidon2Leaf": "P2KB-1",
        "poseidon2": "P2-KB-plonky3-v1",
      ],
      "sources": .array(sources.map(\.json)), "counts": counts.json, "policy": policy.json,
      "licenseList": [
        "name": "SPDX", "version": .string(licenseListVersion),
        "sha256": .string(licenseListDigest.hex),
      ],
      "licenseTable": [
        "version": .string(licenseTableVersion), "sha256": .string(licenseTableDigest.hex),
      ],
      "reviews": reviews.json(), "tombstones": tombstones.json(), "combined": combined.json,
    ]
    if let previous {
      object["previous"] = [
        "epoch": .count(previous.epoch), "sha256": .string(previous.sha256.hex),
      ]
    }
    return .object(object)
  }
}

extension CommittedManifest.Policy {
  var json: JSONValue {
    [
      "id": .string(id), "version": .string(version), "sha256": .string(sha256.hex),
      "fileSha256": .string(fileSha256.hex), "asOf": .string(asOf.description),
      "uses": .array(uses.map(JSONValue.string)),
      "jurisdictions": .array(jurisdictions.map(JSONValue.string)),
      "table": table.json(countName: "rows"),
    ]
  }

  init(_ reader: CommitmentReader) throws(CommitmentError) {
    var reader = reader
    id = try reader.text("id")
    version = try reader.text("version")
    sha256 = try reader.sha256("sha256")
    fileSha256 = try reader.sha256("fileSha256")
    asOf = try reader.date("asOf")
    uses = try reader.texts("uses")
    jurisdictions = try reader.texts("jurisdictions")
    table = try CountedHead(try reader.object("table"), countName: "rows")
    try reader.finish()
  }
}

/// The two roots that stand for everything a registry has committed to.
public struct CombinedRoot: Hashable, Sendable {
  public let sha256: SHA256Hash
  public let poseidon2: Poseidon2Digest

  /// Both roots.
  public init(sha256: SHA256Hash, poseidon2: Poseidon2Digest) {
    (self.sha256, self.poseidon2) = (sha256, poseidon2)
  }

  /// Both roots as JSON.
  public var json: JSONValue {
    ["sha256Root": .string(sha256.hex), "poseidon2Root": .string(poseidon2.hex)]
  }
}
