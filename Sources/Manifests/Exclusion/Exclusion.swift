public import CanonicalCoding
public import Merkle

/// A request that records leave a source: an opt-out, an erasure, a withdrawal.
///
/// One entry of an append-only history.
public struct Exclusion: Hashable, Sendable {
  /// Which records it is about.
  public enum Match: Hashable, Sendable {
    /// Records whose normal form has this digest.
    case contentDigest(SHA256Hash)
    /// The record of an address, as the source writes it.
    case address(String)
    /// Records of a host, or with `*.` before it of all below it.
    case host(String)
    /// The record at a place of the source.
    case locator(String)

    /// The kind, as files name it.
    public var name: String {
      switch self {
      case .contentDigest: "sha256"
      case .address: "url"
      case .host: "host"
      case .locator: "locator"
      }
    }

    /// The text that is matched.
    public var text: String {
      switch self {
      case .contentDigest(let digest): digest.hex
      case .address(let text), .host(let text), .locator(let text): text
      }
    }

    /// A match by its kind and text; `nil` for a kind that is not known, or a digest that is none.
    public init?(name: String, text: String) {
      switch name {
      case "sha256":
        guard let digest = SHA256Hash(hex: text) else { return nil }
        self = .contentDigest(digest)
      case "url": self = .address(text)
      case "host": self = .host(text)
      case "locator": self = .locator(text)
      default: return nil
      }
    }
  }

  /// The media type of the payload.
  public static let payloadType = "application/vnd.ingest.exclusion+json"

  /// The source.
  public let source: String
  /// From 1, without gaps.
  public let sequence: UInt64
  /// SHA-256 of the payload before.
  public let previous: SHA256Hash?
  /// Which records it is about.
  public let match: Match
  /// Why.
  public let reason: ExclusionReason
  /// A ticket, a file number.
  public let reference: String
  /// The day on which the request came in.
  public let received: CivilDate

  /// An exclusion from its members.
  ///
  /// - Throws: `ReviewError.member` for an empty text, or one with hidden characters.
  public init(
    source: String,
    sequence: UInt64,
    previous: SHA256Hash?,
    match: Match,
    reason: ExclusionReason,
    reference: String,
    received: CivilDate
  ) throws(ReviewError) {
    (self.source, self.sequence, self.previous) = (source, sequence, previous)
    (self.match, self.reason, self.reference, self.received) = (match, reason, reference, received)
    for (name, text) in [("match", match.text), ("reference", reference)] {
      let isHidden = text.unicodeScalars.contains(where: HiddenCharacters.contains)
      guard !text.isEmpty, text.utf8.count <= 4000, !isHidden else {
        throw .member(name, "1 to 4000 characters are needed, none of them hidden")
      }
    }
    guard sequence > 0, (sequence == 1) == (previous == nil) else {
      throw .member("previous", "is the digest of the exclusion before, from the second on")
    }
  }

  /// The payload as JSON.
  public var json: JSONValue {
    var object: JSONObject = [
      "apiVersion": "ingest/v1", "kind": "Exclusion", "source": .string(source),
      "sequence": .count(sequence),
      "match": .object(JSONObject([(match.name, .string(match.text))])),
      "reason": .string(reason.rawValue), "reference": .string(reference),
      "received": .string(received.description),
    ]
    object["previous"] = previous.map { .string($0.hex) }
    return .object(object)
  }

  /// The RFC 8785 bytes: what is signed.
  public var bytes: [UInt8] { CanonicalJSON.encode(json) }
  /// SHA-256 of the payload.
  public var digest: SHA256Hash { .of(bytes) }

  /// Reads a payload and refuses every other form of it.
  ///
  /// - Throws: `ReviewError`.
  public init(payload: [UInt8]) throws(ReviewError) {
    let made: Exclusion
    do throws(CommitmentError) {
      var reader = try CommitmentReader(file: payload, kind: "Exclusion")
      let source = try reader.text("source")
      let sequence = try reader.count("sequence")
      let previous = reader.optional("previous") == nil ? nil : try reader.sha256("previous")
      guard let entry = try reader.value("match").object, entry.members.count == 1,
        let name = entry.sortedNames.first, let text = entry[name]?.text,
        let match = Match(name: name, text: text)
      else { throw .badValue("match") }
      guard let reason = ExclusionReason(rawValue: try reader.text("reason")) else {
        throw .badValue("reason")
      }
      let reference = try reader.text("reference")
      let received = try reader.date("received")
      try reader.finish()
      do throws(ReviewError) {
        made = try Exclusion(
          source: source,
          sequence: sequence,
          previous: previous,
          match: match,
          reason: reason,
          reference: reference,
          received: received
        )
      } catch {
        throw .badValue("match")
      }
    } catch {
      throw .form(error)
    }
    self = made
    guard bytes == payload else { throw .form(.notCanonical) }
  }
}
