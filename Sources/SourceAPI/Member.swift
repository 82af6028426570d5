/// One unit of a container as a plugin cut it, with what the plugin says about it.
///
/// The bytes lie in the batch's arena. Digests and counts are no members of this type: the host
/// takes them from the bytes.
public struct Member: Sendable {
  /// Bytes in the batch's arena, or the digest of bytes that were too many to hold.
  public enum Bytes: Sendable {
    case held(Range<Int>)
    case streamed(StreamedBytes)

    /// The number of bytes.
    public var count: UInt64 {
      switch self {
      case .held(let range): UInt64(range.count)
      case .streamed(let bytes): bytes.byteCount
      }
    }
  }

  /// What the plugin makes of the member.
  public enum Verdict: Hashable, Sendable {
    /// A record; the host normalizes, licenses and commits it.
    case record
    /// No record by its kind: a folder, a WARC request.
    case skipped(String)
    /// Intact, but a rule says no: a status, a media type, a pattern.
    case excluded(String)
    /// Damaged or over budget.
    case rejected(reason: String, detail: String)
  }

  /// Something that was seen with the record, whose digest the descriptor binds.
  public struct Evidence: Hashable, Sendable {
    /// What is bound.
    public enum Form: Hashable, Sendable {
      /// Bytes in the arena.
      case bytes(Range<Int>)
      /// The SHA-256 of something that lies elsewhere, 32 bytes, as the record states it.
      case digest([UInt8])
    }

    /// Letters and hyphens: what it is.
    public let name: String
    /// What is bound.
    public let form: Form
    /// Evidence of a name.
    public init(_ name: String, _ bytes: Range<Int>) { (self.name, form) = (name, .bytes(bytes)) }
    /// Evidence that lies elsewhere.
    ///
    /// - Precondition: 32 bytes.
    public init(_ name: String, sha256: [UInt8]) {
      precondition(sha256.count == 32)
      (self.name, form) = (name, .digest(sha256))
    }
  }

  /// What a publisher said about training on this very record.
  public enum TrainingPreference: Hashable, Sendable {
    case unknown, allowed, disallowed
  }

  /// The way back to the member, unique in its source.
  public var locator: String
  /// The kind of member in the words of its format: `response`, `file`, `line`.
  public var kind: String
  /// The name or address that the member declares, for people.
  public var name: String
  /// The essence of the media type, lower case.
  public var mediaType: String
  /// The charset label that the transport declared.
  public var charset: String?
  /// The unit as stored.
  public var member: Bytes
  /// What is left after the transport's own coding is undone.
  public var payload: Bytes
  /// The text that a mapped field holds, already UTF-8; `nil` when the payload is the text.
  public var text: Range<Int>?
  /// Where the member starts in its container, and how long it is there.
  public var offset: UInt64
  /// The number of bytes in the container.
  public var length: UInt64
  /// What the plugin makes of it.
  public var verdict: Verdict
  /// The host name of the record's address, lower case.
  public var host: String?
  /// The path in its container or address, for overrides by path.
  public var path: String?
  /// The record's own key.
  public var key: String?
  /// The record's own license field.
  public var license: String?
  /// The language that the record declares.
  public var language: String?
  /// When it was published.
  public var published: String?
  /// When it was changed last.
  public var modified: String?
  /// The record that a revisit repeats.
  public var refersTo: String?
  /// Further fields by name, for overrides.
  public var fields: [String: String]
  /// What the publisher said about training.
  public var preference: TrainingPreference
  /// Evidence by name: bytes in the arena whose digest the descriptor binds.
  public var evidence: [Evidence]

  /// A member with the least that every plugin knows.
  public init(
    locator: String,
    kind: String,
    name: String,
    mediaType: String,
    member: Bytes,
    payload: Bytes,
    offset: UInt64,
    length: UInt64,
    verdict: Verdict
  ) {
    (self.locator, self.kind, self.name, self.mediaType) = (locator, kind, name, mediaType)
    (self.member, self.payload, self.offset, self.length) = (member, payload, offset, length)
    self.verdict = verdict
    (charset, text, host, path, key, license) = (nil, nil, nil, nil, nil, nil)
    (language, published, modified, refersTo) = (nil, nil, nil, nil)
    fields = [:]
    preference = .unknown
    evidence = []
  }

  /// A member that is no record, counted by its kind: a folder, a WARC request, a container that is read inside.
  public static func skipped(
    locator: String,
    kind: String,
    name: String = "",
    offset: UInt64 = 0
  ) -> Member {
    withoutBytes(locator, kind, name, offset, 0, .skipped(kind))
  }

  /// A member that was damaged or over budget, of which no bytes are kept.
  public static func rejected(
    locator: String,
    kind: String,
    name: String = "",
    offset: UInt64,
    length: UInt64,
    reason: String,
    detail: String
  ) -> Member {
    withoutBytes(locator, kind, name, offset, length, .rejected(reason: reason, detail: detail))
  }

  private static func withoutBytes(
    _ locator: String,
    _ kind: String,
    _ name: String,
    _ offset: UInt64,
    _ length: UInt64,
    _ verdict: Verdict
  ) -> Member {
    Member(
      locator: locator,
      kind: kind,
      name: name,
      mediaType: "",
      member: .held(0..<0),
      payload: .held(0..<0),
      offset: offset,
      length: length,
      verdict: verdict
    )
  }
}
