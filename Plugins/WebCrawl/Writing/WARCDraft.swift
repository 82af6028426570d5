internal import CanonicalCoding
internal import Crypto

/// A record that is about to be written: WARC 1.1 (ISO 28500:2017), its digests taken from the bytes.
public struct WARCDraft: Sendable {
  /// The types that a crawl writes.
  public enum Kind: String, Sendable {
    case warcinfo, request, response, metadata, revisit
  }

  /// What it is.
  public var kind: Kind
  /// The address; empty for `warcinfo`.
  public var target: String
  /// When it was fetched: `2026-11-29T21:13:31Z`.
  public var date: String
  /// The block's own type.
  public var contentType: String
  /// The head of the message, or all of a block without one.
  public var head: [UInt8]
  /// What follows the head; digested as payload.
  public var body: [UInt8]
  /// Further fields in their order.
  public var fields: [(name: String, value: String)]

  /// A record without further fields.
  public init(
    _ kind: Kind,
    target: String,
    date: String,
    contentType: String,
    head: [UInt8],
    body: [UInt8] = []
  ) {
    (self.kind, self.target, self.date) = (kind, target, date)
    (self.contentType, self.head, self.body) = (contentType, head, body)
    fields = []
  }

  /// `WARC-Record-ID`: a UUID of version 8 (RFC 9562) made of what the record says, so that a crawl that is repeated byte for
  /// byte has the same archive.
  public var identifier: String { identifier(of: blockDigest) }

  private var blockDigest: SHA256Digest {
    var block = SHA256()
    block.update(data: head)
    block.update(data: body)
    return block.finalize()
  }

  private func identifier(of block: SHA256Digest) -> String {
    var hash = SHA256()
    for text in [kind.rawValue, target, date] + fields.flatMap({ [$0.name, $0.value] }) {
      hash.update(data: Array(text.utf8) + [0])
    }
    hash.update(data: Array(block))
    var bytes = Array(hash.finalize().prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    let hex = Array(Hex.encode(bytes).utf8)
    let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map {
      String(decoding: hex[$0], as: UTF8.self)
    }
    return "urn:uuid:\(parts.joined(separator: "-"))"
  }

  /// The record's bytes, not compressed, and its identifier.
  public func sealed() -> (identifier: String, bytes: [UInt8]) {
    let block = blockDigest
    let identifier = identifier(of: block)
    var text = "WARC/1.1\r\nWARC-Type: \(kind.rawValue)\r\nWARC-Record-ID: <\(identifier)>\r\n"
    text += "WARC-Date: \(date)\r\n"
    if !target.isEmpty { text += "WARC-Target-URI: \(Self.oneLine(target))\r\n" }
    for (name, value) in fields { text += "\(name): \(Self.oneLine(value))\r\n" }
    if kind == .response {
      text += "WARC-Payload-Digest: \(Self.digest(SHA256.hash(data: body)))\r\n"
    }
    text += "WARC-Block-Digest: \(Self.digest(block))\r\n"
    text += "Content-Type: \(contentType)\r\nContent-Length: \(head.count + body.count)\r\n\r\n"
    var out: [UInt8] = []
    out.reserveCapacity(text.utf8.count + head.count + body.count + 4)
    out += text.utf8
    out += head
    out += body
    out += [0x0D, 0x0A, 0x0D, 0x0A]
    return (identifier, out)
  }

  /// The labelled form of a digest that every reader of WARC knows.
  public static func digest(of bytes: [UInt8]) -> String { digest(SHA256.hash(data: bytes)) }

  private static func digest(_ digest: SHA256Digest) -> String {
    "sha256:\(Base32.encode(Array(digest)))"
  }

  /// A value can end no line.
  private static func oneLine(_ value: String) -> String {
    value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
      ? String(decoding: value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
      : value
  }
}
