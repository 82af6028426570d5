internal import CanonicalCoding
internal import Crypto
internal import Licensing
internal import Manifests
internal import Merkle
internal import Normalization
internal import SourceAPI
internal import TextScan

/// Turns members into rows: normal form, digests, license, descriptor.
///
/// A pure function of the members and the plan. One value serves one thread.
final class BatchProcessor {
  private let plan: SourcePlan
  private let assignment: LicenseAssignment
  private let normalizer: Normalizer
  private let profile: String
  private let rawProfile: String
  private let sourceFlags: RecordLeaf.Flags
  /// Whether the normal forms are handed on, as a feed needs them.
  private let keepsContent: Bool

  init(_ plan: SourcePlan, assignment: LicenseAssignment, keepsContent: Bool = false) {
    self.plan = plan
    self.keepsContent = keepsContent
    self.assignment = assignment
    // A source that is not of text alone commits what a text profile does not fit, as it is.
    let keepsOthers = plan.manifest.modalities != ["text"]
    normalizer = Normalizer(plan.profile, keepsOtherTypes: keepsOthers)
    profile = Hex.encode(plan.profile.digest)
    rawProfile = Hex.encode(NormalizationProfile(.raw).digest)
    var flags: RecordLeaf.Flags = []
    if plan.manifest.personalData == "yes" { flags.insert(.personalData) }
    if plan.manifest.synthetic != "none" { flags.insert(.synthetic) }
    sourceFlags = flags
  }

  /// Processes a batch whose first member has the number `firstOrdinal` in the source.
  func process(_ batch: MemberBatch, firstOrdinal: UInt64) -> RowBatch {
    var result = RowBatch()
    for (index, member) in batch.members.enumerated() {
      process(member, batch.bytes, firstOrdinal + UInt64(index), &result)
    }
    return result
  }

  private func process(
    _ member: Member,
    _ arena: [UInt8],
    _ ordinal: UInt64,
    _ result: inout RowBatch
  ) {
    switch member.verdict {
    case .skipped(let reason): result.skipped[reason, default: 0] += 1
    case .excluded(let detail): enter(member, ExclusionReason.other.rawValue, detail, &result)
    case .rejected(let reason, let detail): enter(member, reason, detail, &result)
    case .record: commit(member, arena, ordinal, &result)
    }
  }

  /// Makes the ledger entry of a member that has no leaf.
  private func enter(
    _ member: Member,
    _ reason: String,
    _ detail: String,
    _ result: inout RowBatch
  ) {
    result.ledger.append(
      LedgerEntry(
        locator: member.locator,
        offset: member.offset,
        length: member.length,
        reason: reason,
        detail: detail
      )
    )
  }

  private struct Content {
    var digest: SHA256Hash
    var byteCount: UInt64
    var wordCount: UInt64
    var place: Place = .gone
  }

  /// Where a normal form is.
  private enum Place {
    case arena(Range<Int>)
    case buffer
    /// It went by while it was hashed.
    case gone
  }

  private func commit(
    _ member: Member,
    _ arena: [UInt8],
    _ ordinal: UInt64,
    _ result: inout RowBatch
  ) {
    let preference: Preference =
      switch member.preference {
      case .unknown: .unknown
      case .allowed: .allowed
      case .disallowed: .disallowed
      }
    result.payloadBytes += member.payload.count
    let payload = digest(member.payload, arena)
    let memberDigest =
      isSame(member.member, member.payload) ? payload : digest(member.member, arena)
    var normalized = NormalizedRecord(content: .payload)
    var content: Content
    var usedProfile = profile
    do throws(NormalizationError) {
      (content, normalized, usedProfile) = try normalize(member, arena, payload)
    } catch {
      switch error {
      case .unwanted(let type):
        return enter(member, ExclusionReason.other.rawValue, "media-type:\(type)", &result)
      case .rejected(let code, let detail):
        guard plan.manifest.input.commitsRawOnTextFailure,
          let raw = rawContent(member, arena, payload)
        else {
          return enter(member, code, "\(detail); payload sha256 \(payload.hex)", &result)
        }
        content = raw
        usedProfile = rawProfile
      }
    }
    guard content.byteCount < RecordLeaf.countLimit, content.wordCount < RecordLeaf.countLimit
    else {
      return enter(member, "budget-record", "content of 2^30 bytes or words, or more", &result)
    }
    switch assignment.outcome(
      of: member,
      contentDigest: content.digest.bytes,
      ordinal: ordinal,
      preference: preference
    )
    {
    case .excluded(let reason, let detail): enter(member, reason.rawValue, detail, &result)
    case .rejected(let detail): enter(member, "license-undeclared", detail, &result)
    case .licensed(let index, let rule):
      let descriptor = descriptor(
        member,
        arena,
        normalized,
        profile: usedProfile,
        memberDigest: memberDigest,
        rule: rule
      )
      var flags = sourceFlags
      if rule != .source { flags.insert(.licenseOverridden) }
      flags.formUnion(RecordLeaf.Flags(rawValue: preference.rawValue << 4))
      result.rows.append(
        RecordRow(
          contentDigest: content.digest,
          payloadDigest: payload,
          licenseIndex: UInt16(index),
          flags: flags,
          contentByteCount: content.byteCount,
          wordCount: content.wordCount,
          descriptor: descriptor
        )
      )
      if keepsContent { keep(content.place, arena, &result) }
    }
  }

  private func keep(_ place: Place, _ arena: [UInt8], _ result: inout RowBatch) {
    let start = result.contents.count
    switch place {
    case .arena(let range): result.contents += arena[range]
    case .buffer: result.contents += normalizer.buffer
    case .gone: return result.contentRanges.append(nil)
    }
    result.contentRanges.append(start..<result.contents.count)
  }

  private func isSame(_ a: Member.Bytes, _ b: Member.Bytes) -> Bool {
    switch (a, b) {
    case (.held(let first), .held(let second)): first == second
    case (.streamed(let first), .streamed(let second)): first == second
    default: false
    }
  }

  private func digest(_ bytes: Member.Bytes, _ arena: [UInt8]) -> SHA256Hash {
    switch bytes {
    case .held(let range): Self.hash(arena[range])
    case .streamed(let streamed): SHA256Hash(streamed.sha256) ?? .of([])
    }
  }

  private static func hash(_ bytes: ArraySlice<UInt8>) -> SHA256Hash {
    var hash = SHA256()
    // SAFETY: the buffer is read inside the call alone.
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    return SHA256Hash(hash.finalize())
  }

  private func normalize(
    _ member: Member,
    _ arena: [UInt8],
    _ payload: SHA256Hash
  ) throws(NormalizationError) -> (Content, NormalizedRecord, String) {
    guard case .held(let range) = member.payload else {
      guard plan.profile.name == .raw, let raw = rawContent(member, arena, payload) else {
        throw .rejected(
          code: "budget-held",
          detail:
            "\(member.payload.count) bytes; text of at most \(plan.options.budget.heldBytes) bytes is normalized"
        )
      }
      return (raw, NormalizedRecord(content: .payload), profile)
    }
    let isRow = member.kind == "line" || member.kind == "row"
    let source = member.text ?? range
    let normalized = try normalizer.normalize(
      arena[source],
      mediaType: member.mediaType,
      charset: member.charset,
      isUnicode: isRow
    )
    switch normalized.content {
    case .payload:
      let isPayload = source == range
      // Without a charset decision a text profile has left the payload as it is: `raw-v1`.
      let isRaw = plan.profile.name != .raw && normalized.charset == nil
      let content = Content(
        digest: isPayload ? payload : Self.hash(arena[source]),
        byteCount: UInt64(source.count),
        wordCount: normalized.wordCount,
        place: .arena(source)
      )
      return (content, normalized, isRaw ? rawProfile : profile)
    case .buffer:
      let buffer = normalizer.buffer[...]
      let content = Content(
        digest: Self.hash(buffer),
        byteCount: UInt64(buffer.count),
        wordCount: normalized.wordCount,
        place: .buffer
      )
      return (content, normalized, profile)
    }
  }

  private func rawContent(_ member: Member, _ arena: [UInt8], _ payload: SHA256Hash) -> Content? {
    switch member.payload {
    case .held(let range):
      Content(
        digest: payload,
        byteCount: UInt64(range.count),
        wordCount: TextSurvey(arena[range]).wordCount,
        place: .arena(range)
      )
    case .streamed(let bytes):
      Content(digest: payload, byteCount: bytes.byteCount, wordCount: bytes.wordCount)
    }
  }

  private func descriptor(
    _ member: Member,
    _ arena: [UInt8],
    _ normalized: NormalizedRecord,
    profile: String,
    memberDigest: SHA256Hash,
    rule: RecordDescriptor.Rule
  ) -> [UInt8] {
    var evidence = member.evidence.map {
      RecordDescriptor.Evidence(name: $0.name, sha256: Self.hash(arena[$0.bytes]))
    }
    if let charset = normalized.charset, charset.reason != .format {
      let value: JSONValue = [
        "encoding": .string(charset.encoding), "reason": .string(charset.reason.rawValue),
        "malformed": .count(charset.malformed),
      ]
      evidence.append(
        RecordDescriptor.Evidence(name: "charset", sha256: .of(CanonicalJSON.encode(value)))
      )
    }
    if !normalized.signals.isEmpty {
      let list = normalized.signals.map {
        JSONValue.array([.string($0.name), .string($0.content)])
      }
      evidence.append(
        RecordDescriptor.Evidence(
          name: "html-signals",
          sha256: .of(CanonicalJSON.encode(.array(list)))
        )
      )
    }
    return RecordDescriptor(
      locator: member.locator,
      mediaType: member.mediaType,
      profile: profile,
      memberByteCount: member.member.count,
      memberDigest: memberDigest,
      payloadByteCount: member.payload.count,
      rule: rule,
      title: normalized.title,
      language: member.language,
      published: member.published,
      modified: member.modified,
      refersTo: member.refersTo,
      evidence: evidence
    ).bytes
  }
}
