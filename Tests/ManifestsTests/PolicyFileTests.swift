import CanonicalCoding
import Licensing
import Manifests
import Testing
import _TestSupport

/// A misspelled policy must never allow what its author denies: every mistake has a place and a code.
@Suite struct PolicyFileTests {
  private static let text = """
    apiVersion: ingest/v1
    kind: LicensePolicy
    id: default
    version: "5"
    use: fine-tune
    also: [commercial]
    jurisdictions: [EU]
    default: review
    unknown: deny
    outside: deny
    rules:
      - id: no-nc
        when: {category: non-commercial}
        then: deny
        reason: Models are sold.
      - id: no-nd
        when: {category: no-derivatives, license: [CC-BY-ND-4.0, LicenseRef-x]}
        then: review
        reason: Open question.
      - id: ends
        when: {term: {ends-within: "90"}}
        then: review
        reason: It ends soon.
      - id: optout
        when: {preference: {train-ai: "n"}}
        then: deny
        reason: Reserved.
    waivers:
      - {id: W-7, source: news, rule: no-nd, by: legal, on: "2026-11-03", reason: Internal., expires: "2027-02-01"}
    conflicts:
      - {a: share-alike, b: ODbL-1.0, sameLicense: false, then: review, reason: Two at once.}
    """

  private func findings(_ text: String) -> [ManifestFinding] {
    do {
      return try PolicyFile.decode(Array(text.utf8), file: "p").warnings
    } catch {
      return error.findings
    }
  }

  @Test func `a policy is read whole`() throws {
    let policy = try PolicyFile.decode(Array(Self.text.utf8), file: "p").policy
    #expect(findings(Self.text) == [])
    #expect(policy.uses == [.fineTune, .commercial])
    #expect(policy.rules.map(\.id) == ["no-nc", "no-nd", "ends", "optout"])
    #expect(policy.rules[2].when.terms == [.endsWithin(days: 90)])
    #expect(policy.waivers.first?.by == "legal")
    #expect(policy.conflicts.first?.b == "ODbL-1.0")
  }

  @Test(arguments: [
    ("category: non-commercial", "category: noncommercial", "category", "error"),
    ("category: non-commercial", "categories: non-commercial", "unknown-key", "error"),
    ("{category: non-commercial}", "{}", "when", "error"),
    ("LicenseRef-x", "CC-BY-ND-4.O", "license", "error"),
    ("LicenseRef-x", "MIT OR ISC", "license", "error"),
    ("LicenseRef-x", "NOASSERTION", "license", "error"),
    ("ends-within: \"90\"", "ends-within: soon", "number", "error"),
    ("ends-within: \"90\"", "end-within: \"90\"", "required", "error"),
    ("train-ai: \"n\"", "train-ai: no", "enum", "error"),
    ("use: fine-tune", "use: finetune", "enum", "error"),
    ("also: [commercial]", "also: [fine-tune]", "use-twice", "error"),
    ("jurisdictions: [EU]", "jurisdictions: [any]", "country", "error"),
    ("jurisdictions: [EU]", "jurisdictions: [Germany]", "country", "error"),
    ("unknown: deny", "unknown: denied", "enum", "error"),
    ("    reason: Models are sold.\n", "", "required", "error"),
    ("id: no-nd", "id: no-nc", "rule-twice", "error"),
    ("rule: no-nd", "rule: no-nc", "waiver-on-deny", "error"),
    ("rule: no-nd", "rule: no-n", "waiver-rule", "error"),
    ("expires: \"2027-02-01\"", "expires: \"2026-02-01\"", "date-order", "error"),
    ("expires: \"2027-02-01\"", "expires: \"2027-02-30\"", "date", "error"),
    (", expires: \"2027-02-01\"", "", "required", "error"),
    ("a: share-alike", "a: sharealike", "expression", "error"),
    ("sameLicense: false", "sameLicense: no", "bool", "error"),
    (
      "{category: no-derivatives, license: [CC-BY-ND-4.0, LicenseRef-x]}",
      "{category: non-commercial}", "contradiction", "error"
    ),
    (
      "{category: no-derivatives, license: [CC-BY-ND-4.0, LicenseRef-x]}",
      "{category: non-commercial, source: news}", "rule-shadowed", "warning"
    ),
    (
      "{category: no-derivatives, license: [CC-BY-ND-4.0, LicenseRef-x]}", "{jurisdiction: US}",
      "rule-never", "warning"
    ),
  ])
  func `a mistake is named with its place`(
    _ from: String,
    _ to: String,
    _ code: String,
    _ severity: String
  ) {
    #expect(Self.text.contains(from), "\(from)")
    let found = findings(Self.text.replacing(from, with: to))
    let hit = found.first {
      $0.code == "policy.\(code)" || code == "expression" && $0.code == "policy.a"
        || code == "expression" && $0.code == "policy.license"
    }
    #expect(hit != nil, "\(to): \(found)")
    #expect(hit?.severity.rawValue == severity)
    #expect((hit?.line ?? 0) > 1)
  }

  @Test func `a waiver of a rule that allows is a warning`() {
    let text = Self.text.replacing(
      "then: review\n    reason: Open",
      with: "then: allow\n    reason: Open"
    )
    #expect(findings(text).map(\.code) == ["policy.waiver-on-allow"])
  }

  @Test func `what a policy asks about a source has a file form that says the same`() throws {
    for name in ["crawl", "archive", "corpus"] {
      let manifest = try SourceManifest.decode(
        Fixture.bytes("manifests/\(name).manifest"),
        file: "m"
      )
      let inputs = DecisionInputs(manifest)
      let again = try #require(DecisionInputs(bytes: inputs.bytes))
      #expect(again.bytes == inputs.bytes)
      let policy = try PolicyFile.decode(
        Fixture.bytes("manifests/policies/default.policy"),
        file: "p"
      )
      let day = try #require(CivilDate("2026-11-20"))
      let tables = [inputs, again].map {
        DecisionTable(inputs: [$0], policy: policy.policy, asOf: day).lines
      }
      #expect(tables[0] == tables[1])
      for (index, byte) in inputs.bytes.enumerated() where index % 11 == 0 {
        var bent = inputs.bytes
        bent[index] = byte ^ 1
        #expect(DecisionInputs(bytes: bent) == nil || bent == inputs.bytes, "byte \(index)")
      }
    }
  }

  @Test func `cases say what a policy has to decide, and which rule has to speak`() throws {
    let policy = try PolicyFile.decode(Array(Self.text.utf8), file: "p").policy
    let cases = try PolicyCases.decode(
      Array(
        """
        apiVersion: ingest/v1
        kind: PolicyCases
        asOf: "2026-11-20"
        cases:
          - {name: NC is denied, license: CC-BY-NC-4.0, expect: deny, rules: no-nc}
          - {name: a choice, license: CC-BY-NC-4.0 OR CC-BY-ND-4.0, expect: review, chosen: CC-BY-ND-4.0}
          - {name: reserved, license: MIT, train-ai: "n", expect: deny}
          - {name: wrong, license: MIT, expect: allow}
          - {name: wrong rule, license: CC-BY-NC-4.0, expect: deny, rules: optout}
        """.utf8
      ),
      file: "c"
    )
    let failures = cases.cases.map { $0.failure(under: policy) != nil }
    #expect(failures == [false, false, false, true, true])
  }
}
