internal import SourceAPI

/// Judges one record whose block is in the batch's arena.
struct WARCRecord {
  let header: WARCHeader
  /// The WARC header's bytes in the arena.
  let head: Range<Int>
  /// The block's bytes in the arena.
  let block: Range<Int>
  let budget: DecodeBudget

  /// The member of a record, judged but for its digests, which are checked with those of others.
  func member(
    locator: String,
    offset: UInt64,
    length: UInt64,
    in batch: inout MemberBatch,
    digests: inout DeclaredDigests
  ) -> Member {
    var member = unjudged(locator, offset, length, .held(block), .held(block))
    guard member.verdict == .record else { return member }
    if let declared = header[.blockDigest].flatMap(DeclaredDigest.init) {
      digests.expect(
        declared,
        of: block,
        for: batch.members.count,
        otherwise: "WARC-Block-Digest is not that of the block"
      )
    }
    member.take(address: header.target)
    let isHTTP =
      header.mediaType == "application/http" || ["http", "https"].contains(header.scheme)
    if header.type == "response" || header.type == "revisit", isHTTP {
      takeHTTP(&member, &batch, &digests)
    } else {
      takeBlock(&member, batch, &digests)
    }
    if header.type == "revisit", member.verdict == .record {
      member.refersTo = referredRecord()
      if member.refersTo == nil {
        member.verdict = .rejected(
          reason: "revisit-unresolved",
          detail: "a revisit that does not say which record it repeats"
        )
      }
    }
    return member
  }

  /// The member of a record whose block went by.
  func largeMember(
    locator: String,
    offset: UInt64,
    length: UInt64,
    message: HTTPMessage?,
    block: StreamedBytes,
    payload: StreamedBytes
  ) -> Member {
    var member = unjudged(locator, offset, length, .streamed(block), .streamed(payload))
    guard member.verdict == .record else { return member }
    member.take(address: header.target)
    if header.type == "response" {
      guard let message else {
        member.verdict = .rejected(reason: "http-head", detail: "the block is no HTTP response")
        return member
      }
      let codings = message.values(.transferEncoding) + message.values(.contentEncoding)
      if codings.contains(where: { $0.lowercased() != "identity" }) {
        member.verdict = .rejected(
          reason: "budget-held",
          detail: "a coded body of more than \(budget.heldBytes) bytes"
        )
        return member
      }
      takeType(&member, message)
    }
    return member
  }

  /// The member as far as the record's type decides.
  private func unjudged(
    _ locator: String,
    _ offset: UInt64,
    _ length: UInt64,
    _ bytes: Member.Bytes,
    _ payload: Member.Bytes
  ) -> Member {
    var member = Member(
      locator: locator,
      kind: header.type.isEmpty ? "unknown" : header.type,
      name: header.target,
      mediaType: header.mediaType,
      member: bytes,
      payload: payload,
      offset: offset,
      length: length,
      verdict: verdictOfType() ?? .record
    )
    member.evidence.append(Member.Evidence("warc-head", head))
    return member
  }

  private func verdictOfType() -> Member.Verdict? {
    switch header.type {
    case "response" where header.target.hasPrefix("dns:"): .skipped("dns")
    case "response", "resource", "conversion", "revisit":
      header[.segmentNumber] == nil
        ? nil
        : .rejected(
          reason: "segment-missing",
          detail: "a segmented record; its segments are not joined"
        )
    case "continuation":
      .rejected(reason: "segment-missing", detail: "a segment without its record")
    case "warcinfo", "request", "metadata": .skipped(header.type)
    default: .skipped("unknown-type")
    }
  }

  private func referredRecord() -> String? {
    if let id = header[.refersTo] { return id }
    guard let address = header[.refersToTarget],
      let date = header[.refersToDate]
    else {
      return nil
    }
    return "\(address) \(date)"
  }

  private func takeBlock(
    _ member: inout Member,
    _ batch: MemberBatch,
    _ digests: inout DeclaredDigests
  ) {
    if let declared = payloadDigest {
      digests.expect(
        declared,
        of: block,
        for: batch.members.count,
        otherwise: "WARC-Payload-Digest is not that of the block"
      )
    }
    member.charset = header[.contentType].flatMap(MediaType.charset)
    let identified = header[.payloadType].map(MediaType.essence)
    if let identified, !identified.isEmpty { member.mediaType = identified }
    if member.mediaType.isEmpty { member.mediaType = MediaType.sniff(batch.bytes[block]) }
  }

  /// What `WARC-Payload-Digest` says; that of a revisit speaks of another record.
  private var payloadDigest: DeclaredDigest? {
    header.type == "revisit" ? nil : header[.payloadDigest].flatMap(DeclaredDigest.init)
  }

  private func takeHTTP(
    _ member: inout Member,
    _ batch: inout MemberBatch,
    _ digests: inout DeclaredDigests
  ) {
    guard let message = HTTPMessage(batch.bytes[block], limit: budget.headerBytes) else {
      member.verdict = .rejected(
        reason: "http-head",
        detail: "the block is no HTTP response with a head of at most \(budget.headerBytes) bytes"
      )
      return
    }
    let body = block.lowerBound + message.headLength..<block.upperBound
    member.evidence.append(Member.Evidence("http-head", block.lowerBound..<body.lowerBound))
    member.payload = .held(body)
    member.preference = TrainingSignals.preference(message)
    member.language = message[.contentLanguage].map { String($0.prefix(64)) }
    member.modified = message[.lastModified].map { String($0.prefix(64)) }
    // A revisit repeats a head whose body was left out: there are no codings to undo.
    if header.type == "revisit", body.isEmpty { return takeType(&member, message) }
    do throws(HTTPMessage.BodyFailure) {
      let decoded = try message.payload(of: batch.bytes[body], limit: budget.heldBytes)
      if let declared = payloadDigest, !decoded.hasDigest(declared) {
        digests.expect(
          declared,
          of: body,
          for: batch.members.count,
          otherwise:
            "WARC-Payload-Digest is neither that of the body as stored nor of the decoded body"
        )
      }
      if let payload = decoded.content ?? decoded.transfer {
        let start = batch.bytes.count
        batch.bytes.append(contentsOf: payload)
        member.payload = .held(start..<batch.bytes.count)
      }
    } catch {
      member.verdict = .rejected(reason: "http-coding", detail: Self.describe(error))
      return
    }
    takeType(&member, message)
    if member.mediaType.isEmpty, case .held(let range) = member.payload {
      member.mediaType = MediaType.sniff(batch.bytes[range])
    }
  }

  private static func describe(_ failure: HTTPMessage.BodyFailure) -> String {
    switch failure {
    case .chunked: "the body is no valid chunked coding"
    case .coding(let reason): "Content-Encoding: \(reason)"
    case .tooLarge: "the body is too large"
    }
  }

  private func takeType(_ member: inout Member, _ message: HTTPMessage) {
    let declared = message[.contentType] ?? ""
    let identified = header[.payloadType].map(MediaType.essence) ?? ""
    member.mediaType = identified.isEmpty ? MediaType.essence(declared) : identified
    member.charset = MediaType.charset(declared)
    if message.status != 200, header.type == "response" {
      member.verdict = .excluded("status-\(message.status)")
    }
  }
}
