import CanonicalCoding
import Licensing
import Testing
import _TestSupport

@Suite struct LicenseExpressionTests {
  @Test func `every contested expression is ruled as the table says`() throws {
    let lines = String(
      decoding: try Fixture.bytes("Fixtures/vectors/expressions.tsv"),
      as: UTF8.self
    ).split(separator: "\n")
    var count = 0
    for line in lines where !line.hasPrefix("#") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      count += 1
      do {
        let expression = try LicenseExpression(fields[0])
        #expect(fields[1] == "accept", "\(fields[0]) is accepted as \(expression.normalized)")
        #expect(expression.normalized == fields[2])
        #expect(try LicenseExpression(expression.normalized) == expression)
      } catch {
        #expect(fields[1] == "refuse", "\(fields[0]) is refused: \(error)")
        #expect(
          fields[2].contains(error.rule.rawValue),
          "\(fields[0]): \(error.rule.rawValue) is not \(fields[2])"
        )
      }
    }
    #expect(count == 43)
  }

  @Test func `hostile expressions end in an error`() {
    for text in [
      "", " ", "\t", "MIT\tAND ISC", "ＭＩＴ", "MIT\u{A0}AND ISC", String(repeating: "(", count: 5000),
      String(repeating: "(", count: 200) + "MIT" + String(repeating: ")", count: 200),
      "LicenseRef-a:b", "DocumentRef-:LicenseRef-a", "DocumentRef-a:", "AND", "+", ":",
    ] {
      #expect(throws: LicenseExpressionError.self) { try LicenseExpression(text) }
    }
    do { _ = try LicenseExpression("Apache-2.O") } catch { #expect(error.nearest == "Apache-2.0") }
  }

  @Test func `list and table have the digests that the design's example commits to`() throws {
    #expect(SPDXLicenseList.version == "3.29.0")
    #expect(SPDXLicenseList.licenses.count == 740)
    #expect(
      CanonicalJSON.encode(LicenseTable.json)
        == (try Fixture.bytes("Fixtures/vectors/license-table.json"))
    )
  }
}

@Suite struct PolicyTests {
  private let day: CivilDate

  init() throws { day = try #require(CivilDate("2026-11-20")) }

  private func situation(_ expression: String, basis: String = "license", until: String? = nil)
    throws -> LicenseSituation
  {
    LicenseSituation(
      source: "s",
      plugin: "web-crawl",
      expression: try LicenseExpression(expression),
      basis: basis,
      jurisdictions: ["any"],
      uses: [:],
      termFrom: nil,
      termUntil: until.flatMap { CivilDate($0) },
      warnsOnExpiry: false,
      axes: [:],
      personalData: "no",
      onUnknownPreference: nil,
      review: nil
    )
  }

  private func policy(
    _ rules: [LicensePolicy.Rule],
    waivers: [LicensePolicy.Waiver] = [],
    uses: [Use] = [.evaluate]
  ) -> LicensePolicy {
    LicensePolicy(
      id: "p",
      version: "1",
      uses: uses,
      jurisdictions: ["EU"],
      defaultDecision: .review,
      unknown: .deny,
      outside: .deny,
      requiresApproval: false,
      rules: rules,
      waivers: waivers
    )
  }

  private func rule(_ id: String, _ category: String, _ then: Decision) -> LicensePolicy.Rule {
    var when = LicensePolicy.Condition()
    when.categories = [category]
    return LicensePolicy.Rule(id: id, when: when, then: then, reason: "r")
  }

  private func decide(
    _ situation: LicenseSituation,
    _ policy: LicensePolicy,
    _ preference: Preference = .unknown
  ) -> PolicyEvaluation {
    PolicyEvaluation.evaluate(situation, preference: preference, policy: policy, asOf: day)
  }

  @Test func `AND takes the worst operand, OR the best, and says which`() throws {
    let rules = policy([
      rule("a", "permissive", .allow), rule("s", "share-alike", .review),
      rule("n", "non-commercial", .deny),
    ])
    #expect(decide(try situation("MIT AND CC-BY-SA-4.0"), rules).decision == .review)
    #expect(decide(try situation("MIT AND CC-BY-NC-4.0"), rules).decision == .deny)
    let either = decide(try situation("CC-BY-NC-4.0 OR MIT"), rules)
    #expect(either.decision == .allow)
    #expect(either.chosen == "MIT")
    // CC BY-NC-SA is in two categories: the worst rule counts, whatever the order.
    #expect(decide(try situation("CC-BY-NC-SA-4.0"), rules).decision == .deny)
  }

  @Test func `what nobody knows is unknown, what no rule matches takes the default`() throws {
    let rules = policy([rule("a", "permissive", .allow)])
    #expect(decide(try situation("LicenseRef-x"), rules).decision == .deny)
    #expect(decide(try situation("NOASSERTION"), rules).decision == .deny)
    #expect(decide(try situation("CC-BY-4.0"), rules).decision == .review)
    #expect(decide(try situation("PSF-2.0"), rules).decision == .deny)
  }

  @Test func `an ended term denies, and that alone is told apart`() throws {
    let rules = policy([rule("a", "permissive", .allow)])
    let ended = decide(try situation("MIT", until: "2026-11-19"), rules)
    #expect(ended.decision == .deny)
    #expect(ended.isDeniedByTerm)
    #expect(decide(try situation("MIT", until: "2026-11-20"), rules).decision == .allow)
  }

  @Test func `a waiver lifts a review of its rule, never a deny, and ends`() throws {
    let waiver = LicensePolicy.Waiver(
      id: "W",
      source: "s",
      rule: "s",
      by: "legal",
      on: day,
      reason: "why",
      expires: day
    )
    let rules = [rule("s", "share-alike", .review)]
    let lifted = decide(try situation("CC-BY-SA-4.0"), policy(rules, waivers: [waiver]))
    #expect(lifted.decision == .allow)
    #expect(lifted.waivers == ["W"])
    let other = LicensePolicy.Waiver(
      id: "W",
      source: "other",
      rule: "s",
      by: "legal",
      on: day,
      reason: "why",
      expires: day
    )
    #expect(
      decide(try situation("CC-BY-SA-4.0"), policy(rules, waivers: [other])).decision == .review
    )
    let ended = LicensePolicy.Waiver(
      id: "W",
      source: "s",
      rule: "s",
      by: "legal",
      on: CivilDate("2026-11-01")!,
      reason: "why",
      expires: CivilDate("2026-11-19")!
    )
    #expect(
      decide(try situation("CC-BY-SA-4.0"), policy(rules, waivers: [ended])).decision == .review
    )
  }

  @Test func `uses that the license denies are denied whatever the rules say`() throws {
    let rules = policy([rule("n", "non-commercial", .allow)], uses: [.commercial])
    #expect(decide(try situation("CC-BY-NC-4.0"), rules).decision == .deny)
  }

  @Test func `the union covers its members, and a member does not cover the union`() {
    #expect(Jurisdiction.covers(["EU"], "DE"))
    #expect(!Jurisdiction.covers(["DE"], "EU"))
    #expect(!Jurisdiction.covers(["EU"], "GB"))
    #expect(Jurisdiction.covers(["any"], "US"))
  }
}
