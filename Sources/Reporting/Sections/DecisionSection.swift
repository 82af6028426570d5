internal import CanonicalCoding
internal import Licensing
internal import Manifests

/// The first screen: the decision, and the numbers behind it.
struct DecisionSection {
  private let report: EpochReport
  init(_ report: EpochReport) { self.report = report }

  var markup: Markup {
    let facts = report.facts
    let policy = report.input.epoch.policy.policy
    let decision = facts.decision
    let verdict = Markup.element(
      "div",
      [("class", "verdict \(decision.rawValue)")],
      [
        .element("span", [], "Decision"),
        .element("strong", [], Self.headline(decision)),
        .element(
          "span",
          [],
          "for \(policy.uses.map(Self.words).joined(separator: " and ")) in \(policy.jurisdictions.joined(separator: ", ")), policy \(policy.id) \(policy.version)"
        ),
      ]
    )
    return .element(
      "section",
      [("class", "lead"), ("id", "decision")],
      [verdict, .element("div", [("class", "tiles")], tiles(facts))]
    )
  }

  private static func words(_ use: Use) -> String {
    switch use {
    case .train: "training"
    case .fineTune: "fine-tuning"
    case .evaluate: "evaluation"
    case .redistribute: "redistribution"
    case .commercial: "commercial use"
    }
  }

  static func headline(_ decision: Decision) -> String {
    switch decision {
    case .allow: "✓ ALLOW"
    case .review: "? REVIEW"
    case .deny: "✕ DENY"
    }
  }

  /// A decision as a word with a frame and a sign, so that nobody has to see its color.
  static func mark(_ decision: Decision) -> Markup {
    .element("span", [("class", "mark \(decision.rawValue)")], headline(decision))
  }

  private func tiles(_ facts: ReportFacts) -> [Markup] {
    func tile(_ value: UInt64, _ name: String, isBad: Bool = false) -> Markup {
      .element(
        "div",
        [("class", isBad && value > 0 ? "tile bad" : "tile")],
        [.element("b", [], value.grouped), .element("span", [], name)]
      )
    }
    func total(_ notices: [ReportFacts.Notice]) -> UInt64 { notices.reduce(0) { $0 + $1.records } }
    let counts = report.input.epoch.manifest.manifest.counts
    return [
      tile(facts.decisions[.allow] ?? 0, "records allowed"),
      tile(facts.decisions[.review] ?? 0, "records to review"),
      tile(facts.decisions[.deny] ?? 0, "records denied", isBad: true),
      tile(UInt64(facts.blockers.count), "blockers", isBad: true),
      tile(
        UInt64(facts.deadlines.count),
        "end or are due within \(ReportFacts.horizon) days",
        isBad: facts.deadlines.contains { $0.day <= report.input.epoch.asOf }
      ),
      tile(total(facts.unknown), "records of unknown license", isBad: true),
      tile(total(facts.reserved), "committed although reserved"),
      tile(counts.records, "records in \(report.input.epoch.sources.count) sources"),
    ]
  }
}
