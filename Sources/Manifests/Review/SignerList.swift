public import CanonicalCoding
internal import Merkle

/// Who may sign what: roles with keys and thresholds, keys that changed, keys that count no more.
///
/// A file that people write (`registry.signers`), decoded under the rules of manifests.
public struct SignerList: Sendable {
  /// What a role's signatures are asked for.
  public enum Purpose: String, Sendable, CaseIterable {
    /// The commit file of every epoch.
    case epochs
    /// Reviews that decide: approved, rejected, waived, revoked.
    case reviews
  }

  /// One key with the days on which its owner may use it.
  public struct Key: Sendable {
    /// Whose it is.
    public let name: String
    /// The key.
    public let key: PublicKey
    /// The first day; `nil` for always.
    public let from: CivilDate?
    /// The last day; `nil` for no end.
    public let until: CivilDate?
  }

  /// A group of people whose word is needed.
  public struct Role: Sendable {
    /// The name: `legal`, `data-team`.
    public let id: String
    /// What its signatures are asked for.
    public let signs: [Purpose]
    /// So many distinct keys.
    public let threshold: Int
    /// Its keys, old and new.
    public let keys: [Key]
  }

  /// A key that counts no more.
  public struct Revocation: Sendable {
    /// The key's identifier: SHA-256 of its DER form.
    public let key: String
    /// From this day on.
    public let on: CivilDate
    /// Whether somebody else may have it: then nothing that it ever signed counts.
    public let isCompromised: Bool
  }

  /// The roles.
  public let roles: [Role]
  /// Keys that count no more.
  public let revocations: [Revocation]
  /// Whether every role needs an ML-DSA-65 signature.
  public let needsPostQuantum: Bool

  /// Checks that every role that signs `purpose` has signed an envelope on a day.
  ///
  /// - Returns: the names of those who signed; `nil` when signatures are right and not enough yet.
  /// - Throws: `SignatureError` for a signature that is wrong, doubled, of nobody we know, or of a key that may not sign.
  public func signers(
    of envelope: DSSEEnvelope,
    for purpose: Purpose?,
    on day: CivilDate
  ) throws(SignatureError) -> [String]? {
    let message = envelope.preAuthenticationEncoding
    var seen: Set<String> = []
    var valid: [String: Key] = [:]
    for signature in envelope.signatures {
      guard seen.insert(signature.keyIdentifier).inserted else {
        throw .doubled(key: signature.keyIdentifier)
      }
      let key = try key(signature.keyIdentifier, on: day)
      let isAllowed = roles.contains { role in
        (purpose.map(role.signs.contains) ?? true)
          && role.keys.contains { $0.key.identifier == signature.keyIdentifier }
      }
      guard isAllowed else {
        throw .wrongRole(key: signature.keyIdentifier, name: key.name)
      }
      guard key.key.isValid(signature.bytes, for: message) else {
        throw .badSignature(key: signature.keyIdentifier)
      }
      valid[signature.keyIdentifier] = key
    }
    var names: [String] = []
    guard !valid.isEmpty else { return nil }
    for role in roles where purpose.map(role.signs.contains) ?? false {
      let own = role.keys.filter { valid[$0.key.identifier] != nil }
      guard Set(own.map(\.key.identifier)).count >= role.threshold else { return nil }
      if needsPostQuantum, !own.contains(where: { $0.key.scheme == .mlDSA65 }) { return nil }
      names += own.map { "\($0.name) (\(role.id))" }
    }
    guard purpose != nil else { return valid.values.map(\.name).sorted() }
    // Without a role for the purpose nobody may decide.
    return names.isEmpty ? nil : names.sorted()
  }

  /// The key of an identifier, if it may sign on a day.
  private func key(_ identifier: String, on day: CivilDate) throws(SignatureError) -> Key {
    for revocation in revocations where revocation.key == identifier {
      if revocation.isCompromised || day >= revocation.on {
        throw .revoked(key: identifier, on: revocation.on.description)
      }
    }
    let entries = roles.flatMap(\.keys).filter { $0.key.identifier == identifier }
    guard let first = entries.first else { throw .unknownKey(identifier) }
    guard
      let key = entries.first(where: { entry in
        (entry.from.map { $0 <= day } ?? true) && (entry.until.map { day <= $0 } ?? true)
      })
    else { throw .outsideDays(key: identifier, name: first.name, on: day.description) }
    return key
  }
}

extension SignerList {
  /// Reads a list of signers.
  ///
  /// - Parameters:
  ///   - bytes: the file's bytes.
  ///   - file: its name, for findings alone.
  ///   - readKey: gives the PEM text of a key's file, relative to the list; `nil` where there is none.
  /// - Returns: the list.
  /// - Throws: `ManifestError` with all errors of the file at once; codes begin with `signers.`.
  public static func decode(
    _ bytes: [UInt8],
    file: String,
    readKey: (String) -> String?
  ) throws(ManifestError) -> SignerList {
    let file = try DeclarationReader(bytes, file: file, kind: "SignerList", prefix: "signers")
    let root = file.map
    let profile = root.choice("profile", ["classic", "pq"])
    var roles: [Role] = []
    for map in root.maps("roles", required: true) {
      guard let role = role(map, readKey) else { continue }
      if roles.contains(where: { $0.id == role.id }) {
        map.report("role-twice", "id", "the role \(role.id) stands twice; keep one")
      }
      roles.append(role)
    }
    let revocations = root.maps("revoked").compactMap(revocation)
    try file.finish()
    return SignerList(roles: roles, revocations: revocations, needsPostQuantum: profile == "pq")
  }

  private static func role(_ map: MapReader, _ readKey: (String) -> String?) -> Role? {
    defer { map.finish() }
    let id = map.text("id", required: true, length: 1...64)
    let signs = map.choices("signs", Purpose.allCases.map(\.rawValue), required: true)
    if !map.has("threshold") {
      map.report("required", "threshold", "is required and missing; add it")
    }
    let threshold = map.count("threshold", 0...64)
    if threshold == 0 {
      map.report("threshold", "threshold", "is 0, which trusts everybody; at least \"1\" is needed")
    }
    var keys: [Key] = []
    for entry in map.maps("keys", required: true) {
      let name = entry.text("name", required: true, length: 1...200)
      let path = entry.path("file", required: true)
      let (from, until) = (entry.date("from"), entry.date("until"))
      entry.finish()
      if let from, let until, until < from {
        entry.report("date-order", "until", "lies before 'from'")
      }
      guard let name, let path else { continue }
      guard let key = readKey(path).flatMap(PublicKey.init(pem:)) else {
        entry.report(
          "key",
          "file",
          "'\(path)' is no PEM file of an Ed25519 or ML-DSA-65 public key below the list's folder"
        )
        continue
      }
      keys.append(Key(name: name, key: key, from: from, until: until))
    }
    let distinct = Set(keys.map(\.key.identifier)).count
    if let threshold, threshold > max(1, distinct) {
      map.report(
        "threshold",
        "threshold",
        "is \(threshold), and the role has \(distinct) distinct keys: nobody could ever meet it"
      )
    }
    guard let id, let signs, let threshold, threshold > 0 else { return nil }
    return Role(id: id, signs: signs.compactMap(Purpose.init), threshold: threshold, keys: keys)
  }

  private static func revocation(_ map: MapReader) -> Revocation? {
    defer { map.finish() }
    let key = map.digest("key", required: true)
    let on = map.date("on", required: true)
    let reason = map.choice("reason", ["compromised", "superseded", "left"], required: true)
    guard let key, let on, let reason else { return nil }
    return Revocation(key: key, on: on, isCompromised: reason == "compromised")
  }
}
