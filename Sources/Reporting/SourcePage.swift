internal import CanonicalCoding
internal import Licensing
internal import Manifests

/// The page of one source: everything that the page of the whole leaves out, and the manifest itself with its lines.
struct SourcePage {
  private let report: EpochReport
  private let source: EpochContents.Source
  private var id: String { source.commitment.id }
  private var epoch: EpochContents { report.input.epoch }

  init(_ report: EpochReport, _ source: EpochContents.Source) {
    (self.report, self.source) = (report, source)
  }

  var bytes: [UInt8] {
    let title = source.manifest?.title ?? id
    return Markup.page(
      title: "\(title): license report, epoch \(epoch.number)",
      [
        .element(
          "header",
          [],
          [
            .element("nav", [], [.link("../report.html", "Report of the whole")]),
            .element("h1", [], title),
            .element(
              "p",
              [("class", "soft")],
              "Source \(id), version \(source.commitment.version), epoch \(epoch.number), decided as of \(epoch.asOf). Not legal advice."
            ),
          ]
        ),
        counts, licenses, reviews, obligations, evidence, roots, manifest,
      ]
    )
  }

  private func at(_ path: String, _ text: String) -> Markup {
    guard let line = report.facts.lines[id]?.line(of: path) else { return .text(text) }
    return .link("#L\(line)", text)
  }

  private var counts: Markup {
    let counts = source.commitment.counts
    var pairs: [(name: String, value: Markup)] = [
      ("Members", .text(counts.members.grouped)), ("Records", .text(counts.records.grouped)),
      ("Rejected", .text(counts.rejected.grouped)), ("Skipped", .text(counts.skipped.grouped)),
      ("Bytes", .text(counts.bytes.grouped)), ("Words", .text(counts.words.grouped)),
      ("Tombstones", .text(source.commitment.tombstones.grouped)),
    ]
    for reason in ExclusionReason.allCases {
      pairs.append(
        (
          "Left out: \(reason.rawValue)",
          at("overrides", (counts.excluded[reason] ?? 0).grouped)
        )
      )
    }
    let years = report.input.figures.counts.filter { $0.key.source == id }
    var byYear: [String: RecordFigures.Count] = [:]
    for (key, count) in years {
      byYear[key.year.map(String.init) ?? "not stated", default: RecordFigures.Count()] += count
    }
    let bars = byYear.sorted { $0.key < $1.key }
      .map { BarChart.Bar(name: $0.key, value: $0.value.records) }
    return .section(
      "counts",
      "Counts",
      [
        .facts(pairs),
        BarChart(title: "By year that the record itself states", unit: "records", bars: bars)
          .markup,
      ]
    )
  }

  private var licenses: Markup {
    var pieces: [Markup] = []
    for (index, entry) in source.entries.enumerated() {
      let line = index == 0 ? "license" : "overrides"
      pieces.append(.element("h3", [], "\(index). \(entry.license.expression)"))
      pieces.append(facts(of: entry, line))
      pieces.append(decisions(of: entry, index))
    }
    return .section("licenses", "Licenses and decisions", pieces)
  }

  private func facts(of entry: EpochContents.Entry, _ path: String) -> Markup {
    var pairs: [(name: String, value: Markup)] = [
      ("Records", .text(entry.license.records.grouped))
    ]
    if let grant = entry.grant {
      let place = Markup.link("#L\(grant.position.line)", "line \(grant.position.line)")
      pairs += [
        ("Stands at", place), ("Basis", .text(grant.basis)),
        ("Holds in", .text(grant.jurisdictions.joined(separator: ", "))),
        (
          "Term",
          .text(
            "\(grant.from?.description ?? "-") to \(grant.until?.description ?? "no end")\(grant.warnsOnExpiry ? ", then review" : "")"
          )
        ),
        ("Attribution", .text(grant.attribution ?? "none asked for")),
      ]
      for atom in grant.concluded.atoms {
        let base = atom.hasSuffix("+") ? String(atom.dropLast()) : atom
        guard let axes = LicenseTable.axes(of: base) ?? source.manifest?.axes[base] else {
          pairs.append((atom, .text("no axes are known")))
          continue
        }
        pairs.append(
          (
            atom,
            .text(
              "\(axes.categories.sorted().joined(separator: ", ")): "
                + LicenseAxes.values.map { "\($0.name) \(axes[$0.name])" }.joined(separator: ", ")
            )
          )
        )
      }
    }
    return .facts(pairs, isWide: true)
  }

  /// One row a jurisdiction and preference, with every rule that spoke.
  private func decisions(of entry: EpochContents.Entry, _ index: Int) -> Markup {
    var rows: [[Markup]] = []
    let inputs = source.manifest.map { DecisionInputs($0) }
    for row in entry.rows {
      let records = entry.license.preferences[row.preference] ?? 0
      for jurisdiction in epoch.policy.policy.jurisdictions {
        let policy = epoch.policy.policy.restricted(to: jurisdiction)
        let evaluation = inputs.map {
          PolicyEvaluation.evaluate(
            $0.situation(of: index, policy: policy, asOf: epoch.asOf),
            preference: row.preference,
            policy: policy,
            asOf: epoch.asOf
          )
        }
        rows.append([
          .text(row.preference.name), .text(records.grouped), .text(jurisdiction),
          DecisionSection.mark(evaluation?.decision ?? row.decision),
          .text(evaluation?.chosen ?? row.chosen ?? ""), steps(evaluation),
        ])
      }
    }
    return .table(
      ["Preference", "Records", "In", "Decision", "Chosen", "Rules that spoke"],
      rows,
      numbers: [1],
      empty: "No row of the decision table."
    )
  }

  private func steps(_ evaluation: PolicyEvaluation?) -> Markup {
    .list(
      (evaluation?.steps ?? []).map { step in
        let waiver = step.waiver.map { ", waived by \($0)" } ?? ""
        return .text("\(step.rule): \(step.decision.rawValue)\(waiver): \(step.reason)")
      },
      empty: "The committed table says so; it could not be made again here."
    )
  }

  private var reviews: Markup {
    let history = source.manifest?.reviews.reviews ?? []
    let own = source.manifest?.inlineReview
    let rows = history.map { review -> [Markup] in
      [
        .text("\(review.sequence)"), .text(review.on.description), .text(review.status.rawValue),
        .text(review.by),
        .text(
          "\(review.scope.uses.map(\.rawValue).joined(separator: ", ")); \(review.scope.jurisdictions.joined(separator: ", "))\(review.rule.map { "; lifts rule \($0)" } ?? "")"
        ),
        .text(review.expires?.description ?? "no end"),
        .text(
          review.reason
            + (review.manifest == source.commitment.manifestDigest
              ? "" : " (voided: the manifest changed since)")
        ),
        .code(review.digest.hex),
      ]
    }
    var pieces = [
      Markup.table(
        ["No.", "Day", "State", "By", "Scope", "Through", "Why", "sha256"],
        rows,
        empty: "There is no signed review."
      )
    ]
    if let own, history.isEmpty {
      pieces.append(
        .all([
          at("review", "In the manifest"),
          .text(": \(own.status.rawValue) by \(own.by) on \(own.on): \(own.reason)"),
        ])
      )
    }
    return .section("reviews", "Reviews", pieces)
  }

  private var obligations: Markup {
    let entries = source.manifest?.entries("license.obligations") ?? []
    return .section(
      "obligations",
      "Obligations",
      [
        .table(
          ["Id", "What", "When", "Who"],
          entries.enumerated().map { index, entry in
            [
              at("license.obligations[\(index)]", entry["id"]?.text ?? ""),
              .text(entry["text"]?.text ?? ""),
              .text(entry["due"]?.text ?? "every \(entry["every"]?.text ?? "")"),
              .text(entry["owner"]?.text ?? ""),
            ]
          },
          empty: "None is declared."
        )
      ]
    )
  }

  private var evidence: Markup {
    let documents = source.manifest?.documents ?? []
    return .section(
      "evidence",
      "Documents and evidence",
      [
        .table(
          ["Member and line", "Document", "sha256"],
          documents.map { document in
            [
              .link(
                "#L\(document.position.line)",
                "\(document.field), line \(document.position.line)"
              ),
              .text(document.uri), .code(document.sha256 ?? "not bound"),
            ]
          },
          empty: "The manifest names no document."
        )
      ]
    )
  }

  private var roots: Markup {
    let commitment = source.commitment
    return .section(
      "roots",
      "Roots",
      [
        .facts(
          [
            ("SHA-256", .code(commitment.sha256Root.hex)),
            ("Poseidon2", .code(commitment.poseidon2Root.hex)),
            ("Leaves", .text(commitment.size.grouped)),
            ("Manifest", .code(commitment.manifestDigest.hex)),
            ("Manifest's file", .code(commitment.manifestFileDigest.hex)),
            ("Profile", .text("\(commitment.profileName), sha256 \(commitment.profileDigest.hex)")),
            (
              "Reject ledger",
              .text("\(commitment.ledger.count) entries, root \(commitment.ledger.sha256Root.hex)")
            ),
          ],
          isWide: true
        )
      ]
    )
  }

  /// The manifest as it was committed; other pages link to its lines.
  private var manifest: Markup {
    guard let file = source.manifest else {
      return .section(
        "manifest",
        "Manifest",
        [.element("p", [("class", "none")], "The manifest is not at hand.")]
      )
    }
    let lines = String(decoding: file.fileBytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    return .section(
      "manifest",
      "Manifest",
      [
        .element(
          "ol",
          [("class", "lines")],
          lines.enumerated().map { index, line in
            .element("li", [("id", "L\(index + 1)")], String(line))
          }
        )
      ]
    )
  }
}
