internal import CanonicalCoding
internal import Crypto
internal import Kernels
internal import Licensing
internal import Manifests
internal import Merkle
internal import Normalization
internal import SourceAPI
internal import TextScan

/// Turns members into leaves: normal form, digests, license, descriptor, both leaf hashes.
///
/// A pure function of the members, the plan and the salt key. One value serves one thread.
final class BatchProcessor {
  private let plan: SourcePlan
  private let assignment: LicenseAssignment
  private let saltKey: [UInt8]?
  private let normalizer: Normalizer
  private let profile: String
  private let rawProfile: String
  private let sourceFlags: RecordLeaf.Flags
  /// The leaves and descriptors of the batch, whose hashes are taken together.
  private var leaves: [RecordLeaf] = []
  private var descriptors: [[UInt8]] = []
  /// Whether the normal forms are handed on, as a feed needs them.
  private let keepsContent: Bool

  init(
    _ plan: SourcePlan,
    assignment: LicenseAssignment,
    saltKey: [UInt8]?,
    keepsContent: Bool = false
  ) {
    self.plan = plan
    self.keepsContent = keepsContent
    self.assignment = assignment
    self.saltKey = saltKey
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
  func process(_ batch: MemberBatch, firstOrdinal: UInt64) -> ProcessedBatch {
    var result = ProcessedBatch(licenseCount: plan.licenses.entries.count)
    leaves.removeAll(keepingCapacity: true)
    descriptors.removeAll(keepingCapacity: true)
    for (index, member) in batch.members.enumerated() {
      result.counts.members += 1
      process(member, batch.bytes, firstOrdinal + UInt64(index), &result)
    }
    result.rows.reserveCapacity(leaves.count)
    let poseidon2 = RecordLeaf.poseidon2(of: leaves, kernel: .best)
    for (index, leaf) in leaves.enumerated() {
      result.rows.append(
        LeafRow(
          leaf: leaf,
          sha256: leaf.sha256,
          poseidon2: poseidon2[index],
          descriptor: descriptors[index]
        )
      )
    }
    return result
  }

  private func process(
    _ member: Member,
    _ arena: [UInt8],
    _ ordinal: UInt64,
    _ result: inout ProcessedBatch
  ) {
    switch member.verdict {
    case .skipped(let reason):
      result.counts.skipped += 1
      result.reasons["skipped:\(reason)", default: 0] += 1
    case .excluded(let detail): exclude(member, .other, detail, &result)
    case .rejected(let reason, let detail): reject(member, reason, detail, &result)
    case .record: commit(member, arena, ordinal, &result)
    }
  }

  private func exclude(
    _ member: Member,
    _ reason: ExclusionReason,
    _ detail: String,
    _ result: inout ProcessedBatch
  ) {
    result.counts.excluded[reason, default: 0] += 1
    result.reasons["excluded:\(reason.rawValue):\(detail)", default: 0] += 1
    result.ledger.append(
      LedgerEntry(
        locator: member.locator,
        offset: member.offset,
        length: member.length,
        reason: reason.rawValue,
        detail: detail
      )
    )
  }

  private func reject(
    _ member: Member,
    _ reason: String,
    _ detail: String,
    _ result: inout ProcessedBatch
  ) {
    result.counts.rejected += 1
    result.reasons["rejected:\(reason)", default: 0] += 1
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
    _ result: inout ProcessedBatch
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
      case .unwanted(let type): return exclude(member, .other, "media-type:\(type)", &result)
      case .rejected(let code, let detail):
        guard plan.manifest.input.commitsRawOnTextFailure,
          let raw = rawContent(member, arena, payload)
        else {
          return reject(member, code, "\(detail); payload sha256 \(payload.hex)", &result)
        }
        content = raw
        usedProfile = rawProfile
      }
    }
    guard content.byteCount < RecordLeaf.countLimit, content.wordCount < RecordLeaf.countLimit
    else {
      return reject(member, "budget-record", "content of 2^30 bytes or words, or more", &result)
    }
    switch assignment.outcome(
      of: member,
      contentDigest: content.digest.bytes,
      ordinal: ordinal,
      preference: preference
    )
    {
    case .excluded(let reason, let detail): exclude(member, reason, detail, &result)
    case .rejected(let detail): reject(member, "license-undeclared", detail, &result)
    case .licensed(let index, let rule):
      let descriptor = descriptor(
        member,
        arena,
        normalized,
        profile: usedProfile,
        memberDigest: memberDigest,
        rule: rule
      )
      let descriptorDigest = SHA256Hash.of(descriptor)
      var flags = sourceFlags
      if rule != .source { flags.insert(.licenseOverridden) }
      flags.formUnion(RecordLeaf.Flags(rawValue: preference.rawValue << 4))
      let leaf = RecordLeaf(
        contentDigest: content.digest,
        payloadDigest: payload,
        descriptorDigest: descriptorDigest,
        licenseIndex: UInt16(index),
        flags: flags,
        contentByteCount: content.byteCount,
        wordCount: content.wordCount,
        salt: RecordLeaf.salt(key: saltKey, descriptorDigest: descriptorDigest)
      )
      leaves.append(leaf)
      descriptors.append(descriptor)
      if keepsContent { keep(content.place, arena, &result) }
      result.counts.records += 1
      result.counts.bytes += content.byteCount
      result.counts.words += content.wordCount
      result.licenses[index].counts[Int(preference.rawValue)] += 1
    }
  }

  private func keep(_ place: Place, _ arena: [UInt8], _ result: inout ProcessedBatch) {
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
