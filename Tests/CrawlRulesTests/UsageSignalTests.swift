import CrawlRules
import Testing

@Suite struct UsageSignalTests {
  @Test(arguments: [
    ("train-ai=n", UsagePreference.disallowed), ("train-ai=y", .allowed),
    ("search=y, train-ai=n", .disallowed), ("Train-AI = N", .disallowed),
    ("train-ai=n;q=1", .disallowed), ("train-ai=y, train-ai=n", .disallowed),
    ("train-ai=no", .disallowed), ("train-ai=never", .disallowed), ("train-ai=?0", .disallowed),
    ("train-ai=yes", .unknown), ("train-ai", .unknown), ("train=n", .unknown),
    ("train-ai-x=n", .unknown), ("", .unknown), (",=,;", .unknown),
  ])
  func `Content-Usage is read by its labels`(_ field: String, _ expected: UsagePreference) {
    #expect(UsageSignals.contentUsage(field) == expected)
  }

  @Test(arguments: [
    ("noai", nil, UsagePreference.disallowed), ("noindex, NoAI", nil, .disallowed),
    ("noml", nil, .disallowed), ("noimageai", nil, .disallowed),
    ("noindex", nil, .unknown), ("all", nil, .unknown), ("noaix", nil, .unknown),
    ("googlebot: noai", nil, .disallowed),
    ("googlebot: noai", "ingestbot", .unknown),
    ("ingestbot: noindex, noai", "IngestBot", .disallowed),
    ("googlebot: noindex, noai", "ingestbot", .unknown),
    ("unavailable_after: 25 Jun 2030, noai", "ingestbot", .disallowed),
    ("noai, googlebot: noindex", "ingestbot", .disallowed),
  ])
  func `robots tags refuse by their tokens, for whom they name`(
    _ field: String,
    _ agent: String?,
    _ expected: UsagePreference
  ) {
    #expect(UsageSignals.robotsTag(field, agent: agent) == expected)
  }

  @Test func `a reservation is 1 and nothing else, and 0 permits nothing`() {
    #expect(UsageSignals.reservation(" 1 ") == .disallowed)
    for value in ["0", "", "2", "true", "11"] {
      #expect(UsageSignals.reservation(value) == .unknown)
    }
    #expect(
      UsageSignals.meta("TDM-Reservation", "1") == .disallowed
        && UsageSignals.meta("description", "noai") == .unknown
    )
    #expect(UsageSignals.meta("robots", "noindex,noai") == .disallowed)
  }

  @Test func `any refusal wins, then any permission, in whatever order`() {
    let all: [UsagePreference] = [.unknown, .allowed, .disallowed]
    for a in all {
      for b in all {
        #expect(a.combined(with: b) == b.combined(with: a))
        #expect(a.combined(with: b).rawValue == max(a.rawValue, b.rawValue))
      }
    }
  }
}
