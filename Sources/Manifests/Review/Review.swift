public import CanonicalCoding
public import Licensing
public import Merkle

/// What somebody who may decide said about one source: one entry of an append-only history.
///
/// It names the digest of the manifest that was read, so that it says nothing about any other.
public struct Review: Hashable, Sendable {
  /// The states, as files name them.
  public enum Status: String, Sendable, CaseIterable {
    case draft
    case inReview = "in-review"
    case approved
    case rejected
    case waived
    case revoked

    /// Whether it takes a key that may decide; the others prepare a decision.
    public var isDecision: Bool { self != .draft && self != .inReview }
  }

  /// What a review is about; an empty list of licenses means all entries of the source.
  public struct Scope: Hashable, Sendable {
    /// The uses, in the order of their names.
    public let uses: [Use]
    /// The places.
    public let jurisdictions: [String]
    /// License entries by their normalized expression.
    public let licenses: [String]

    /// A scope; uses and places are put in order.
    public init(uses: [Use], jurisdictions: [String], licenses: [String] = []) {
      self.uses = uses.sorted { $0.rawValue < $1.rawValue }
      self.jurisdictions = jurisdictions.sorted()
      self.licenses = licenses.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Whether it says something about an entry.
    func speaks(of entry: String) -> Bool { licenses.isEmpty || licenses.contains(entry) }

    /// Whether everything that the policy asks for is inside.
    func covers(_ policy: LicensePolicy) -> Bool {
      policy.uses.allSatisfy(uses.contains)
        && policy.jurisdictions.allSatisfy { Jurisdiction.covers(jurisdictions, $0) }
    }

    /// Whether anything that the policy asks for is inside.
    func touches(_ policy: LicensePolicy) -> Bool {
      policy.uses.contains(where: uses.contains)
        && policy.jurisdictions.contains { asked in
          Jurisdiction.covers(jurisdictions, asked)
            || jurisdictions.contains { Jurisdiction.covers([asked], $0) }
        }
    }
  }

  /// The media type of the payload.
  public static let payloadType = "application/vnd.ingest.review+json"

  /// The source.
  public let source: String
  /// From 1, without gaps.
  public let sequence: UInt64
  /// SHA-256 of the payload before.
  public let previous: SHA256Hash?
  /// SHA-256 of the typed form of the manifest that was read.
  public let manifest: SHA256Hash
  /// What it is about.
  public let scope: Scope
  /// The state from now on.
  public let status: Status
  /// The rule whose `review` is lifted, for `waived`.
  public let rule: String?
  /// Who decided.
  public let by: String
  /// The day of the decision.
  public let on: CivilDate
  /// Why, in words.
  public let reason: String
  /// The last day on which it counts.
  public let expires: CivilDate?
  /// A ticket, a file number.
  public let reference: String?

  /// A review from its members.
  ///
  /// - Throws: `ReviewError.member` for a reason that is empty, a waiver without rule or end, an end before the day.
  public init(
    source: String,
    sequence: UInt64,
    previous: SHA256Hash?,
    manifest: SHA256Hash,
    scope: Scope,
    status: Status,
    rule: String?,
    by: String,
    on: CivilDate,
    reason: String,
    expires: CivilDate?,
    reference: String?
  ) throws(ReviewError) {
    (self.source, self.sequence, self.previous) = (source, sequence, previous)
    (self.manifest, self.scope, self.status, self.rule) = (manifest, scope, status, rule)
    (self.by, self.on, self.reason) = (by, on, reason)
    (self.expires, self.reference) = (expires, reference)
    try check()
  }

  private func check() throws(ReviewError) {
    let texts =
      [("by", by), ("reason", reason)]
      + [("rule", rule), ("reference", reference)]
      .compactMap { name, text in text.map { (name, $0) } }
    for (name, text) in texts {
      guard !text.allSatisfy(\.isWhitespace), text.unicodeScalars.count <= 4000 else {
        throw .member(name, "1 to 4000 characters are needed")
      }
      guard !text.unicodeScalars.contains(where: { $0 != "\n" && HiddenCharacters.contains($0) })
      else {
        throw .member(name, "a control character or a bidirectional override; remove it")
      }
    }
    guard sequence > 0, (sequence == 1) == (previous == nil) else {
      throw .member("previous", "is the digest of the review before, from the second on")
    }
    guard !scope.uses.isEmpty else { throw .member("scope.uses", "at least one use is needed") }
    guard !scope.jurisdictions.isEmpty,
      scope.jurisdictions.allSatisfy({ $0 == "any" || $0 == "EU" || Jurisdiction.isCountry($0) })
    else { throw .member("scope.jurisdictions", "any, EU or two-letter country codes are needed") }
    guard (status == .waived) == (rule != nil) else {
      throw .member("rule", "a waiver names the rule that it lifts, and nothing else does")
    }
    if status == .waived, expires == nil {
      throw .member("expires", "a waiver needs its last day")
    }
    if let expires, expires < on { throw .member("expires", "lies before 'on'") }
  }

  /// The payload as JSON.
  public var json: JSONValue {
    var limits: JSONObject = [
      "uses": .array(scope.uses.map { .string($0.rawValue) }),
      "jurisdictions": .array(scope.jurisdictions.map(JSONValue.string)),
    ]
    if !scope.licenses.isEmpty {
      limits["licenses"] = .array(scope.licenses.map(JSONValue.string))
    }
    var object: JSONObject = [
      "apiVersion": "ingest/v1", "kind": "Review", "source": .string(source),
      "sequence": .count(sequence), "manifest": .string(manifest.hex), "scope": .object(limits),
      "status": .string(status.rawValue), "by": .string(by), "on": .string(on.description),
      "reason": .string(reason),
    ]
    object["previous"] = previous.map { .string($0.hex) }
    object["rule"] = rule.map(JSONValue.string)
    object["expires"] = expires.map { .string($0.description) }
    object["reference"] = reference.map(JSONValue.string)
    return .object(object)
  }

  /// The RFC 8785 bytes: what is signed, and a leaf of the epoch's tree of reviews.
  public var bytes: [UInt8] { CanonicalJSON.encode(json) }
  /// SHA-256 of the payload.
  public var digest: SHA256Hash { .of(bytes) }

  /// Reads a payload and refuses every other form of it.
  ///
  /// - Throws: `ReviewError`.
  public init(payload: [UInt8]) throws(ReviewError) {
    do throws(CommitmentError) {
      var reader = try CommitmentReader(file: payload, kind: "Review")
      let limits = try reader.object("scope")
      source = try reader.text("source")
      sequence = try reader.count("sequence")
      previous = reader.optional("previous") == nil ? nil : try reader.sha256("previous")
      manifest = try reader.sha256("manifest")
      scope = try Scope(limits)
      guard let status = Status(rawValue: try reader.text("status")) else {
        throw .badValue("status")
      }
      self.status = status
      rule = try reader.optionalText("rule")
      by = try reader.text("by")
      on = try reader.date("on")
      reason = try reader.text("reason")
      expires = reader.optional("expires") == nil ? nil : try reader.date("expires")
      reference = try reader.optionalText("reference")
      try reader.finish()
    } catch {
      throw .form(error)
    }
    try check()
    guard bytes == payload else { throw .form(.notCanonical) }
  }
}

extension Review.Scope {
  init(_ reader: CommitmentReader) throws(CommitmentError) {
    var reader = reader
    var uses: [Use] = []
    for name in try reader.texts("uses") {
      guard let use = Use(rawValue: name) else { throw .badValue("scope.uses") }
      uses.append(use)
    }
    let places = try reader.texts("jurisdictions")
    let licenses = reader.optional("licenses") == nil ? [] : try reader.texts("licenses")
    try reader.finish()
    self.init(uses: uses, jurisdictions: places, licenses: licenses)
  }
}
