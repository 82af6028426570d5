internal import Algebra
public import CanonicalCoding
public import Licensing
public import Merkle

/// All that is committed about one source: its books, its licenses, both heads of its tree.
public struct SourceCommitment: Hashable, Sendable {
  /// One license entry with the records that stand under it.
  public struct License: Hashable, Sendable {
    /// The license expression, normalized.
    public var expression: String
    /// Records that have a leaf.
    public var records: UInt64
    /// Records by what their publisher said about training.
    public var preferences: [Preference: UInt64]
    /// The last valid day.
    public var until: CivilDate?

    /// An entry from its members.
    public init(
      expression: String,
      records: UInt64,
      preferences: [Preference: UInt64],
      until: CivilDate?
    ) {
      (self.expression, self.records) = (expression, records)
      (self.preferences, self.until) = (preferences, until)
    }
  }

  /// The identifier.
  public var id: String
  /// The version.
  public var version: String
  /// The name of the plugin.
  public var pluginName: String
  /// The version of the plugin.
  public var pluginVersion: String
  /// The digest of an out-of-process plugin's executable.
  public var pluginDigest: SHA256Hash?
  /// Whether leaves are salted and names stay out of public files.
  public var confidential: Bool
  /// SHA-256 of JCS of the typed form.
  public var manifestDigest: SHA256Hash
  /// SHA-256 of the manifest file's bytes.
  public var manifestFileDigest: SHA256Hash
  /// The profile's name.
  public var profileName: String
  /// The profile's digest.
  public var profileDigest: SHA256Hash
  /// The books.
  public var counts: SourceCounts
  /// The license entries, in their order.
  public var licenses: [License]
  /// The reject ledger.
  public var ledger: CountedHead
  /// The number of leaves.
  public var size: UInt64
  /// Leaves that were removed.
  public var tombstones: UInt64
  /// The root of the SHA-256 tree.
  public var sha256Root: SHA256Hash
  /// The root of the Poseidon2 tree.
  public var poseidon2Root: Poseidon2Digest
  /// The root over the sorted content digests of the live records, where absence can be proved.
  public var absenceRoot: SHA256Hash?

  /// A commitment from its members.
  public init(
    id: String,
    version: String,
    pluginName: String,
    pluginVersion: String,
    confidential: Bool,
    manifestDigest: SHA256Hash,
    manifestFileDigest: SHA256Hash,
    profileName: String,
    profileDigest: SHA256Hash,
    counts: SourceCounts,
    licenses: [License],
    ledger: CountedHead,
    size: UInt64,
    tombstones: UInt64,
    sha256Root: SHA256Hash,
    poseidon2Root: Poseidon2Digest
  ) {
    (self.id, self.version, self.pluginName, self.pluginVersion) = (
      id, version, pluginName, pluginVersion
    )
    (self.confidential, self.manifestDigest) = (confidential, manifestDigest)
    (self.manifestFileDigest, self.profileName) = (manifestFileDigest, profileName)
    (self.profileDigest, self.counts, self.licenses) = (profileDigest, counts, licenses)
    (self.ledger, self.size, self.tombstones) = (ledger, size, tombstones)
    (self.sha256Root, self.poseidon2Root) = (sha256Root, poseidon2Root)
  }

  /// The source object; its JCS bytes are the leaf of the combined tree.
  public var json: JSONValue {
    var plugin: JSONObject = ["name": .string(pluginName), "version": .string(pluginVersion)]
    if let pluginDigest { plugin["sha256"] = .string(pluginDigest.hex) }
    var object: JSONObject = [
      "id": .string(id), "version": .string(version), "plugin": .object(plugin),
      "confidential": .bool(confidential),
      "manifest": [
        "sha256": .string(manifestDigest.hex), "fileSha256": .string(manifestFileDigest.hex),
      ],
      "profile": ["name": .string(profileName), "sha256": .string(profileDigest.hex)],
      "counts": counts.json, "licenses": .array(licenses.map(\.json)), "ledger": ledger.json(),
      "size": .count(size), "tombstones": .count(tombstones),
      "sha256Root": .string(sha256Root.hex), "poseidon2Root": .string(poseidon2Root.hex),
    ]
    if let absenceRoot {
      object["absence"] = [
        "alg": .string(AbsenceDigest.algorithm), "sha256Root": .string(absenceRoot.hex),
      ]
    }
    return .object(object)
  }

  /// Reads a source object and checks that its books close.
  ///
  /// - Throws: `CommitmentError` naming the member or the book.
  public init(_ json: JSONValue, at path: String) throws(CommitmentError) {
    var object = try CommitmentReader(json, path)
    id = try object.text("id")
    version = try object.text("version")
    var plugin = try object.object("plugin")
    pluginName = try plugin.text("name")
    pluginVersion = try plugin.text("version")
    pluginDigest = plugin.optional("sha256") == nil ? nil : try plugin.sha256("sha256")
    try plugin.finish()
    confidential = try object.bool("confidential")
    var manifest = try object.object("manifest")
    manifestDigest = try manifest.sha256("sha256")
    manifestFileDigest = try manifest.sha256("fileSha256")
    try manifest.finish()
    var profile = try object.object("profile")
    profileName = try profile.text("name")
    profileDigest = try profile.sha256("sha256")
    try profile.finish()
    counts = try SourceCounts(try object.value("counts"), at: "\(path).counts")
    licenses = []
    for (index, entry) in try object.list("licenses").enumerated() {
      licenses.append(try License(entry, at: "\(path).licenses[\(index)]"))
    }
    ledger = try CountedHead(try object.object("ledger"))
    size = try object.count("size")
    tombstones = try object.count("tombstones")
    sha256Root = try object.sha256("sha256Root")
    poseidon2Root = try object.poseidon2("poseidon2Root")
    if object.optional("absence") != nil {
      var absence = try object.object("absence")
      try absence.constant("alg", AbsenceDigest.algorithm)
      absenceRoot = try absence.sha256("sha256Root")
      try absence.finish()
    }
    try object.finish()
    try checkBooks(path)
  }

  /// members = records + rejected + excluded + skipped; entries add up; size = records + tombstones.
  private func checkBooks(_ path: String) throws(CommitmentError) {
    guard counts.close else { throw .booksOpen("\(path).counts") }
    var records: UInt64 = 0
    for license in licenses {
      let preferences = license.preferences.values.reduce(0, &+)
      guard preferences == license.records else { throw .booksOpen("\(path).licenses") }
      records &+= license.records
    }
    guard records == counts.records, size == counts.records &+ tombstones, size <= treeSizeLimit
    else {
      throw .booksOpen(path)
    }
    guard ledger.count >= counts.rejected &+ counts.excludedTotal else {
      throw .booksOpen("\(path).ledger")
    }
  }

  /// H(0x00 | JCS(source object)), the leaf of the combined SHA-256 tree.
  public var sha256Leaf: SHA256Hash { SHA256TreeHasher.leaf(CanonicalJSON.encode(json)) }

  /// sponge(SRCE, 1, m): nine limbs of H(JCS), size low and high, eight elements of the root.
  public var poseidon2Leaf: Poseidon2Digest {
    Self.poseidon2Leaf(
      objectDigest: .of(CanonicalJSON.encode(json)),
      size: size,
      root: poseidon2Root
    )
  }

  /// The 19 elements of a source leaf, hashed under the tag "SRCE".
  public static func poseidon2Leaf(
    objectDigest: SHA256Hash,
    size: UInt64,
    root: Poseidon2Digest
  ) -> Poseidon2Digest {
    let message =
      objectDigest.limbs
      + [KoalaBear(reducing: size & 0x3FFF_FFFF), KoalaBear(reducing: size >> 30)] + root.elements
    return Poseidon2Digest(words: Poseidon2.sponge(tag: 0x5352_4345, message: message))
  }
}

extension SourceCommitment.License {
  /// The entry as JSON.
  var json: JSONValue {
    var object: JSONObject = [
      "expression": .string(expression), "records": .count(records),
      "preference": .object(
        JSONObject(Preference.allCases.map { ($0.name, .count(preferences[$0] ?? 0)) })
      ),
    ]
    if let until { object["until"] = .string(until.description) }
    return .object(object)
  }

  init(_ json: JSONValue, at path: String) throws(CommitmentError) {
    var object = try CommitmentReader(json, path)
    expression = try object.text("expression")
    records = try object.count("records")
    var counted = try object.object("preference")
    preferences = [:]
    for preference in Preference.allCases {
      preferences[preference] = try counted.count(preference.name)
    }
    try counted.finish()
    until = object.optional("until") == nil ? nil : try object.date("until")
    try object.finish()
  }
}
