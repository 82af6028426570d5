internal import CanonicalCoding
internal import Manifests

/// What has to be acted on, by license and reason: one decision over a thousand sources is one row.
struct NoticeTable {
  private let report: EpochReport
  private let notices: [ReportFacts.Notice]

  init(_ report: EpochReport, _ notices: [ReportFacts.Notice]) {
    (self.report, self.notices) = (report, notices)
  }

  private struct Key: Hashable {
    let license: String
    let sentence: String
  }

  /// So many sources of one row are linked to; the others say the same on their own pages.
  private static let limit = 8

  func markup(empty: String) -> Markup {
    let groups = Dictionary(grouping: notices) { Key(license: $0.license, sentence: $0.sentence) }
    let rows = groups.map { key, notices in
      (key: key, notices: notices, records: notices.reduce(0) { $0 + $1.records })
    }.sorted {
      ($1.records, $0.key.license, $0.key.sentence) < ($0.records, $1.key.license, $1.key.sentence)
    }
    return .table(
      ["License", "Records", "Why", "Sources and lines"],
      rows.map { row in
        [
          .text(row.key.license), .text(row.records.grouped), .text(row.key.sentence),
          sources(row.notices),
        ]
      },
      numbers: [1],
      empty: empty
    )
  }

  private func sources(_ notices: [ReportFacts.Notice]) -> Markup {
    var pieces: [Markup] = []
    for notice in notices.prefix(Self.limit) {
      if !pieces.isEmpty { pieces.append(.text(", ")) }
      pieces.append(report.link(notice.place))
    }
    let rest = notices.count - Self.limit
    if rest > 0 { pieces.append(.text(" and \(rest) more")) }
    return .all(pieces)
  }
}
