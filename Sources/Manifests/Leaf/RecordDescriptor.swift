internal import CanonicalCoding
public import Merkle

/// What a leaf binds about a record beside its bytes: where it was, what it is, which rule licensed it.
///
/// It never holds content, nor anything about other records.
public struct RecordDescriptor: Sendable {
  /// The license rule that applied.
  public enum Rule: Hashable, Sendable {
    case source
    case record
    case override(Int)

    /// The text in the descriptor.
    public var text: String {
      switch self {
      case .source: "source"
      case .record: "record"
      case .override(let number): "override \(number)"
      }
    }
  }

  public var locator: String
  public var mediaType: String
  /// The digest of the profile, hexadecimal.
  public var profile: String
  public var memberByteCount: UInt64
  public var memberDigest: SHA256Hash
  public var payloadByteCount: UInt64
  public var rule: Rule
  public var title: String?
  public var language: String?
  public var published: String?
  public var modified: String?
  public var refersTo: String?
  public var evidence: [(name: String, sha256: SHA256Hash)]

  /// A descriptor from its members.
  public init(
    locator: String, mediaType: String, profile: String, memberByteCount: UInt64,
    memberDigest: SHA256Hash, payloadByteCount: UInt64, rule: Rule, title: String? = nil,
    language: String? = nil, published: String? = nil, modified: String? = nil,
    refersTo: String? = nil, evidence: [(name: String, sha256: SHA256Hash)] = []
  ) {
    (self.locator, self.mediaType, self.profile) = (locator, mediaType, profile)
    (self.memberByteCount, self.memberDigest) = (memberByteCount, memberDigest)
    (self.payloadByteCount, self.rule, self.title) = (payloadByteCount, rule, title)
    (self.language, self.published, self.modified) = (language, published, modified)
    (self.refersTo, self.evidence) = (refersTo, evidence)
  }

  /// The JCS bytes, written directly in canonical order: evidence, language, locator, mediaType,
  /// member, modified, payload, profile, published, refersTo, rule, title.
  public var bytes: [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(384)
    func raw(_ text: String) { out.append(contentsOf: text.utf8) }
    func member(_ name: String, _ text: String?) {
      guard let text else { return }
      raw("\"\(name)\":")
      CanonicalJSON.appendString(text.utf8, to: &out)
      raw(",")
    }
    raw("{")
    if !evidence.isEmpty {
      raw("\"evidence\":{")
      for (index, entry) in evidence.sorted(by: { $0.name < $1.name }).enumerated() {
        raw("\(index > 0 ? "," : "")\"\(entry.name)\":\"\(entry.sha256.hex)\"")
      }
      raw("},")
    }
    member("language", language)
    member("locator", locator)
    member("mediaType", mediaType)
    raw("\"member\":{\"bytes\":\"\(memberByteCount)\",\"sha256\":\"\(memberDigest.hex)\"},")
    member("modified", modified)
    raw("\"payload\":{\"bytes\":\"\(payloadByteCount)\"},")
    member("profile", profile)
    member("published", published)
    member("refersTo", refersTo)
    raw("\"rule\":\"\(rule.text)\"")
    if let title {
      raw(",\"title\":")
      CanonicalJSON.appendString(title.utf8, to: &out)
    }
    raw("}")
    return out
  }
}
