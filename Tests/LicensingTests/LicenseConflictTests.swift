import Licensing
import Testing

/// Licenses that cannot both be met where a set is passed on.
@Suite struct LicenseConflictTests {
  private func policy(_ uses: [Use], _ conflicts: [LicensePolicy.Conflict]) -> LicensePolicy {
    LicensePolicy(
      id: "p",
      version: "1",
      uses: uses,
      jurisdictions: ["EU"],
      defaultDecision: .allow,
      unknown: .deny,
      outside: .deny,
      requiresApproval: false,
      rules: [],
      waivers: [],
      conflicts: conflicts
    )
  }

  private func holding(_ source: String, _ license: String) -> LicenseConflict.Holding {
    LicenseConflict.Holding(
      source: source,
      license: license,
      categories: LicenseTable.axes(of: license)?.categories ?? []
    )
  }

  private let twoCopylefts = LicensePolicy.Conflict(
    a: "share-alike",
    b: "share-alike",
    sameLicense: false,
    then: .review,
    reason: "two at once"
  )

  @Test func `two different share-alike licenses conflict, one with itself does not`() {
    let set = [
      holding("a", "CC-BY-SA-4.0"), holding("b", "CC-BY-SA-4.0"), holding("c", "ODbL-1.0"),
      holding("d", "MIT"),
    ]
    let found = LicenseConflict.find(among: set, policy: policy([.redistribute], [twoCopylefts]))
    #expect(found.map { "\($0.a.license) \($0.b.license)" } == ["CC-BY-SA-4.0 ODbL-1.0"])
    #expect(found.first?.a.sources == ["a", "b"])
    #expect(
      LicenseConflict.find(
        among: [set[0], set[1]],
        policy: policy([.redistribute], [twoCopylefts])
      )
      .isEmpty
    )
  }

  @Test func `a license can conflict with itself, and a license with a category`() {
    let own = LicensePolicy.Conflict(
      a: "ODbL-1.0",
      b: "ODbL-1.0",
      sameLicense: true,
      then: .deny,
      reason: "once"
    )
    let mixed = LicensePolicy.Conflict(
      a: "non-commercial",
      b: "CC-BY-SA-4.0",
      sameLicense: false,
      then: .deny,
      reason: "never"
    )
    let set = [
      holding("a", "ODbL-1.0"), holding("b", "CC-BY-NC-4.0"), holding("c", "CC-BY-SA-4.0"),
    ]
    let found = LicenseConflict.find(among: set, policy: policy([.redistribute], [own, mixed]))
    #expect(
      found.map { "\($0.a.license) \($0.b.license)" }
        == ["ODbL-1.0 ODbL-1.0", "CC-BY-NC-4.0 CC-BY-SA-4.0"]
    )
  }

  @Test func `nothing conflicts where nothing is passed on`() {
    let set = [holding("a", "CC-BY-SA-4.0"), holding("c", "ODbL-1.0")]
    #expect(LicenseConflict.find(among: set, policy: policy([.train], [twoCopylefts])).isEmpty)
  }
}
