internal import CanonicalCoding
internal import Licensing
internal import Manifests

/// What stands in the way, and what somebody has to look at.
struct BlockersSection {
  private let report: EpochReport
  init(_ report: EpochReport) { self.report = report }

  var markup: Markup {
    let facts = report.facts
    return .section(
      "blockers",
      "Blockers",
      [
        table(facts.blockers, empty: "Nothing is denied, unknown, expired or voided."),
        .element("h3", [], "To be reviewed"),
        table(facts.reviews, empty: "Nothing waits for a review."),
        .element("h3", [], "License conflicts"),
        conflicts(facts.conflicts),
      ]
    )
  }

  private func table(_ notices: [ReportFacts.Notice], empty: String) -> Markup {
    NoticeTable(report, notices).markup(empty: empty)
  }

  private func conflicts(_ conflicts: [LicenseConflict]) -> Markup {
    guard report.input.epoch.policy.policy.uses.contains(.redistribute) else {
      return .element(
        "p",
        [("class", "none")],
        "Not looked for: the policy does not decide on redistribution, where conflicts between licenses arise."
      )
    }
    return .table(
      ["License", "Conflicts with", "Sources", "Decision", "Why"],
      conflicts.map { conflict in
        [
          .text(conflict.a.license), .text(conflict.b.license),
          .text(Set(conflict.a.sources + conflict.b.sources).sorted().joined(separator: ", ")),
          DecisionSection.mark(conflict.decision), .text(conflict.reason),
        ]
      },
      empty: "No two licenses of the set conflict."
    )
  }
}

/// What ends, or is due, within 90 days of the day of the decision.
struct DeadlinesSection {
  private let report: EpochReport
  init(_ report: EpochReport) { self.report = report }

  var markup: Markup {
    .section(
      "deadlines",
      "Ends or is due within \(ReportFacts.horizon) days",
      [
        .table(
          ["Day", "Source and line", "What", "License", "Records"],
          report.facts.deadlines.map { day, notice in
            [
              .text(day.description), report.link(notice.place), .text(notice.sentence),
              .text(notice.license), .text(notice.records.grouped),
            ]
          },
          numbers: [4],
          empty:
            "No license, obligation, waiver or review ends within \(ReportFacts.horizon) days of \(report.input.epoch.asOf)."
        )
      ]
    )
  }
}
