public import CanonicalCoding
public import Licensing

/// Cases that a policy has to decide as its author says: `NAME.cases`, beside `NAME.policy`.
public struct PolicyCases: Sendable {
  /// One case: a situation, and what is expected.
  public struct Case: Sendable {
    /// What the case shows.
    public let name: String
    /// The situation.
    public let situation: LicenseSituation
    /// What the publisher said about training.
    public let preference: Preference
    /// The day.
    public let asOf: CivilDate
    /// The expected decision.
    public let expected: Decision
    /// The rules that have to speak.
    public let rules: [String]
    /// The operand that has to be chosen.
    public let chosen: String?
    /// Where it stands in the file.
    public let position: SourcePosition
  }

  /// The cases in their order.
  public let cases: [Case]

  /// Reads a file of cases.
  ///
  /// - Parameters:
  ///   - bytes: the file's bytes.
  ///   - file: its name, for findings alone.
  /// - Returns: the cases.
  /// - Throws: `ManifestError` with all errors of the file at once; codes begin with `cases.`.
  public static func decode(_ bytes: [UInt8], file: String) throws(ManifestError) -> PolicyCases {
    let file = try DeclarationReader(bytes, file: file, kind: "PolicyCases", prefix: "cases")
    let root = file.map
    let day = root.date("asOf", required: true)
    let cases = root.maps("cases", required: true).compactMap { decode($0, day) }
    try file.finish()
    return PolicyCases(cases: cases)
  }

  private static func decode(_ map: MapReader, _ day: CivilDate?) -> Case? {
    defer { map.finish() }
    let name = map.text("name", required: true, length: 1...200)
    let license = map.expression("license", required: true)
    let expected = map.decision("expect", required: true)
    let rules = map.anyOf("rules") ?? []
    let chosen = map.text("chosen")
    let ownDay = map.date("asOf") ?? day
    var situation = LicenseSituation(licensed: license ?? .absent("NOASSERTION"))
    situation.source = map.text("source") ?? "case"
    situation.plugin = map.text("plugin") ?? "licensed-archive"
    situation.basis =
      map.choice(
        "basis",
        ["license", "public-domain", "tdm-exception", "consent", "own-data", "contract"]
      ) ?? "license"
    situation.jurisdictions = map.jurisdictions("jurisdiction") ?? ["any"]
    if let uses = map.map("uses") {
      for use in Use.allCases { situation.uses[use] = uses.decision(use.rawValue) }
      uses.finish()
    }
    if let term = map.map("term") {
      situation.termFrom = term.date("from")
      situation.termUntil = term.date("until")
      situation.warnsOnExpiry = term.choice("onExpiry", ["block", "warn"]) == "warn"
      term.finish()
    }
    situation.personalData = map.choice("personalData", ["no", "possible", "yes"]) ?? "no"
    situation.onUnknownPreference = map.decision("onUnknownPreference")
    let preference: Preference =
      switch map.choice("train-ai", ["y", "n", "unknown"]) {
      case "y": .allowed
      case "n": .disallowed
      default: .unknown
      }
    guard let name, license != nil, let expected, let ownDay else { return nil }
    return Case(
      name: name,
      situation: situation,
      preference: preference,
      asOf: ownDay,
      expected: expected,
      rules: rules,
      chosen: chosen,
      position: map.position
    )
  }
}

extension PolicyCases.Case {
  /// What is wrong when a policy judges this case; `nil` when it decides as expected.
  public func failure(under policy: LicensePolicy) -> String? {
    let found = PolicyEvaluation.evaluate(
      situation,
      preference: preference,
      policy: policy,
      asOf: asOf
    )
    let spoke = found.steps.map { "\($0.rule) \($0.decision.rawValue)" }.joined(separator: ", ")
    guard found.decision == expected else {
      return "\(expected.rawValue) expected, \(found.decision.rawValue) decided (\(spoke))"
    }
    for rule in rules where !found.steps.contains(where: { $0.rule == rule }) {
      return "rule \(rule) was expected to speak; these did: \(spoke)"
    }
    if let chosen, found.chosen != chosen {
      return "operand \(chosen) expected, \(found.chosen ?? "none") chosen"
    }
    return nil
  }
}
