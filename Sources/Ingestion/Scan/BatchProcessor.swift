internal import CanonicalCoding
internal import CrawlRules
internal import Digests
internal import Licensing
internal import Manifests
internal import Merkle
internal import Normalization
internal import SourceAPI
internal import TextScan

/// Turns members into rows: normal form, digests, license, descriptor.
///
/// A pure function of the members and the plan. One value serves one thread.
///
/// Longer than most files: its three steps share the buffers of one batch, and are read in one go.
final class BatchProcessor {
  private let plan: SourcePlan
  private let assignment: LicenseAssignment
  private let normalizer: Normalizer
  private let profile: String
  private let rawProfile: String
  private let sourceFlags: RecordLeaf.Flags
  /// Whether the normal forms are handed on, as a feed needs them.
  private let keepsContent: Bool
  /// The records of the batch.
  private var drafts: [Draft] = []
  /// Normal forms that are not in the batch's arena, one behind the other.
  private var texts: [UInt8] = []
  private var arenaDigests = DigestList()
  private var textDigests = DigestList()

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
  ///
  /// In three steps, because digests of many messages are taken together: normal forms, digests, rows.
  func process(_ batch: MemberBatch, firstOrdinal: UInt64) -> RowBatch {
    arenaDigests.removeAll()
    textDigests.removeAll()
    texts.removeAll(keepingCapacity: true)
    drafts.removeAll(keepingCapacity: true)
    for member in batch.members where member.verdict == .record {
      drafts.append(draft(member, batch.bytes))
    }
    arenaDigests.compute(in: batch.bytes)
    textDigests.compute(in: texts)
    var result = RowBatch()
    var next = 0
    for (index, member) in batch.members.enumerated() {
      switch member.verdict {
      case .skipped(let reason): result.skipped[reason, default: 0] += 1
      case .excluded(let detail): enter(member, ExclusionReason.other.rawValue, detail, &result)
      case .rejected(let reason, let detail): enter(member, reason, detail, &result)
      case .record:
        commit(member, drafts[next], batch.bytes, firstOrdinal + UInt64(index), &result)
        next += 1
      }
    }
    return result
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

  // MARK: normal forms

  /// A record before its digests are known.
  private struct Draft {
    var payload: DigestPlace
    var member: DigestPlace
    /// One for each of the member's evidence.
    var evidence: [DigestPlace]
    var outcome: Result<Form, NormalizationError>
  }

  /// A normal form whose digest is to be taken.
  private struct Form {
    var content: DigestPlace
    var byteCount: UInt64
    var wordCount: UInt64
    var place: Place
    var normalized: NormalizedRecord
    var profile: String
  }

  /// Where a digest is, or will be.
  private enum DigestPlace {
    case arena(Int)
    case text(Int)
    case known(SHA256Hash)
  }

  /// Where a normal form is.
  private enum Place {
    case arena(Range<Int>)
    case texts(Range<Int>)
    /// It went by while it was hashed.
    case gone
  }

  private func draft(_ member: Member, _ arena: [UInt8]) -> Draft {
    let payload = place(of: member.payload)
    return Draft(
      payload: payload,
      member: isSame(member.member, member.payload) ? payload : place(of: member.member),
      evidence: member.evidence.map { place(of: $0) },
      outcome: Result { () throws(NormalizationError) in try form(member, arena, payload) }
    )
  }

  private func place(of bytes: Member.Bytes) -> DigestPlace {
    switch bytes {
    case .held(let range): .arena(arenaDigests.add(range))
    case .streamed(let streamed): .known(SHA256Hash(streamed.sha256) ?? .of([]))
    }
  }

  private func place(of evidence: Member.Evidence) -> DigestPlace {
    switch evidence.form {
    case .bytes(let range): .arena(arenaDigests.add(range))
    case .digest(let sha256): .known(SHA256Hash(sha256) ?? .of([]))
    }
  }

  private func isSame(_ a: Member.Bytes, _ b: Member.Bytes) -> Bool {
    switch (a, b) {
    case (.held(let first), .held(let second)): first == second
    case (.streamed(let first), .streamed(let second)): first == second
    default: false
    }
  }

  private func form(
    _ member: Member,
    _ arena: [UInt8],
    _ payload: DigestPlace
  ) throws(NormalizationError) -> Form {
    guard case .held(let range) = member.payload else {
      guard plan.profile.name == .raw else {
        throw .rejected(
          code: "budget-held",
          detail:
            "\(member.payload.count) bytes; text of at most \(plan.options.budget.heldBytes) bytes is normalized"
        )
      }
      return rawForm(member, arena, payload, profile: profile)
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
      // Without a charset decision a text profile has left the payload as it is: `raw-v1`.
      let isRaw = plan.profile.name != .raw && normalized.charset == nil
      return Form(
        content: source == range ? payload : .arena(arenaDigests.add(source)),
        byteCount: UInt64(source.count),
        wordCount: normalized.wordCount,
        place: .arena(source),
        normalized: normalized,
        profile: isRaw ? rawProfile : profile
      )
    case .buffer:
      let start = texts.count
      texts += normalizer.buffer
      return Form(
        content: .text(textDigests.add(start..<texts.count)),
        byteCount: UInt64(texts.count - start),
        wordCount: normalized.wordCount,
        place: .texts(start..<texts.count),
        normalized: normalized,
        profile: profile
      )
    }
  }

  /// The payload as its own content.
  private func rawForm(
    _ member: Member,
    _ arena: [UInt8],
    _ payload: DigestPlace,
    profile: String
  ) -> Form {
    let (words, place): (UInt64, Place) =
      switch member.payload {
      case .held(let range): (TextSurvey(arena[range]).wordCount, .arena(range))
      case .streamed(let bytes): (bytes.wordCount, .gone)
      }
    return Form(
      content: payload,
      byteCount: member.payload.count,
      wordCount: words,
      place: place,
      normalized: NormalizedRecord(content: .payload),
      profile: profile
    )
  }

  // MARK: rows

  private func digest(_ place: DigestPlace) -> SHA256Hash {
    switch place {
    case .arena(let number): arenaDigests[number]
    case .text(let number): textDigests[number]
    case .known(let digest): digest
    }
  }

  private func commit(
    _ member: Member,
    _ draft: Draft,
    _ arena: [UInt8],
    _ ordinal: UInt64,
    _ result: inout RowBatch
  ) {
    result.payloadBytes += member.payload.count
    let payload = digest(draft.payload)
    let form: Form
    switch draft.outcome {
    case .success(let found): form = found
    case .failure(.unwanted(let type)):
      return enter(member, ExclusionReason.other.rawValue, "media-type:\(type)", &result)
    case .failure(.rejected(let code, let detail)):
      guard plan.manifest.input.commitsRawOnTextFailure else {
        return enter(member, code, "\(detail); payload sha256 \(payload.hex)", &result)
      }
      form = rawForm(member, arena, draft.payload, profile: rawProfile)
    }
    guard form.byteCount < RecordLeaf.countLimit, form.wordCount < RecordLeaf.countLimit else {
      return enter(member, "budget-record", "content of 2^30 bytes or words, or more", &result)
    }
    let content = digest(form.content)
    let preference = preference(of: member, form)
    switch assignment.outcome(
      of: member,
      contentDigest: content.bytes,
      ordinal: ordinal,
      preference: preference
    )
    {
    case .excluded(let reason, let detail): enter(member, reason.rawValue, detail, &result)
    case .rejected(let detail): enter(member, "license-undeclared", detail, &result)
    case .licensed(let index, let rule):
      let header = licenseHeader(member, form, arena)
      var flags = sourceFlags
      if rule != .source { flags.insert(.licenseOverridden) }
      flags.formUnion(RecordLeaf.Flags(rawValue: preference.rawValue << 4))
      result.rows.append(
        RecordRow(
          contentDigest: content,
          payloadDigest: payload,
          licenseIndex: UInt16(index),
          flags: flags,
          contentByteCount: form.byteCount,
          wordCount: form.wordCount,
          descriptor: descriptor(member, draft, form, rule: rule, header: header)
        )
      )
      declare(member, form, header, &result)
      if keepsContent { keep(form.place, arena, &result) }
    }
  }

  /// What the member's own signals and those of its page say about training, together.
  private func preference(of member: Member, _ form: Form) -> Preference {
    var said: UsagePreference =
      switch member.preference {
      case .unknown: .unknown
      case .allowed: .allowed
      case .disallowed: .disallowed
      }
    for signal in form.normalized.signals {
      said = said.combined(with: UsageSignals.meta(signal.name, signal.content))
    }
    return switch said {
    case .unknown: .unknown
    case .allowed: .allowed
    case .disallowed: .disallowed
    }
  }

  /// What the text of a file says about its license in its first lines; rows and pages have other ways to say it.
  private func licenseHeader(_ member: Member, _ form: Form, _ arena: [UInt8]) -> String? {
    guard member.kind != "line", member.kind != "row", member.mediaType != "text/html" else {
      return nil
    }
    switch form.place {
    case .arena(let range): return DeclaredLicense.header(in: arena[range])
    case .texts(let range): return DeclaredLicense.header(in: texts[range])
    case .gone: return nil
    }
  }

  /// Counts what a record says about its own license.
  private func declare(
    _ member: Member,
    _ form: Form,
    _ header: String?,
    _ result: inout RowBatch
  ) {
    if let header {
      let expression = (try? LicenseExpression(header))?.normalized ?? header
      result.declaredLicenses["\(expression) (header)", default: 0] += 1
    }
    if let path = member.path, DeclaredLicense.isLicenseFile(path) {
      result.declaredLicenses["license file", default: 0] += 1
    }
    for signal in form.normalized.signals where signal.name == "license" {
      result.declaredLicenses[
        "\(DeclaredLicense.ofLink(signal.content)) (rel=license)",
        default: 0
      ] += 1
    }
  }

  private func keep(_ place: Place, _ arena: [UInt8], _ result: inout RowBatch) {
    let start = result.contents.count
    switch place {
    case .arena(let range): result.contents += arena[range]
    case .texts(let range): result.contents += texts[range]
    case .gone: return result.contentRanges.append(nil)
    }
    result.contentRanges.append(start..<result.contents.count)
  }

  private func descriptor(
    _ member: Member,
    _ draft: Draft,
    _ form: Form,
    rule: RecordDescriptor.Rule,
    header: String?
  ) -> [UInt8] {
    var evidence = zip(member.evidence, draft.evidence).map {
      RecordDescriptor.Evidence(name: $0.name, sha256: digest($1))
    }
    let normalized = form.normalized
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
    if let header {
      evidence.append(
        RecordDescriptor.Evidence(name: "license-header", sha256: .of(Array(header.utf8)))
      )
    }
    return RecordDescriptor(
      locator: member.locator,
      mediaType: member.mediaType,
      profile: form.profile,
      memberByteCount: member.member.count,
      memberDigest: digest(draft.member),
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

/// Messages of one buffer whose digests are taken together.
private struct DigestList {
  private var ranges: [Range<Int>] = []
  private var digests: [UInt8] = []

  /// Adds a message.
  ///
  /// - Returns: its number.
  mutating func add(_ range: Range<Int>) -> Int {
    ranges.append(range)
    return ranges.count - 1
  }

  mutating func compute(in bytes: [UInt8]) {
    digests = MessageDigests.of(ranges, in: bytes, by: .sha256)
  }

  mutating func removeAll() {
    ranges.removeAll(keepingCapacity: true)
    digests.removeAll(keepingCapacity: true)
  }

  /// The digest of a message, once they are taken.
  subscript(_ number: Int) -> SHA256Hash {
    SHA256Hash(digests[32 * number..<32 * number + 32]) ?? .of([])
  }
}
