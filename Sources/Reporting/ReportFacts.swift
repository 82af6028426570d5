internal import CanonicalCoding
internal import Licensing
internal import Manifests

/// What the report says, before it is said: every figure with the place in a manifest that it comes from.
struct ReportFacts {
  /// A place in a source's manifest, or the source as a whole.
  struct Place {
    let source: String
    /// The line; `nil` where the manifest is not at hand.
    let line: Int?
  }

  /// Something that a reader has to act on.
  struct Notice {
    let place: Place
    let license: String
    let records: UInt64
    let sentence: String
  }

  let epoch: EpochContents
  let lines: [String: ManifestLines]
  /// Records by decision.
  private(set) var decisions: [Decision: UInt64] = [:]
  /// Denied, unknown, expired, voided.
  private(set) var blockers: [Notice] = []
  /// What the policy wants somebody to look at.
  private(set) var reviews: [Notice] = []
  /// What ends or is due within 90 days.
  private(set) var deadlines: [(day: CivilDate, notice: Notice)] = []
  /// Records whose license nobody knows.
  private(set) var unknown: [Notice] = []
  /// Records whose publisher reserved training, and that are committed.
  private(set) var reserved: [Notice] = []
  /// Licenses that cannot both be met.
  let conflicts: [LicenseConflict]

  /// So many days ahead are looked at.
  static let horizon = 90

  init(_ epoch: EpochContents) {
    self.epoch = epoch
    lines = Dictionary(
      epoch.sources.compactMap { source in
        source.lines.map { (source.commitment.id, $0) }
      },
      uniquingKeysWith: { first, _ in first }
    )
    conflicts = LicenseConflict.find(among: Self.holdings(epoch), policy: epoch.policy.policy)
    for source in epoch.sources {
      let inputs = source.manifest.map { DecisionInputs($0) }
      for (index, entry) in source.entries.enumerated() { look(at: entry, index, source, inputs) }
      lookAtDeadlines(of: source)
    }
    deadlines.sort { ($0.day, $0.notice.place.source) < ($1.day, $1.notice.place.source) }
  }

  private static func holdings(_ epoch: EpochContents) -> [LicenseConflict.Holding] {
    var found: Set<LicenseConflict.Holding> = []
    for source in epoch.sources {
      for entry in source.entries where entry.license.records > 0 {
        for row in entry.rows where row.decision != .deny {
          guard let expression = try? LicenseExpression(row.chosen ?? row.expression) else {
            continue
          }
          for atom in expression.atoms {
            let base = atom.hasSuffix("+") ? String(atom.dropLast()) : atom
            let axes = LicenseTable.axes(of: base) ?? source.manifest?.axes[base]
            found.insert(
              LicenseConflict.Holding(
                source: source.commitment.id,
                license: atom,
                categories: axes?.categories ?? []
              )
            )
          }
        }
      }
    }
    return Array(found)
  }

  /// The decision for the whole: the worst over all records and conflicts.
  var decision: Decision {
    let ofRecords = Decision.allCases.filter { decisions[$0] ?? 0 > 0 }.max() ?? .allow
    return max(ofRecords, conflicts.map(\.decision).max() ?? .allow)
  }

  /// The place of a member of a manifest.
  func place(_ source: String, _ path: String) -> Place {
    Place(source: source, line: lines[source]?.line(of: path))
  }

  /// The place of a license entry: its override, or the source's own section.
  func place(of entry: EpochContents.Entry, _ index: Int, _ source: String) -> Place {
    index > 0 && entry.grant != nil
      ? Place(source: source, line: entry.grant?.position.line)
      : place(source, "license.concluded")
  }

  private mutating func look(
    at entry: EpochContents.Entry,
    _ index: Int,
    _ source: EpochContents.Source,
    _ inputs: DecisionInputs?
  ) {
    let id = source.commitment.id
    let place = place(of: entry, index, id)
    func notice(_ records: UInt64, _ sentence: String) -> Notice {
      Notice(
        place: place,
        license: entry.license.expression,
        records: records,
        sentence: sentence
      )
    }
    for (row, evaluation) in zip(
      entry.rows,
      entry.evaluations.map { $0 as PolicyEvaluation? }
        + Array(repeating: nil, count: entry.rows.count)
    ) {
      let records = entry.license.preferences[row.preference] ?? 0
      decisions[row.decision, default: 0] += records
      guard records > 0 else { continue }
      let reason = Self.reason(row, evaluation)
      if row.decision == .deny { blockers.append(notice(records, reason)) }
      if row.decision == .review { reviews.append(notice(records, reason)) }
      if evaluation?.steps.contains(where: { $0.rule == "unknown" }) == true {
        unknown.append(notice(records, reason))
      }
      if row.preference == .disallowed {
        let basis = entry.grant?.basis ?? ""
        let prevails =
          basis == "contract" ? "the contract prevails" : "decided: \(row.decision.rawValue)"
        reserved.append(notice(records, "the publisher reserved training; \(prevails)"))
      }
    }
    guard entry.license.records > 0, let inputs else { return }
    let standing = inputs.standing(of: index, policy: epoch.policy.policy, asOf: epoch.asOf)
    if case .voided = standing.lapse {
      blockers.append(notice(entry.license.records, "review: \(standing.sentence)"))
    }
  }

  /// Why a row is decided as it is, in the policy's own words.
  static func reason(_ row: DecisionTable.Row, _ evaluation: PolicyEvaluation?) -> String {
    guard let evaluation else { return "decided: \(row.decision.rawValue)" }
    let worst = evaluation.steps.filter { $0.decision == row.decision }
    return (worst.isEmpty ? evaluation.steps : worst)
      .map { "\($0.rule): \($0.reason)" }.joined(separator: "; ")
  }

  private func isNear(_ day: CivilDate) -> Bool {
    day.dayNumber - epoch.asOf.dayNumber <= Self.horizon
  }

  private mutating func lookAtDeadlines(of source: EpochContents.Source) {
    let id = source.commitment.id
    func add(
      _ day: CivilDate?,
      _ path: String,
      _ license: String,
      _ records: UInt64,
      _ text: String
    ) {
      guard let day, isNear(day) else { return }
      let when = day < epoch.asOf ? "ended" : "ends"
      deadlines.append(
        (
          day,
          Notice(
            place: place(id, path),
            license: license,
            records: records,
            sentence: text.replacing("%", with: when)
          )
        )
      )
    }
    for (index, entry) in source.entries.enumerated() where entry.license.records > 0 {
      let follows = entry.grant?.warnsOnExpiry == true ? "then: review" : "then: denied"
      add(
        entry.license.until,
        index == 0 ? "license.term.until" : "overrides",
        entry.license.expression,
        entry.license.records,
        "the license %; \(follows)"
      )
    }
    guard let manifest = source.manifest else { return }
    for (index, obligation) in manifest.entries("license.obligations").enumerated() {
      add(
        obligation["due"]?.text.flatMap { CivilDate($0) },
        "license.obligations[\(index)]",
        source.commitment.licenses.first?.expression ?? "",
        source.commitment.counts.records,
        "obligation \(obligation["id"]?.text ?? "") (\(obligation["owner"]?.text ?? "")) %: \(obligation["text"]?.text ?? "")"
      )
    }
    for review in manifest.reviews.reviews where review.manifest == manifest.digest {
      add(
        review.expires,
        "review",
        review.scope.licenses.joined(separator: ", "),
        source.commitment.counts.records,
        "review \(review.sequence), \(review.status.rawValue) by \(review.by), %"
      )
    }
    for waiver in epoch.policy.policy.waivers where waiver.source == id {
      add(
        waiver.expires,
        "policy",
        "",
        source.commitment.counts.records,
        "waiver \(waiver.id) of rule \(waiver.rule) by \(waiver.by) %"
      )
    }
  }
}
