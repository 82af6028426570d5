import CanonicalCoding
import Licensing
import Testing
import _TestSupport

/// A policy that says two things at once is refused, and one that says something in vain is told so.
@Suite struct PolicyContradictionTests {
  private func rule(
    _ id: String,
    _ then: Decision,
    _ change: (inout LicensePolicy.Condition) -> Void
  ) -> LicensePolicy.Rule {
    var condition = LicensePolicy.Condition()
    change(&condition)
    return LicensePolicy.Rule(id: id, when: condition, then: then, reason: "why")
  }

  private func found(_ rules: [LicensePolicy.Rule]) -> [String] {
    LicensePolicy(
      id: "p",
      version: "1",
      uses: [.train],
      jurisdictions: ["EU"],
      defaultDecision: .review,
      unknown: .deny,
      outside: .deny,
      requiresApproval: false,
      rules: rules,
      waivers: []
    ).contradictions.map { "\($0.kind.rawValue) \($0.rule)" }
  }

  @Test func `two rules with the same conditions and different decisions contradict each other`() {
    let a = rule("a", .allow) { $0.categories = ["permissive", "public-domain"] }
    let b = rule("b", .deny) { $0.categories = ["public-domain", "permissive"] }
    let same = rule("c", .allow) { $0.categories = ["permissive", "public-domain"] }
    #expect(found([a, b]) == ["contradiction b"])
    #expect(found([a, same]) == [])
  }

  @Test func `a rule that a stricter one always overrules is in vain`() {
    let wide = rule("wide", .deny) { $0.categories = ["permissive"] }
    let byCategory = rule("r", .allow) {
      $0.categories = ["permissive"]
      $0.sources = ["s"]
    }
    #expect(found([wide, byCategory]) == ["rule-shadowed r"])
    // MIT is permissive by the table: a rule about it lies inside one about the category.
    #expect(found([wide, rule("r", .review) { $0.licenses = ["MIT"] }]) == ["rule-shadowed r"])
    #expect(found([wide, rule("r", .allow) { $0.licenses = ["CC-BY-4.0"] }]) == [])
    // The stricter rule is the narrower one: both speak.
    let narrow = rule("narrow", .deny) {
      $0.categories = ["permissive"]
      $0.jurisdictions = ["EU"]
    }
    #expect(found([rule("r", .allow) { $0.categories = ["permissive"] }, narrow]) == [])
  }

  @Test func `a contract prevails over a refusal, so that a rule about contracts is not in vain`() {
    let refusal = rule("optout", .deny) { $0.preferences = [.disallowed] }
    let contract = rule("contract", .allow) {
      $0.preferences = [.disallowed]
      $0.bases = ["contract"]
    }
    #expect(found([refusal, contract]) == [])
    let license = rule("license", .allow) {
      $0.preferences = [.disallowed]
      $0.bases = ["license"]
    }
    #expect(found([refusal, license]) == ["rule-shadowed license"])
  }

  @Test func `a rule whose conditions nothing can meet is in vain`() {
    let place = rule("us", .allow) {
      $0.categories = ["permissive"]
      $0.jurisdictions = ["US"]
    }
    #expect(found([place]) == ["rule-never us"])
    let category = rule("nc", .deny) {
      $0.licenses = ["MIT"]
      $0.categories = ["non-commercial"]
    }
    #expect(found([category]) == ["rule-never nc"])
  }

  /// The finder is asked about random rules what evaluation says about them: a shadowed rule never lowers or raises a decision.
  @Test func `what is called in vain changes no decision`() throws {
    let day = try #require(CivilDate("2026-11-20"))
    let licenses = ["MIT", "CC-BY-4.0", "CC-BY-NC-4.0", "CC0-1.0", "ODbL-1.0"]
    let categories = ["permissive", "non-commercial", "public-domain", "attribution-data"]
    var random = SeededRandom(seed: 7)
    var shadowed = 0
    for _ in 0..<400 {
      let rules = (0..<4).map { number in
        rule("r\(number)", Decision.allCases[Int(random.next() % 3)]) {
          if random.next() % 2 == 0 { $0.categories = [categories[Int(random.next() % 4)]] }
          if random.next() % 3 == 0 { $0.licenses = [licenses[Int(random.next() % 5)]] }
          if random.next() % 3 == 0 { $0.sources = ["s"] }
          if random.next() % 4 == 0 { $0.preferences = [.disallowed] }
          if random.next() % 4 == 0 { $0.bases = ["contract"] }
        }
      }
      func policy(_ rules: [LicensePolicy.Rule]) -> LicensePolicy {
        LicensePolicy(
          id: "p",
          version: "1",
          uses: [.train],
          jurisdictions: ["EU"],
          defaultDecision: .allow,
          unknown: .deny,
          outside: .deny,
          requiresApproval: false,
          rules: rules,
          waivers: []
        )
      }
      for contradiction in policy(rules).contradictions where contradiction.kind != .contradiction {
        shadowed += 1
        let without = policy(rules.filter { $0.id != contradiction.rule })
        for license in licenses {
          for source in ["s", "other"] {
            for basis in ["license", "contract"] {
              for preference in Preference.allCases {
                var situation = LicenseSituation(licensed: try LicenseExpression(license))
                (situation.source, situation.basis) = (source, basis)
                let decisions = [policy(rules), without].map {
                  PolicyEvaluation.evaluate(
                    situation,
                    preference: preference,
                    policy: $0,
                    asOf: day
                  ).decision
                }
                #expect(decisions[0] == decisions[1])
              }
            }
          }
        }
      }
    }
    #expect(shadowed > 100)
  }
}
