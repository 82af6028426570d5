internal import CanonicalCoding
internal import Manifests

/// Records whose license nobody knows, and records whose publishers reserved training.
struct CoverageSection {
  private let report: EpochReport
  init(_ report: EpochReport) { self.report = report }

  var markup: Markup {
    let facts = report.facts
    let excluded = report.input.epoch.sources.compactMap { source -> [Markup]? in
      let counts = source.commitment.counts
      let reasons = ExclusionReason.allCases.compactMap { reason -> String? in
        let count = counts.excluded[reason] ?? 0
        return count > 0 ? "\(reason.rawValue) \(count)" : nil
      }
      guard !reasons.isEmpty || counts.rejected > 0 else { return nil }
      return [
        report.link(facts.place(source.commitment.id, "overrides"), source.commitment.id),
        .text(reasons.joined(separator: ", ")), .text(counts.rejected.grouped),
        .text(source.commitment.tombstones.grouped),
      ]
    }
    return .section(
      "coverage",
      "Unknown and reserved",
      [
        .element("h3", [], "Records without a known license"),
        table(facts.unknown, empty: "Every record stands under a license that the policy knows."),
        .element("h3", [], "Committed although their publishers reserved training"),
        table(facts.reserved, empty: "No committed record carries a reservation."),
        .element("h3", [], "What files and pages say about their own licenses"),
        declared,
        .element("h3", [], "Left out, rejected, removed"),
        .table(
          ["Source", "Left out, by reason", "Rejected", "Removed (tombstones)"],
          excluded,
          numbers: [2, 3],
          empty: "Nothing was left out, rejected or removed."
        ),
      ]
    )
  }

  /// Headers, license files and rel=license beside what legal concluded.
  private var declared: Markup {
    let rows = report.input.epoch.sources.flatMap { source -> [[Markup]] in
      let concluded = Set(source.commitment.licenses.map(\.expression))
      let id = source.commitment.id
      return (report.input.figures.declared[id] ?? []).prefix(Self.limit).map { text, records in
        let name = text.replacing(" (header)", with: "").replacing(" (rel=license)", with: "")
        let verdict =
          name == "license file"
          ? "its text was not read for a license"
          : concluded.contains { $0 == name || $0.contains(name) }
            ? "as concluded" : "NOT what was concluded"
        return [
          report.link(report.facts.place(id, "license.concluded"), id), .text(text),
          .text(records.grouped), .text(verdict),
        ]
      }
    }
    return .all([
      .element(
        "p",
        [("class", "soft")],
        "Evidence that somebody declared a license; nothing was concluded from it."
      ),
      .table(
        ["Source", "Declared", "Records", "Beside the conclusion"],
        rows,
        numbers: [2],
        empty:
          "No record of these sources declares a license in a header, a license file or rel=license."
      ),
    ])
  }

  /// So many statements of one source are listed.
  private static let limit = 12

  private func table(_ notices: [ReportFacts.Notice], empty: String) -> Markup {
    NoticeTable(report, notices).markup(empty: empty)
  }
}

/// What changed since the epoch before.
struct ChangesSection {
  private let report: EpochReport
  init(_ report: EpochReport) { self.report = report }

  var markup: Markup {
    guard let difference = report.difference else {
      return .section(
        "changes",
        "Changes since the last epoch",
        [
          .element(
            "p",
            [("class", "none")],
            report.input.epoch.number == 1
              ? "This is the first epoch." : "The epoch before is not at hand."
          )
        ]
      )
    }
    var items = difference.sentences.map(Markup.text)
    items += difference.added.map { .text("new source: \($0)") }
    items += difference.removed.map { .text("source gone: \($0)") }
    var pieces = [Markup.list(items, empty: "Nothing changed for the whole.")]
    for source in difference.changed {
      let changes = source.manifest?.changes ?? []
      let lines = changes.prefix(Self.limit).map { change in
        Markup.all([
          report.link(ReportFacts.Place(source: source.id, line: change.newLine ?? 1)),
          .text(" \(change.sentence)"),
        ])
      }
      let rest = changes.count - lines.count
      pieces += [
        .element("h4", [], source.id),
        .list(
          source.sentences.map(Markup.text) + lines
            + (rest > 0 ? [.text("and \(rest) more changes of the manifest: ingest diff")] : []),
          empty: "nothing"
        ),
      ]
    }
    return .section(
      "changes",
      "Changes since epoch \(difference.numbers.old)",
      pieces
    )
  }

  /// So many changes of one manifest are listed.
  private static let limit = 40
}
