internal import CanonicalCoding
package import SourceAPI

/// Reads a record's frame: the head says where it was found and what is known of it, the body is payload and text.
package struct PluginRecord {
  /// What is wrong with a head, in words that hold nothing of it.
  package struct Fault: Error {
    let what: String
  }

  /// A text of a head is no longer.
  private static let textLimit = 4096
  private static let fieldLimit = 64

  private static let members: Set<String> = [
    "input", "at", "kind", "name", "mediaType", "charset", "verdict", "reason", "detail",
    "textBytes", "offset", "length", "key", "license", "language", "published", "modified", "url",
    "path", "fields",
  ]

  package let input: Int
  private let head: JSONObject
  private let body: ArraySlice<UInt8>
  private let textCount: Int

  /// Reads a frame's content.
  package init(_ content: ArraySlice<UInt8>) throws(Fault) {
    var reader = ByteReader(content)
    guard let length = try? reader.read(UInt32.self), Int(length) <= reader.remaining,
      let bytes = try? reader.read(count: Int(length)),
      let head = (try? JSONParser.parse(Array(bytes)))?.object
    else { throw Fault(what: "a record without a head of JSON") }
    if let unknown = head.members.keys.filter({ !Self.members.contains($0) }).min() {
      throw Fault(
        what:
          "a record's head with a member that protocol 1 does not know ('\(unknown.prefix(40))')"
      )
    }
    for (name, value) in head.members {
      if let text = value.text, text.utf8.count > Self.textLimit {
        throw Fault(what: "a record whose \(name) has more than \(Self.textLimit) bytes")
      }
    }
    body = content.suffix(reader.remaining)
    let textCount = head["textBytes"].map { $0.whole ?? .max } ?? 0
    guard let input = head["input"]?.whole, input <= UInt64(UInt32.max),
      textCount <= UInt64(body.count)
    else { throw Fault(what: "a record without input, or with more text than it has bytes") }
    (self.input, self.head, self.textCount) = (Int(input), head, Int(textCount))
  }

  private func text(_ name: String) throws(Fault) -> String? {
    guard let value = head[name], value != .null else { return nil }
    guard let text = value.text else { throw Fault(what: "a record whose \(name) is no text") }
    return text
  }

  private func whole(_ name: String) throws(Fault) -> UInt64 {
    guard let value = head[name] else { return 0 }
    guard let number = value.whole else { throw Fault(what: "a record whose \(name) is no number") }
    return number
  }

  /// The member, its bytes appended to the batch.
  package func member(
    of source: SourceConfiguration.Input,
    budget: DecodeBudget,
    in batch: inout MemberBatch
  ) throws(Fault) -> Member {
    guard let at = try text("at"), let first = at.utf8.first, "#@!".utf8.contains(first),
      at.utf8.count <= 1024, at.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw Fault(what: "a record whose 'at' is no place: # or @ or !, then visible ASCII") }
    let verdict = try verdict()
    let start = batch.bytes.count
    let payloadEnd = start + body.count - textCount
    batch.bytes.append(contentsOf: body)
    let payload = Member.Bytes.held(start..<payloadEnd)
    var member = Member(
      locator: source.name + at,
      kind: try text("kind") ?? "record",
      name: try text("name") ?? "",
      mediaType: try text("mediaType").map(MediaType.essence)
        ?? (textCount > 0 ? "text/plain" : "application/octet-stream"),
      member: payload,
      payload: payload,
      offset: try whole("offset"),
      length: try whole("length"),
      verdict: verdict
    )
    if head["textBytes"] != nil { member.text = payloadEnd..<batch.bytes.count }
    member.charset = try text("charset")
    if let url = try text("url") { member.take(address: url) }
    if let path = try text("path") { member.path = path }
    member.key = try text("key")
    member.license = try text("license")
    member.language = try text("language")
    member.published = try text("published")
    member.modified = try text("modified")
    if let fields = head["fields"] {
      guard let fields = fields.object, fields.members.count <= Self.fieldLimit else {
        throw Fault(what: "a record with more than \(Self.fieldLimit) fields")
      }
      for (name, value) in fields.members {
        guard let text = value.text, text.utf8.count <= Self.textLimit else {
          throw Fault(what: "a record with a field that is no text, or too long")
        }
        member.fields[name] = text
      }
    }
    if body.count > 2 * budget.heldBytes || payloadEnd - start > budget.heldBytes {
      member.verdict = .rejected(
        reason: "budget-held",
        detail: "more than \(budget.heldBytes) bytes (--max-held-bytes)"
      )
    } else if let range = member.text, UTF8Check.firstInvalid(Array(batch.bytes[range])) != nil {
      member.verdict = .rejected(reason: "invalid-utf8", detail: "the text is not UTF-8")
    }
    if member.verdict != .record {
      batch.bytes.removeSubrange(start...)
      (member.member, member.payload, member.text) = (
        .held(start..<start), .held(start..<start), nil
      )
    }
    return member
  }

  private func verdict() throws(Fault) -> Member.Verdict {
    let reason = try text("reason")
    let isCode =
      reason.map { code in
        (1...40).contains(code.utf8.count)
          && code.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
          }
      } ?? false
    let verdict = try text("verdict") ?? "record"
    if verdict == "record" { return .record }
    guard isCode, let reason else {
      throw Fault(what: "a member that is no record, without a reason of a-z, 0-9 and -")
    }
    switch verdict {
    case "skipped": return .skipped(reason)
    case "excluded": return .excluded(reason)
    case "rejected":
      let detail = try text("detail") ?? ""
      guard !detail.isEmpty, detail.utf8.count <= 200, detail.utf8.allSatisfy({ $0 >= 0x20 }) else {
        throw Fault(what: "a rejected member without a detail of at most 200 bytes")
      }
      return .rejected(reason: reason, detail: detail)
    default: throw Fault(what: "a verdict that protocol 1 does not know")
    }
  }
}
