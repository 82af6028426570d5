public import CanonicalCoding
internal import Files
public import Licensing
public import Manifests
internal import Merkle
public import SourceAPI

/// Which rule licenses a record, or excludes it: every exclusion first, then the first matching
/// license override, then the record's own field, then the source.
public struct LicenseAssignment: Sendable {
  /// The outcome for one record.
  public enum Outcome: Hashable, Sendable {
    case licensed(index: Int, rule: RecordDescriptor.Rule)
    case excluded(ExclusionReason, detail: String)
    case rejected(detail: String)
  }

  private enum Matcher: Sendable {
    case host
    case path(GlobPattern)
    case contentDigest
    case field(String, String)
    case language(String)
    case ordinals(ClosedRange<UInt64>)
  }

  private let manifest: SourceManifest
  private let entries: LicenseEntries
  private let matchers: [Matcher]
  /// Overrides by the digest that they name: opt-outs come by thousands.
  private var overridesOfDigest: [SHA256Hash: [Int]] = [:]
  /// Overrides by the host that they name; with a dot before it for all hosts below.
  private var overridesOfHost: [String: [Int]] = [:]
  /// The overrides that have to be tried one by one.
  private var otherOverrides: [Int] = []
  private let exclusions: ExclusionRules
  private let withdrawals: Set<String>
  /// The decision of each license entry and preference.
  private let decisions: [[PolicyEvaluation]]

  /// The rules of a plan on a day.
  public init(_ plan: SourcePlan, asOf day: CivilDate) {
    manifest = plan.manifest
    entries = plan.licenses
    withdrawals = plan.withdrawals
    exclusions = ExclusionRules(plan.exclusions)
    matchers = plan.manifest.overrides.map { override in
      switch override.match {
      case .host: .host
      case .path(let pattern): .path(GlobPattern(pattern))
      case .contentDigest: .contentDigest
      case .field(let name, let value): .field(name, value)
      case .language(let language): .language(language)
      case .ordinals(let range): .ordinals(range)
      }
    }
    for (number, override) in plan.manifest.overrides.enumerated() {
      switch override.match {
      case .contentDigest(let hex):
        if let digest = SHA256Hash(hex: hex) {
          overridesOfDigest[digest, default: []].append(number)
        }
      case .host(let host): overridesOfHost[HostNames.key(of: host), default: []].append(number)
      default: otherOverrides.append(number)
      }
    }
    let inputs = DecisionInputs(plan.manifest, plan.licenses)
    decisions = inputs.entries.indices.map { index in
      let situation = inputs.situation(of: index, policy: plan.policy.policy, asOf: day)
      return Preference.allCases.map { preference in
        PolicyEvaluation.evaluate(
          situation,
          preference: preference,
          policy: plan.policy.policy,
          asOf: day
        )
      }
    }
  }

  /// The overrides that may match a record, in their order: those that name its digest or host, and those that name neither.
  private func candidates(_ member: Member, _ content: SHA256Hash?) -> [Int] {
    var found = content.flatMap { overridesOfDigest[$0] } ?? []
    if !overridesOfHost.isEmpty, let host = member.host {
      for name in HostNames.keys(of: host) { found += overridesOfHost[name] ?? [] }
    }
    return found.isEmpty ? otherOverrides : (found + otherOverrides).sorted()
  }

  /// Whether an override matches that `candidates` gave.
  private func matches(_ number: Int, _ member: Member, _ ordinal: UInt64) -> Bool {
    switch matchers[number] {
    case .host, .contentDigest: return true
    case .path(let pattern): return member.path.map(pattern.matches) ?? false
    case .field(let name, let value): return member.fields[name] == value
    case .language(let language): return member.language?.lowercased() == language.lowercased()
    case .ordinals(let range): return range.contains(ordinal)
    }
  }

  /// The evaluation of an entry and a preference.
  public func evaluation(_ index: Int, _ preference: Preference) -> PolicyEvaluation {
    decisions[index][Int(preference.rawValue)]
  }

  /// Judges a record.
  ///
  /// - Parameters:
  ///   - member: the member as the plugin gave it.
  ///   - contentDigest: the digest of its normal form.
  ///   - ordinal: the member's number in the source.
  ///   - preference: what its publisher said about training.
  /// - Returns: the license entry with the rule that chose it, or why there is no leaf.
  public func outcome(
    of member: Member,
    contentDigest: [UInt8],
    ordinal: UInt64,
    preference: Preference
  ) -> Outcome {
    if let key = member.key, withdrawals.contains(key) {
      return .excluded(
        .withdrawal,
        detail: manifest.crawl == nil ? "consent.withdrawals" : "the page is gone from its site"
      )
    }
    let digest = SHA256Hash(contentDigest)
    if let (reason, detail) = exclusions.match(member, digest) {
      return .excluded(reason, detail: detail)
    }
    let numbers = candidates(member, digest)
    for number in numbers {
      if case .exclude(let reason, let reference) = manifest.overrides[number].effect,
        matches(number, member, ordinal)
      {
        return .excluded(reason, detail: "override \(number) \(reference ?? "")")
      }
    }
    let (index, rule): (Int, RecordDescriptor.Rule)
    switch license(of: member, numbers, ordinal) {
    case .licensed(let found, let by): (index, rule) = (found, by)
    case let other: return other
    }
    let evaluation = decisions[index][Int(preference.rawValue)]
    if evaluation.decision == .deny {
      let expression = entries.entries[index].expression
      if evaluation.isDeniedByTerm {
        return .excluded(.expired, detail: "the term of \(expression)")
      }
      // What would be allowed if its publisher had said nothing is kept out by the publisher's word.
      let isOwnWord =
        preference == .disallowed
        && decisions[index][Int(Preference.unknown.rawValue)].decision != .deny
      return .excluded(
        isOwnWord ? .optOut : .policy,
        detail: "the policy denies \(expression), preference \(preference.name)"
      )
    }
    return .licensed(index: index, rule: rule)
  }

  private func license(of member: Member, _ numbers: [Int], _ ordinal: UInt64) -> Outcome {
    for number in numbers {
      if let index = entries.indexOfOverride[number], matches(number, member, ordinal) {
        return .licensed(index: index, rule: .override(number))
      }
    }
    if let declared = member.license, manifest.input.fields.license != nil {
      if let index = entries.index(declared: declared) {
        return .licensed(index: index, rule: .record)
      }
      if let unknown = entries.unknownIndex { return .licensed(index: unknown, rule: .record) }
      return .rejected(
        detail: "the record's license field names no license that the manifest declares"
      )
    }
    return .licensed(index: 0, rule: .source)
  }
}
