internal import CanonicalCoding
internal import Licensing
internal import Manifests

/// Every source in short: license, basis, decision, evidence, counts, roots; the rest is on its own page.
struct SourcesSection {
  private let report: EpochReport
  init(_ report: EpochReport) { self.report = report }

  var markup: Markup {
    .section(
      "sources",
      "Sources",
      report.input.epoch.sources.map { SourceSummary(report, $0).markup }
    )
  }
}

/// A source, as the page of the whole shows it.
struct SourceSummary {
  private let report: EpochReport
  private let source: EpochContents.Source
  private var id: String { source.commitment.id }

  init(_ report: EpochReport, _ source: EpochContents.Source) {
    (self.report, self.source) = (report, source)
  }

  var markup: Markup {
    .element(
      "article",
      [("class", "source"), ("id", "source-\(id)")],
      [
        .element(
          "h3",
          [],
          [
            .link(EpochReport.pageName(of: id), source.manifest?.title ?? id),
            .element("span", [("class", "soft")], "  \(id)"),
          ]
        ),
        facts, entries,
      ]
    )
  }

  private var facts: Markup {
    let commitment = source.commitment
    let manifest = source.manifest
    func at(_ path: String, _ text: String) -> Markup {
      report.link(report.facts.place(id, path), text)
    }
    var pairs: [(name: String, value: Markup)] = [
      ("Records", at("input", commitment.counts.records.grouped)),
      ("Words", .text(commitment.counts.words.grouped)),
      (
        "Plugin",
        .text(
          "\(commitment.pluginName) \(commitment.pluginVersion), data version \(commitment.version)"
        )
      ),
    ]
    if let manifest {
      pairs += [
        ("Owner", at("parties.owner", manifest.owner)),
        ("Declared", at("license.declared", manifest.declaredLicense)),
        ("Basis", at("license.basis", manifest.license.basis)),
        (
          "Holds in",
          at("license.jurisdiction", manifest.license.jurisdictions.joined(separator: ", "))
        ),
        ("Personal data", at("personalData", manifest.personalData)),
      ]
      if let agreement = manifest.text("agreement.id") {
        pairs.append(
          (
            "Agreement",
            at("agreement", "\(agreement), \(manifest.text("agreement.licensor") ?? "")")
          )
        )
      }
    }
    return .all([.facts(pairs), .facts(wide, isWide: true)])
  }

  /// What needs a line of its own: digests.
  private var wide: [(name: String, value: Markup)] {
    var pairs: [(name: String, value: Markup)] = []
    for document in source.manifest?.documents ?? [] {
      guard let digest = document.sha256 else { continue }
      let place = ReportFacts.Place(source: id, line: document.position.line)
      pairs.append(
        (
          "Evidence",
          .all([report.link(place, document.field), .text(", sha256 "), .code(digest)])
        )
      )
    }
    pairs.append(("Root, SHA-256", .code(source.commitment.sha256Root.hex)))
    return pairs
  }

  private var entries: Markup {
    .table(
      ["License", "Records", "Preference", "Decision", "Until", "Why"],
      source.entries.enumerated().flatMap { index, entry in
        rows(entry, index)
      },
      numbers: [1],
      empty: "No license entry."
    )
  }

  private func rows(_ entry: EpochContents.Entry, _ index: Int) -> [[Markup]] {
    entry.rows.enumerated().compactMap { place, row in
      let records = entry.license.preferences[row.preference] ?? 0
      // Entries without records are shown once, as zero.
      guard records > 0 || place == 0 && entry.license.records == 0 else { return nil }
      let evaluation = place < entry.evaluations.count ? entry.evaluations[place] : nil
      let chosen = row.chosen.map { ", chosen: \($0)" } ?? ""
      return [
        report.link(
          report.facts.place(of: entry, index, id),
          "\(entry.license.expression)\(chosen)"
        ),
        .text(records.grouped), .text(row.preference.name), DecisionSection.mark(row.decision),
        .text(row.until?.description ?? "no end"),
        .text(ReportFacts.reason(row, evaluation) + (row.waiver.map { "; waived by \($0)" } ?? "")),
      ]
    }
  }
}
