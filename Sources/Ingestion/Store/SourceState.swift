public import CanonicalCoding
public import Manifests
public import Merkle
public import SourceAPI

/// Where a scan can begin again: a place in the source and the books up to there.
public struct ResumePoint: Hashable, Sendable {
  /// The place in the source.
  public var checkpoint: Checkpoint
  /// Members read before the place.
  public var members: UInt64
  /// The number of leaves.
  public var size: UInt64
  /// The number of ledger entries.
  public var ledgerCount: UInt64
  /// The books.
  public var counts: SourceCounts
  /// The license entries, in their order.
  public var licenses: [LicenseTally]
  /// Members by detailed reason.
  public var reasons: [String: UInt64]

  /// The beginning of a source with so many license entries.
  public init(licenseCount: Int) {
    checkpoint = .start(of: 0)
    (members, size, ledgerCount) = (0, 0, 0)
    counts = SourceCounts()
    licenses = Array(repeating: LicenseTally(), count: licenseCount)
    reasons = [:]
  }

  /// Adds a batch's books.
  mutating func add(_ batch: ProcessedBatch) {
    members += batch.counts.members
    size += UInt64(batch.rows.count)
    ledgerCount += UInt64(batch.ledger.count)
    counts += batch.counts
    for (index, tally) in batch.licenses.enumerated() {
      for preference in 0..<3 { licenses[index].counts[preference] += tally.counts[preference] }
    }
    for (reason, number) in batch.reasons {
      reasons[DeclaredTally.key(reason, among: reasons), default: 0] += number
    }
  }

  var json: JSONValue {
    [
      "checkpoint": .string(checkpoint.text), "members": .count(members), "size": .count(size),
      "ledgerCount": .count(ledgerCount), "counts": counts.json,
      "licenses": .array(licenses.map { .array($0.counts.map { .count($0) }) }),
      "reasons": .object(JSONObject(reasons.map { ($0.key, .count($0.value)) })),
    ]
  }

  init?(_ json: JSONValue) {
    func number(_ value: JSONValue?) -> UInt64? { value?.text.flatMap { UInt64($0) } }
    guard let object = json.object,
      let checkpoint = object["checkpoint"]?.text.flatMap({ Checkpoint($0) }),
      let members = number(object["members"]), let size = number(object["size"]),
      let ledgerCount = number(object["ledgerCount"]), let countsJSON = object["counts"],
      let counts = try? SourceCounts(countsJSON, at: "counts"),
      let licenses = object["licenses"]?.elements,
      let reasons = object["reasons"]?.object
    else { return nil }
    (self.checkpoint, self.members, self.size) = (checkpoint, members, size)
    (self.ledgerCount, self.counts) = (ledgerCount, counts)
    self.licenses = licenses.map {
      LicenseTally(counts: ($0.elements ?? []).map { number($0) ?? 0 })
    }
    self.reasons = reasons.members.mapValues { number($0) ?? 0 }
  }
}

/// The row of one source in the database: everything that a commit changes at once.
public struct SourceState: Sendable {
  /// The identifier.
  public var id: String
  /// Where the manifest lies.
  public var manifestPath: String
  /// SHA-256 of JCS of the typed form.
  public var manifestDigest: String
  /// The profile's digest.
  public var profileDigest: String
  /// The day on which the policy decided which records have a leaf; kept over resumes.
  public var asOf: CivilDate
  /// Whether the whole source is committed.
  public var isComplete: Bool
  /// The last epoch that holds this source; 0 before the first.
  public var signedEpoch: UInt64
  /// The SHA-256 side.
  public var sha256: CompactRange<SHA256TreeHasher>
  /// The Poseidon2 side.
  public var poseidon2: CompactRange<Poseidon2TreeHasher>
  /// The reject ledger.
  public var ledger: CompactRange<SHA256TreeHasher>
  /// Where a scan goes on.
  public var resume: ResumePoint
  /// Books at the end of what is committed.
  public var books: ResumePoint
  /// SHA-256 over the names and states of all inputs: there may be too many to write them with every commit.
  public var inputsDigest: String
  /// What read them.
  public var plugin: PluginIdentity
  /// How often records were removed, or came in between: each time makes a tree of its own (`ScanOrder`, tiles).
  public var generation: UInt64 = 0
  /// Leaves that are tombstones.
  public var tombstoneCount: UInt64 = 0
  /// The root over the sorted digests of the live records, and of which state it is.
  var absence: AbsenceState?
  /// Limits and formats under which they are read.
  public var options: JSONValue

  /// A source of which nothing is committed yet.
  init(_ plan: SourcePlan, plugin: PluginIdentity, manifestPath: String, asOf: CivilDate) {
    self.asOf = asOf
    id = plan.manifest.id
    self.manifestPath = manifestPath
    manifestDigest = plan.manifestDigest.hex
    profileDigest = plan.profileDigest.hex
    isComplete = false
    signedEpoch = 0
    sha256 = CompactRange()
    poseidon2 = CompactRange()
    ledger = CompactRange()
    resume = ResumePoint(licenseCount: plan.licenses.entries.count)
    books = resume
    inputsDigest = plan.inputsDigest.hex
    self.plugin = plugin
    options = plan.options.whatIsRead
  }

  /// The root over the sorted digests, if it is of this very state.
  var absenceRoot: SHA256Hash? {
    guard let absence, absence.size == sha256.size, absence.generation == generation else {
      return nil
    }
    return absence.root
  }

  var json: JSONValue {
    var object: JSONObject = [
      "manifestPath": .string(manifestPath), "manifestDigest": .string(manifestDigest),
      "profileDigest": .string(profileDigest), "asOf": .string(asOf.description),
      "isComplete": .bool(isComplete),
      "signedEpoch": .count(signedEpoch), "size": .count(sha256.size),
      "sha256Edge": .array(sha256.edge.map { .string($0.hex) }),
      "poseidon2Edge": .array(poseidon2.edge.map { .string($0.hex) }),
      "ledgerSize": .count(ledger.size), "ledgerEdge": .array(ledger.edge.map { .string($0.hex) }),
      "resume": resume.json, "books": books.json,
      "inputsDigest": .string(inputsDigest), "options": options, "plugin": plugin.json,
      "generation": .count(generation), "tombstones": .count(tombstoneCount),
    ]
    object["absence"] = absence?.json
    return .object(object)
  }
}

/// The root over the sorted digests of the live records of one state of a source.
struct AbsenceState: Hashable, Sendable {
  let root: SHA256Hash
  let size: UInt64
  let generation: UInt64

  var json: JSONValue {
    ["root": .string(root.hex), "size": .count(size), "generation": .count(generation)]
  }
}

extension AbsenceState {
  init?(_ json: JSONValue) {
    guard let object = json.object, let root = object["root"]?.text.flatMap(SHA256Hash.init(hex:)),
      let size = object["size"]?.text.flatMap({ UInt64($0) }),
      let generation = object["generation"]?.text.flatMap({ UInt64($0) })
    else { return nil }
    self.init(root: root, size: size, generation: generation)
  }
}
