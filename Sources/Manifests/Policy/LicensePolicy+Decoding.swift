public import CanonicalCoding
public import Licensing

/// A policy as a file: the decoded rules and the digests that commitments name.
public struct PolicyFile: Sendable {
  /// The rules.
  public let policy: LicensePolicy
  /// JCS of this is what `policy.sha256` digests.
  public let typedForm: JSONValue
  /// The file's bytes.
  public let bytes: [UInt8]

  /// Reads a policy.
  ///
  /// - Throws: `ManifestError` with all errors of the file at once; codes begin with `policy.`.
  public static func decode(_ bytes: [UInt8], file: String) throws(ManifestError) -> PolicyFile {
    let declaration = try YAMLReader.read(bytes, file: file, prefix: "policy")
    let list = FindingList(file: file, prefix: "policy")
    let policy = PolicyDecoder(root: MapReader(declaration, path: "", list: list)).decode()
    guard !list.hasErrors, let policy else { throw ManifestError(list.findings.sortedByPlace) }
    return PolicyFile(policy: policy, typedForm: declaration.typedForm, bytes: bytes)
  }
}

private struct PolicyDecoder {
  let root: MapReader
  private static let useNames = Use.allCases.map(\.rawValue)

  func decode() -> LicensePolicy? {
    if let version = root.text("apiVersion", required: true), version != "ingest/v1" {
      root.report("api-version", "apiVersion", "is not ingest/v1")
    }
    if let kind = root.text("kind", required: true), kind != "LicensePolicy" {
      root.report("kind", "kind", "is not LicensePolicy")
    }
    let id = root.text("id", required: true)
    let version = root.text("version", required: true)
    let use = root.choice("use", Self.useNames, required: true)
    let also = root.choices("also", Self.useNames) ?? []
    let jurisdictions = root.jurisdictions("jurisdictions", required: true)
    let defaultDecision = root.decision("default", required: true)
    let unknown = root.decision("unknown", required: true)
    let outside = root.decision("outside", required: true)
    let approval = root.choice("requireApproval", ["true", "false"]) == "true"
    let rules = root.maps("rules", required: true).compactMap(rule)
    var ids: Set<String> = []
    for rule in rules where !ids.insert(rule.id).inserted {
      root.report("rule-twice", "rules", "the id \(rule.id) stands twice")
    }
    let waivers = root.maps("waivers").compactMap { waiver($0, rules: rules) }
    for conflict in root.maps("conflicts") { checkConflict(conflict) }
    root.finish()
    guard let id, let version, let use = use.flatMap(Use.init), let jurisdictions,
      let defaultDecision, let unknown, let outside
    else { return nil }
    return LicensePolicy(
      id: id,
      version: version,
      uses: [use] + also.compactMap(Use.init),
      jurisdictions: jurisdictions,
      defaultDecision: defaultDecision,
      unknown: unknown,
      outside: outside,
      requiresApproval: approval,
      rules: rules,
      waivers: waivers
    )
  }

  private func rule(_ map: MapReader) -> LicensePolicy.Rule? {
    defer { map.finish() }
    let id = map.text("id", required: true)
    let then = map.decision("then", required: true)
    let reason = map.text("reason", required: true)
    let when = map.map("when", required: true).map(condition)
    guard let id, let then, let reason, let when else { return nil }
    return LicensePolicy.Rule(id: id, when: when, then: then, reason: reason)
  }

  private func condition(_ map: MapReader) -> LicensePolicy.Condition {
    var condition = LicensePolicy.Condition()
    condition.categories = map.anyOf("category") ?? []
    condition.licenses = map.anyOf("license") ?? []
    condition.bases = map.anyOf("basis") ?? []
    condition.sources = map.anyOf("source") ?? []
    condition.plugins = map.anyOf("plugin") ?? []
    condition.jurisdictions = map.anyOf("jurisdiction") ?? []
    condition.personalData = map.anyOf("personalData") ?? []
    condition.terms = terms(map)
    if let uses = map.map("uses") {
      for use in Use.allCases { condition.uses[use] = uses.decision(use.rawValue) }
      uses.finish()
    }
    if let preference = map.map("preference") {
      switch preference.choice("train-ai", ["y", "n", "unknown"], required: true) {
      case "y": condition.preferences = [.allowed]
      case "n": condition.preferences = [.disallowed]
      case "unknown": condition.preferences = [.unknown]
      default: break
      }
      preference.finish()
    }
    let known = [
      "non-commercial", "no-derivatives", "share-alike", "use-restricted", "research-only",
      "ai-denied", "no-redistribution", "term-limited", "unstated", "public-domain", "permissive",
      "attribution-data",
    ]
    for category in condition.categories where !known.contains(category) {
      let nearest = NearestName.find(category, among: known).map { "; did you mean \($0)?" } ?? ""
      map.report("category", "category", "'\(category.prefix(40))' is no category\(nearest)")
    }
    if map.names.isEmpty { map.report("when", "", "a rule needs at least one condition") }
    map.finish()
    return condition
  }

  private func terms(_ map: MapReader) -> [LicensePolicy.Condition.Term] {
    guard let value = map.value("term") else { return [] }
    if case .map = value, let inner = map.map("term") {
      let days = inner.text("ends-within", required: true).flatMap { Int($0) }
      inner.finish()
      return days.map { [.endsWithin(days: $0)] } ?? []
    }
    return (map.anyOf("term") ?? []).compactMap { text in
      switch text {
      case "current": return .current
      case "expired": return .expired
      default:
        map.report("enum", "term", "is none of current, expired, {ends-within: days}")
        return nil
      }
    }
  }

  private func waiver(_ map: MapReader, rules: [LicensePolicy.Rule]) -> LicensePolicy.Waiver? {
    defer { map.finish() }
    let id = map.text("id", required: true)
    let source = map.text("source", required: true)
    let name = map.text("rule", required: true)
    for field in ["by", "reason"] { _ = map.text(field, required: true) }
    _ = map.date("on", required: true)
    let expires = map.date("expires", required: true)
    if let name {
      if let rule = rules.first(where: { $0.id == name }) {
        if rule.then == .deny { map.report("waiver-on-deny", "rule", "a deny cannot be waived") }
      } else {
        map.report("waiver-rule", "rule", "there is no rule '\(name.prefix(40))'")
      }
    }
    guard let id, let source, let name, let expires else { return nil }
    return LicensePolicy.Waiver(id: id, source: source, rule: name, expires: expires)
  }

  private func checkConflict(_ map: MapReader) {
    for name in ["a", "b", "reason"] { _ = map.text(name, required: true) }
    _ = map.bool("sameLicense", required: true)
    _ = map.choice("then", ["review", "deny"], required: true)
    map.finish()
  }
}
