import CanonicalCoding
import Licensing
import Manifests
import Merkle
import Testing
import _TestSupport

/// Decisions by people: in which order they may come, when they count, and whose signatures make them.
@Suite struct ReviewTests {
  private let manifest = SHA256Hash.of(Array("manifest".utf8))
  private let other = SHA256Hash.of(Array("another manifest".utf8))

  private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

  private func review(
    _ history: ReviewHistory,
    _ status: Review.Status,
    manifest: SHA256Hash? = nil,
    on: String = "2026-11-01",
    expires: String? = nil,
    scope: Review.Scope = Review.Scope(uses: [.train], jurisdictions: ["EU"])
  ) throws -> Review {
    try Review(
      source: "news",
      sequence: UInt64(history.reviews.count) + 1,
      previous: history.reviews.last?.digest,
      manifest: manifest ?? self.manifest,
      scope: scope,
      status: status,
      rule: status == .waived ? "share-alike" : nil,
      by: "legal@example.org",
      on: try day(on),
      reason: "read",
      expires: try (expires ?? (status == .waived ? "2027-01-01" : nil)).map { try day($0) },
      reference: nil
    )
  }

  private func history(_ states: [Review.Status]) throws -> ReviewHistory {
    try states.reduce(.empty) { try $0.adding(review($0, $1)) }
  }

  private func policy(_ uses: [Use] = [.train], _ places: [String] = ["EU"]) -> LicensePolicy {
    LicensePolicy(
      id: "p",
      version: "1",
      uses: uses,
      jurisdictions: places,
      defaultDecision: .allow,
      unknown: .deny,
      outside: .deny,
      requiresApproval: true,
      rules: [],
      waivers: []
    )
  }

  private func status(_ history: ReviewHistory, _ on: String, _ policy: LicensePolicy) throws
    -> String
  {
    history.standing(of: "MIT", manifest: manifest, policy: policy, asOf: try day(on)).sentence
  }

  @Test func `states follow each other as the table says, and in no other way`() throws {
    let allowed: [Review.Status?: Set<Review.Status>] = [
      nil: [.draft, .inReview], .draft: [.inReview],
      .inReview: [.approved, .rejected, .waived, .draft], .approved: [.revoked, .inReview],
      .rejected: [.inReview], .revoked: [.inReview], .waived: [.inReview, .revoked],
    ]
    let ways: [Review.Status?: [Review.Status]] = [
      nil: [], .draft: [.draft], .inReview: [.inReview], .approved: [.inReview, .approved],
      .rejected: [.inReview, .rejected], .revoked: [.inReview, .approved, .revoked],
      .waived: [.inReview, .waived],
    ]
    for (from, states) in ways {
      let history = try history(states)
      for to in Review.Status.allCases {
        let next = try review(history, to)
        if allowed[from]?.contains(to) == true {
          #expect(try history.adding(next).reviews.count == states.count + 1)
        } else {
          #expect(throws: ReviewError.self, "\(String(describing: from)) to \(to)") {
            try history.adding(next)
          }
        }
      }
    }
  }

  @Test func `a gap, a fork, another source and a day that runs backwards are refused`() throws {
    let begun = try history([.inReview])
    let good = try review(begun, .approved)
    func changed(
      source: String = "news",
      sequence: UInt64 = 2,
      previous: SHA256Hash?,
      on: String = "2026-11-01"
    ) throws -> Review {
      try Review(
        source: source,
        sequence: sequence,
        previous: previous,
        manifest: manifest,
        scope: good.scope,
        status: .approved,
        rule: nil,
        by: "x",
        on: try day(on),
        reason: "y",
        expires: nil,
        reference: nil
      )
    }
    let chain = begun.reviews.last?.digest
    let table: [(Review, String)] = [
      (try changed(sequence: 3, previous: chain), "review-chain"),
      (try changed(previous: other), "review-chain"),
      (try changed(source: "else", previous: chain), "review-source"),
      (try changed(previous: chain, on: "2026-10-31"), "review-chain"),
    ]
    for (review, code) in table {
      do {
        _ = try begun.adding(review)
        Issue.record("\(code) is not seen")
      } catch { #expect(error.code == code) }
    }
    #expect(try begun.adding(good).continues(begun))
    #expect(!begun.continues(try begun.adding(good)))
  }

  @Test func `another manifest voids what was decided, and begins anew`() throws {
    let approved = try history([.inReview, .approved])
    #expect(try status(approved, "2026-11-02", policy()).hasPrefix("approved"))
    let voided = approved.standing(
      of: "MIT",
      manifest: other,
      policy: policy(),
      asOf: try day("2026-11-02")
    )
    #expect(voided.sentence == "draft (voided: manifest changed since review 2)")
    // A submission of the new version is allowed although the last state was approved.
    let again = try approved.adding(review(approved, .inReview, manifest: other))
    #expect(try status(again, "2026-11-02", policy()).hasPrefix("approved"))
  }

  @Test func `a decision counts from its day through its last day`() throws {
    let begun = try history([.inReview])
    let limited = try begun.adding(review(begun, .approved, expires: "2026-12-31"))
    #expect(try status(limited, "2026-10-31", policy()) == "draft")
    #expect(try status(limited, "2026-12-31", policy()).hasPrefix("approved"))
    #expect(
      try status(limited, "2027-01-01", policy())
        == "in-review (review 1 by legal@example.org on 2026-11-01)"
    )
  }

  @Test func `an approval has to cover the policy, a rejection only to touch it`() throws {
    let begun = try history([.inReview])
    let approved = try begun.adding(review(begun, .approved))
    let rejected = try begun.adding(review(begun, .rejected))
    let wider = policy([.train, .commercial], ["EU", "US"])
    #expect(
      try status(approved, "2026-11-02", wider)
        == "draft (review 2 does not cover every use and place of the policy)"
    )
    #expect(try status(rejected, "2026-11-02", wider).hasPrefix("rejected"))
    #expect(
      try status(rejected, "2026-11-02", policy([.evaluate]))
        == "draft (review 2 does not cover every use and place of the policy)"
    )
    #expect(try status(approved, "2026-11-02", policy([.train], ["DE"])).hasPrefix("approved"))
  }

  @Test func `one review may speak of one license entry alone`() throws {
    let scope = Review.Scope(uses: [.train], jurisdictions: ["EU"], licenses: ["CC-BY-4.0"])
    let begun = try history([.inReview])
    let approved = try begun.adding(review(begun, .approved, scope: scope))
    for (entry, expected) in [("CC-BY-4.0", Review.Status.approved), ("MIT", .inReview)] {
      let found = approved.standing(
        of: entry,
        manifest: manifest,
        policy: policy(),
        asOf: try day("2026-11-02")
      )
      #expect(found.status == expected)
    }
  }

  @Test func `a payload is read back, and every other form of it is refused`() throws {
    let begun = try history([.inReview])
    let review = try review(begun, .waived, expires: "2027-02-01")
    #expect(try Review(payload: review.bytes) == review)
    let text = String(decoding: review.bytes, as: UTF8.self)
    for (from, to) in [
      ("\"kind\"", "\"kinds\""), ("waived", "approved"), ("waived", "waved"), ("\"2\"", "\"02\""),
      ("\"rule\":\"share-alike\"", "\"rule\":\"\""), ("2027-02-01", "2026-02-30"),
      ("2027-02-01", "2026-10-01"), ("\"reason\":\"read\"", "\"reason\":\"  \""),
      ("\"reason\":\"read\"", "\"reason\":\"a\u{202E}b\""), ("\"uses\":[\"train\"]", "\"uses\":[]"),
      ("\"uses\":[\"train\"]", "\"uses\":[\"trian\"]"), ("[\"EU\"]", "[\"Europe\"]"),
      ("\"source\":\"news\"", "\"source\":\"news\",\"x\":\"1\""), ("{\"api", " {\"api"),
    ] {
      #expect(text.contains(from), "\(from)")
      #expect(throws: ReviewError.self, "\(from) as \(to)") {
        try Review(payload: Array(text.replacing(from, with: to).utf8))
      }
    }
    for end in stride(from: 0, to: review.bytes.count, by: 7) {
      #expect(throws: ReviewError.self) { try Review(payload: Array(review.bytes[..<end])) }
    }
  }
}
