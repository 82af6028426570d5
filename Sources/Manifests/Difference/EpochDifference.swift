public import Licensing

/// What changed between two epochs, in sentences that a lawyer reads; counts are those that were committed.
public struct EpochDifference: Sendable {
  /// One source that stands in both epochs, and what changed about it.
  public struct SourceChange: Sendable {
    /// The source.
    public let id: String
    /// Sentences, the weightiest first.
    public let sentences: [String]
    /// What changed in its manifest; `nil` where a version of it is not at hand.
    public let manifest: ManifestDifference?
  }

  /// How two commit files stand to each other.
  public enum Relation: Hashable, Sendable {
    /// The same file.
    case same
    /// The second names the first as the one before.
    case next
    /// Later epochs lie between them.
    case later
    /// The second is older: asked the wrong way round, or rolled back.
    case earlier
    /// Two different files of one number: two histories.
    case fork
  }

  /// How the epochs stand to each other.
  public let relation: Relation
  /// The epochs' numbers.
  public let numbers: (old: UInt64, new: UInt64)
  /// Records by decision, before and after.
  public let decisions: (old: [Decision: UInt64], new: [Decision: UInt64])
  /// Sentences about the whole.
  public let sentences: [String]
  /// Sources that came.
  public let added: [String]
  /// Sources that are gone.
  public let removed: [String]
  /// Sources that changed, in order.
  public let changed: [SourceChange]

  /// Whether nothing of what a lawyer asks for changed.
  public var isEmpty: Bool {
    sentences.isEmpty && added.isEmpty && removed.isEmpty && changed.isEmpty
  }

  /// Compares two epochs.
  ///
  /// - Complexity: O(sources + license entries + changed manifests).
  public init(_ old: EpochContents, _ new: EpochContents) {
    numbers = (old.number, new.number)
    relation = Self.relation(old, new)
    decisions = (Self.decisions(old), Self.decisions(new))
    let before = Dictionary(
      old.sources.map { ($0.commitment.id, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    let after = Set(new.sources.map(\.commitment.id))
    added = new.sources.filter { before[$0.commitment.id] == nil }.map {
      "\($0.commitment.id): \($0.commitment.counts.records) records under \(Self.expressions($0))"
    }
    removed = old.sources.filter { !after.contains($0.commitment.id) }.map {
      "\($0.commitment.id): its \($0.commitment.counts.records) records are in the epoch no more"
    }
    changed = new.sources.compactMap { source in
      before[source.commitment.id].flatMap { Self.change($0, source) }
    }
    sentences = Self.whole(old, new)
  }

  private static func relation(_ old: EpochContents, _ new: EpochContents) -> Relation {
    if old.manifest.digest == new.manifest.digest { return .same }
    if old.number == new.number { return .fork }
    if old.number > new.number { return .earlier }
    guard let previous = new.manifest.manifest.previous, previous.epoch == old.number else {
      return .later
    }
    return previous.sha256 == old.manifest.digest ? .next : .fork
  }

  private static func decisions(_ epoch: EpochContents) -> [Decision: UInt64] {
    var counts: [Decision: UInt64] = [:]
    for entry in epoch.sources.flatMap(\.entries) {
      counts.merge(entry.recordsByDecision, uniquingKeysWith: +)
    }
    return counts
  }

  private static func expressions(_ source: EpochContents.Source) -> String {
    let held = source.entries.filter { $0.license.records > 0 }.map(\.license.expression)
    return held.isEmpty ? "no license" : held.joined(separator: ", ")
  }

  private static func whole(_ old: EpochContents, _ new: EpochContents) -> [String] {
    let (a, b) = (old.manifest.manifest, new.manifest.manifest)
    var found: [String] = []
    if a.policy.sha256 != b.policy.sha256 {
      found.append(
        "the policy is another: was \(a.policy.id) \(a.policy.version), is now \(b.policy.id) \(b.policy.version)"
      )
      found += PolicyChanges.sentences(old.policy.policy, new.policy.policy)
    }
    if a.policy.asOf != b.policy.asOf {
      found.append("the policy decides as of \(b.policy.asOf) instead of \(a.policy.asOf)")
    }
    if a.licenseListDigest != b.licenseListDigest {
      found.append(
        "the SPDX list is \(b.licenseListVersion) instead of \(a.licenseListVersion)"
      )
    }
    if a.licenseTableDigest != b.licenseTableDigest {
      found.append(
        "the table of license axes is \(b.licenseTableVersion) instead of \(a.licenseTableVersion)"
      )
    }
    if a.counts.records != b.counts.records {
      found.append("\(b.counts.records) records instead of \(a.counts.records)")
    }
    let (before, after) = (decisions(old), decisions(new))
    for decision in Decision.allCases where before[decision] ?? 0 != after[decision] ?? 0 {
      found.append(
        "records that the policy decides as \(decision.rawValue): \(after[decision] ?? 0) instead of \(before[decision] ?? 0)"
      )
    }
    let known = Set(old.reviews)
    for review in new.reviews where !known.contains(review) {
      found.append(
        "review \(review.sequence) of source '\(review.source)': \(review.status.rawValue) by \(review.by) on \(review.on): \(review.reason)"
      )
    }
    return found
  }

  private static func change(
    _ old: EpochContents.Source,
    _ new: EpochContents.Source
  ) -> SourceChange? {
    let (a, b) = (old.commitment, new.commitment)
    var found: [String] = []
    for (index, entry) in new.entries.enumerated() {
      guard index < old.entries.count else {
        found.append("license \(entry.license.expression) is new: \(entry.license.records) records")
        continue
      }
      found += decisionChanges(old.entries[index], entry)
      let before = old.entries[index].license
      if before.until != entry.license.until {
        found.append(
          "license \(entry.license.expression) ends on \(entry.license.until.map { "\($0)" } ?? "no day") instead of \(before.until.map { "\($0)" } ?? "no day")"
        )
      }
      if before.records != entry.license.records {
        found.append(
          "\(entry.license.records) records under \(entry.license.expression) instead of \(before.records)"
        )
      }
    }
    if a.version != b.version {
      found.append("version \(b.version) of the data instead of \(a.version)")
    }
    if b.tombstones > a.tombstones {
      let reasons = ExclusionReason.allCases.compactMap { reason -> String? in
        let (x, y) = (a.counts.excluded[reason] ?? 0, b.counts.excluded[reason] ?? 0)
        return y > x ? "\(reason.rawValue) \(y - x)" : nil
      }
      found.append(
        "\(b.tombstones - a.tombstones) records were removed (\(reasons.joined(separator: ", "))); tombstones stand in their places"
      )
    }
    if b.size > a.size { found.append("\(b.size - a.size) records were added") }
    if a.confidential != b.confidential {
      found.append(b.confidential ? "is confidential now" : "is not confidential any more")
    }
    if a.pluginVersion != b.pluginVersion || a.pluginDigest != b.pluginDigest {
      found.append(
        "is read by plugin \(b.pluginName) \(b.pluginVersion) instead of \(a.pluginVersion)"
      )
    }
    var manifest: ManifestDifference?
    if a.manifestDigest != b.manifestDigest {
      if let x = old.manifest, let y = new.manifest {
        manifest = ManifestDifference(x, y)
      } else {
        found.append("its manifest changed; a version of it is not at hand")
      }
    }
    guard !found.isEmpty || manifest != nil else { return nil }
    return SourceChange(id: b.id, sentences: found, manifest: manifest)
  }

  private static func decisionChanges(
    _ old: EpochContents.Entry,
    _ new: EpochContents.Entry
  ) -> [String] {
    new.rows.compactMap { row in
      guard let before = old.rows.first(where: { $0.preference == row.preference }),
        before.decision != row.decision || before.waiver != row.waiver
      else { return nil }
      let count = new.license.preferences[row.preference] ?? 0
      let waiver = row.waiver.map { ", waiver \($0)" } ?? ""
      return
        "\(row.expression), preference \(row.preference.name): \(before.decision.rawValue) became \(row.decision.rawValue)\(waiver) (\(count) records)"
    }
  }
}

/// What changed between two policies, rule by rule.
enum PolicyChanges {
  static func sentences(_ old: LicensePolicy, _ new: LicensePolicy) -> [String] {
    var found: [String] = []
    let before = Dictionary(old.rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let after = Set(new.rules.map(\.id))
    for rule in new.rules {
      guard let earlier = before[rule.id] else {
        found.append("rule \(rule.id) is new: \(rule.then.rawValue), because \(rule.reason)")
        continue
      }
      if earlier.then != rule.then {
        found.append(
          "rule \(rule.id) says \(rule.then.rawValue) instead of \(earlier.then.rawValue)"
        )
      }
      if earlier.when != rule.when { found.append("rule \(rule.id) has other conditions") }
      if earlier.reason != rule.reason {
        found.append("rule \(rule.id) has another reason: \(rule.reason)")
      }
    }
    for rule in old.rules where !after.contains(rule.id) {
      found.append("rule \(rule.id) (\(rule.then.rawValue)) is gone")
    }
    let waivers = Set(old.waivers)
    for waiver in new.waivers where !waivers.contains(waiver) {
      found.append(
        "waiver \(waiver.id) for source '\(waiver.source)', rule \(waiver.rule), by \(waiver.by), through \(waiver.expires)"
      )
    }
    for waiver in old.waivers where !new.waivers.contains(waiver) {
      found.append("waiver \(waiver.id) for source '\(waiver.source)' is gone")
    }
    for (name, a, b) in [
      ("unknown licenses", old.unknown, new.unknown),
      ("licenses without a rule", old.defaultDecision, new.defaultDecision),
      ("places that a license does not cover", old.outside, new.outside),
    ] where a != b {
      found.append("\(name): \(b.rawValue) instead of \(a.rawValue)")
    }
    if old.uses != new.uses || old.jurisdictions != new.jurisdictions {
      found.append(
        "it decides on \(new.uses.map(\.rawValue).joined(separator: ", ")) in \(new.jurisdictions.joined(separator: ", "))"
      )
    }
    return found
  }
}
