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

  /// The digest of something that was seen with the record.
  public struct Evidence: Hashable, Sendable {
    /// Letters and hyphens: what it is.
    public let name: String
    /// The SHA-256 side.
    public let sha256: SHA256Hash
    /// Evidence of a name.
    public init(name: String, sha256: SHA256Hash) { (self.name, self.sha256) = (name, sha256) }
  }

  /// The way back to the record, unique in its source.
  public var locator: String
  /// The essence of the media type, lower case.
  public var mediaType: String
  /// The digest of the profile, hexadecimal.
  public var profile: String
  /// The number of bytes of the unit as stored.
  public var memberByteCount: UInt64
  /// SHA-256 of the unit as stored.
  public var memberDigest: SHA256Hash
  /// The number of bytes of the payload.
  public var payloadByteCount: UInt64
  /// The rule.
  public var rule: Rule
  /// The title.
  public var title: String?
  /// The language that the record declares.
  public var language: String?
  /// When it was published.
  public var published: String?
  /// When it was changed last.
  public var modified: String?
  /// The record that a revisit repeats.
  public var refersTo: String?
  /// What was seen with the record, by name.
  public var evidence: [Evidence]

  /// A descriptor from its members.
  public init(
    locator: String,
    mediaType: String,
    profile: String,
    memberByteCount: UInt64,
    memberDigest: SHA256Hash,
    payloadByteCount: UInt64,
    rule: Rule,
    title: String? = nil,
    language: String? = nil,
    published: String? = nil,
    modified: String? = nil,
    refersTo: String? = nil,
    evidence: [Evidence] = []
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
    func raw(_ text: StaticString) {
      // SAFETY: the buffer is that of a constant.
      text.withUTF8Buffer { unsafe out.append(contentsOf: $0) }
    }
    func number(_ value: UInt64) {
      let start = out.count
      var rest = value
      repeat {
        out.append(UInt8(0x30 + rest % 10))
        rest /= 10
      } while rest > 0
      out[start...].reverse()
    }
    func member(_ name: StaticString, _ text: String?) {
      guard let text else { return }
      raw(name)
      CanonicalJSON.appendString(text, to: &out)
      raw(",")
    }
    raw("{")
    if !evidence.isEmpty {
      raw("\"evidence\":{")
      for (index, entry) in evidence.sorted(by: { $0.name < $1.name }).enumerated() {
        if index > 0 { raw(",") }
        CanonicalJSON.appendString(entry.name, to: &out)
        raw(":\"")
        entry.sha256.appendHex(to: &out)
        raw("\"")
      }
      raw("},")
    }
    member("\"language\":", language)
    member("\"locator\":", locator)
    member("\"mediaType\":", mediaType)
    raw("\"member\":{\"bytes\":\"")
    number(memberByteCount)
    raw("\",\"sha256\":\"")
    memberDigest.appendHex(to: &out)
    raw("\"},")
    member("\"modified\":", modified)
    raw("\"payload\":{\"bytes\":\"")
    number(payloadByteCount)
    raw("\"},")
    member("\"profile\":", profile)
    member("\"published\":", published)
    member("\"refersTo\":", refersTo)
    raw("\"rule\":")
    CanonicalJSON.appendString(rule.text, to: &out)
    if let title {
      raw(",\"title\":")
      CanonicalJSON.appendString(title, to: &out)
    }
    raw("}")
    return out
  }
}
