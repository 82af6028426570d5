internal import CanonicalCoding
internal import Manifests

/// Records and words by license, source and year.
struct ChartsSection {
  private let report: EpochReport
  init(_ report: EpochReport) { self.report = report }

  var markup: Markup {
    let epoch = report.input.epoch
    let figures = report.input.figures
    let expressions = Dictionary(
      epoch.sources.map { ($0.commitment.id, $0.commitment.licenses.map(\.expression)) },
      uniquingKeysWith: { first, _ in first }
    )
    func license(_ key: RecordFigures.Key) -> String {
      let own = expressions[key.source] ?? []
      return key.licenseIndex < own.count ? own[key.licenseIndex] : "unknown"
    }
    let byLicense = figures.grouped(license)
    let bySource = figures.grouped { $0.source }
    let byYear = figures.grouped { $0.year.map(String.init) ?? "not stated" }
    var charts: [Markup] = []
    charts += pair("By license", byLicense) { BarChart.largest($0) }
    charts += pair("By source", bySource) { BarChart.largest($0) }
    charts += pair("By year that the record itself states", byYear) { bars in
      bars.sorted { $0.name < $1.name }
    }
    return .section(
      "charts",
      "Charts",
      [
        .element(
          "p",
          [("class", "soft")],
          "Counted from the leaves of this epoch; they add up to the counts of the commit file."
        ),
        .element("div", [("class", "charts")], charts),
      ]
    )
  }

  private func pair(
    _ title: String,
    _ counts: [String: RecordFigures.Count],
    order: ([BarChart.Bar]) -> [BarChart.Bar]
  ) -> [Markup] {
    [
      BarChart(
        title: title,
        unit: "records",
        bars: order(counts.map { BarChart.Bar(name: $0.key, value: $0.value.records) })
      ).markup,
      BarChart(
        title: title,
        unit: "words",
        bars: order(counts.map { BarChart.Bar(name: $0.key, value: $0.value.words) })
      ).markup,
    ]
  }
}
