public import CanonicalCoding
internal import Licensing
public import Merkle

/// One epoch: every source commitment, the policy they were judged under, and both combined roots.
///
/// Its RFC 8785 bytes are what is signed.
public struct CommittedManifest: Hashable, Sendable {
  /// The policy as it is committed to.
  public struct Policy: Hashable, Sendable {
    /// The identifier.
    public var id: String
    /// The version.
    public var version: String
    /// The SHA-256 side.
    public var sha256: SHA256Hash
    /// SHA-256 of the file's bytes.
    public var fileSha256: SHA256Hash
    /// The day on which the policy decides.
    public var asOf: CivilDate
    /// What each use is allowed.
    public var uses: [String]
    /// The places where it holds, or that are asked for.
    public var jurisdictions: [String]
    /// The table.
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
    /// The number of the epoch, from 1.
    public var epoch: UInt64
    /// The SHA-256 side.
    public var sha256: SHA256Hash
    /// An epoch and the digest of its commit file.
    public init(epoch: UInt64, sha256: SHA256Hash) { (self.epoch, self.sha256) = (epoch, sha256) }
  }

  /// The time that the manifest states, given from outside.
  public var created: String
  /// The number of the epoch, from 1.
  public var epoch: UInt64
  /// The version of the tool.
  public var toolVersion: String
  /// The sources.
  public var sources: [SourceCommitment]
  /// The policy.
  public var policy: Policy
  /// The version of the SPDX list.
  public var licenseListVersion: String
  /// SHA-256 of the list of license identifiers.
  public var licenseListDigest: SHA256Hash
  /// The version of the table of axes.
  public var licenseTableVersion: String
  /// SHA-256 of the table of axes.
  public var licenseTableDigest: SHA256Hash
  /// The head over the reviews.
  public var reviews: CountedHead
  /// Leaves that were removed.
  public var tombstones: CountedHead
  /// The epoch before.
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
    licenseListDigest = Self.ownLicenseListDigest
    licenseTableVersion = LicenseTable.version
    licenseTableDigest = Self.ownLicenseTableDigest
    reviews = .empty
    tombstones = .empty
    self.previous = previous
  }

  /// SHA-256 of the license list that this program decides with.
  public static let ownLicenseListDigest = SHA256Hash.of(SPDXLicenseList.canonicalBytes)
  /// SHA-256 of the table of axes that this program decides with.
  public static let ownLicenseTableDigest = SHA256Hash.of(CanonicalJSON.encode(LicenseTable.json))

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
  /// The SHA-256 side.
  public let sha256: SHA256Hash
  /// The Poseidon2 side.
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
