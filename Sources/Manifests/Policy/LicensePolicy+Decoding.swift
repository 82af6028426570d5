internal import CanonicalCoding
internal import Licensing

/// Decodes one policy, top to bottom, in the order of docs/formats.md.
struct PolicyDecoder {
  let root: MapReader
  private static let useNames = Use.allCases.map(\.rawValue)
  private static let bases = [
    "license", "public-domain", "tdm-exception", "consent", "own-data", "contract",
  ]
  private static let categories = [
    "non-commercial", "no-derivatives", "share-alike", "use-restricted", "research-only",
    "ai-denied", "no-redistribution", "term-limited", "unstated", "public-domain", "permissive",
    "attribution-data",
  ]

  /// The policy, and where its rules stand; `nil` when something that is needed is wrong.
  func decode() -> (policy: LicensePolicy, places: [String: SourcePosition])? {
    if let version = root.text("apiVersion", required: true), version != "ingest/v1" {
      root.report("api-version", "apiVersion", "is not ingest/v1")
    }
    if let kind = root.text("kind", required: true), kind != "LicensePolicy" {
      root.report("kind", "kind", "is not LicensePolicy")
    }
    let id = root.text("id", required: true, length: 1...64)
    let version = root.text("version", required: true, length: 1...64)
    let use = root.choice("use", Self.useNames, required: true)
    let also = root.choices("also", Self.useNames) ?? []
    var uses: [Use] = []
    for name in [use].compactMap(\.self) + also {
      guard let value = Use(rawValue: name) else { continue }
      if uses.contains(value) { root.report("use-twice", "also", "\(name) stands twice; keep one") }
      uses.append(value)
    }
    let jurisdictions = root.jurisdictions("jurisdictions", required: true)
    if jurisdictions?.contains("any") == true {
      root.report(
        "country",
        "jurisdictions",
        "a policy decides for places; name EU or countries instead of any"
      )
    }
    let defaultDecision = root.decision("default", required: true)
    let unknown = root.decision("unknown", required: true)
    let outside = root.decision("outside", required: true)
    let approval = root.choice("requireApproval", ["true", "false"]) == "true"
    let ruleMaps = root.maps("rules", required: true)
    let rules = ruleMaps.compactMap(rule)
    var places: [String: SourcePosition] = [:]
    for (rule, map) in zip(rules, ruleMaps) where rules.count == ruleMaps.count {
      if places.updateValue(map.position, forKey: rule.id) != nil {
        map.report("rule-twice", "id", "the id \(rule.id) stands twice; give one another name")
      }
    }
    var waiverIDs: Set<String> = []
    let waivers = root.maps("waivers").compactMap { map in
      let found = waiver(map, rules: rules)
      if let found, !waiverIDs.insert(found.id).inserted {
        map.report("waiver-twice", "id", "the id \(found.id) stands twice; give one another name")
      }
      return found
    }
    let conflicts = root.maps("conflicts").compactMap(conflict)
    root.finish()
    guard let id, let version, use != nil, let jurisdictions, let defaultDecision, let unknown,
      let outside
    else { return nil }
    let policy = LicensePolicy(
      id: id,
      version: version,
      uses: uses,
      jurisdictions: jurisdictions,
      defaultDecision: defaultDecision,
      unknown: unknown,
      outside: outside,
      requiresApproval: approval,
      rules: rules,
      waivers: waivers,
      conflicts: conflicts
    )
    for found in policy.contradictions {
      root.list.report(
        found.kind.rawValue,
        "rules",
        found.sentence,
        at: places[found.rule] ?? root.position(of: "rules"),
        severity: found.isError ? .error : .warning
      )
    }
    return (policy, places)
  }

  private func rule(_ map: MapReader) -> LicensePolicy.Rule? {
    defer { map.finish() }
    let id = map.text("id", required: true, length: 1...64)
    let then = map.decision("then", required: true)
    let reason = map.text("reason", required: true)
    let when = map.map("when", required: true).map(condition)
    guard let id, let then, let reason, let when else { return nil }
    return LicensePolicy.Rule(id: id, when: when, then: then, reason: reason)
  }

  private func condition(_ map: MapReader) -> LicensePolicy.Condition {
    var condition = LicensePolicy.Condition()
    condition.categories = anyOf(map, "category", Self.categories, code: "category")
    condition.licenses = (map.anyOf("license") ?? []).compactMap { license($0, "license", map) }
    condition.bases = anyOf(map, "basis", Self.bases)
    condition.sources = map.anyOf("source") ?? []
    condition.plugins = map.anyOf("plugin") ?? []
    condition.jurisdictions = map.anyOf("jurisdiction") ?? []
    for place in condition.jurisdictions where place != "EU" && !Jurisdiction.isCountry(place) {
      map.report(
        "country",
        "jurisdiction",
        "'\(place.prefix(40))' is neither EU nor a two-letter country code"
      )
    }
    condition.personalData = anyOf(map, "personalData", ["no", "possible", "yes"])
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
    if map.names.isEmpty { map.report("when", "", "a rule needs at least one condition") }
    map.finish()
    return condition
  }

  /// A text or a list of texts, each one of the values.
  private func anyOf(
    _ map: MapReader,
    _ name: String,
    _ values: [String],
    code: String = "enum"
  ) -> [String] {
    let found = map.anyOf(name) ?? []
    for text in found where !values.contains(text) {
      let nearest = NearestName.find(text, among: values).map { "; did you mean \($0)?" } ?? ""
      map.report(
        code,
        name,
        "'\(text.prefix(40))' is none of \(values.joined(separator: ", "))\(nearest)"
      )
    }
    return found
  }

  /// A license id, a `LicenseRef`, or a pair with an exception, in the list's spelling.
  private func license(_ text: String, _ name: String, _ map: MapReader) -> String? {
    do {
      let expression = try LicenseExpression(text)
      switch expression {
      case .license, .reference, .with: return expression.normalized
      case .and, .or, .absent:
        map.report(
          "license",
          name,
          "'\(text.prefix(80))' is no single license; a rule names licenses one by one, and NONE and NOASSERTION are judged by 'unknown'"
        )
      }
    } catch {
      map.report("license", name, "\(error)")
    }
    return nil
  }

  private func terms(_ map: MapReader) -> [LicensePolicy.Condition.Term] {
    guard let value = map.value("term") else { return [] }
    if case .map = value, let inner = map.map("term") {
      if !inner.has("ends-within") {
        inner.report("required", "ends-within", "is required and missing; add it")
      }
      let days = inner.count("ends-within", 0...36_500)
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
    let id = map.text("id", required: true, length: 1...64)
    let source = map.text("source", required: true)
    let name = map.text("rule", required: true)
    let by = map.text("by", required: true, length: 1...200)
    let reason = map.text("reason", required: true)
    let on = map.date("on", required: true)
    let expires = map.date("expires", required: true)
    if let on, let expires, expires < on {
      map.report("date-order", "expires", "lies before 'on'")
    }
    if let name {
      if let rule = rules.first(where: { $0.id == name }) {
        switch rule.then {
        case .deny: map.report("waiver-on-deny", "rule", "a deny cannot be waived")
        case .allow:
          map.warn("waiver-on-allow", "rule", "rule \(name) allows: there is nothing to lift")
        case .review: break
        }
      } else {
        let nearest =
          NearestName.find(name, among: rules.map(\.id)).map { "; did you mean \($0)?" } ?? ""
        map.report("waiver-rule", "rule", "there is no rule '\(name.prefix(40))'\(nearest)")
      }
    }
    guard let id, let source, let name, let by, let reason, let on, let expires else { return nil }
    return LicensePolicy.Waiver(
      id: id,
      source: source,
      rule: name,
      by: by,
      on: on,
      reason: reason,
      expires: expires
    )
  }

  private func conflict(_ map: MapReader) -> LicensePolicy.Conflict? {
    defer { map.finish() }
    func side(_ name: String) -> String? {
      guard let text = map.text(name, required: true) else { return nil }
      return Self.categories.contains(text) ? text : license(text, name, map)
    }
    let (a, b) = (side("a"), side("b"))
    let sameLicense = map.bool("sameLicense", required: true)
    let then = map.choice("then", ["review", "deny"], required: true).flatMap(Decision.init)
    let reason = map.text("reason", required: true)
    guard let a, let b, let sameLicense, let then, let reason else { return nil }
    return LicensePolicy.Conflict(a: a, b: b, sameLicense: sameLicense, then: then, reason: reason)
  }
}
