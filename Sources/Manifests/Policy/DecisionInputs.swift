public import CanonicalCoding
public import Licensing
public import Merkle

/// All that a policy may ask about one source: its license entries, and the facts that hold for the whole of it.
///
/// It follows from the source manifest alone (and the reviews), is a hundredth of its size, and has a file form, so that a
/// registry of a million overrides is judged without reading them again.
public struct DecisionInputs: Sendable {
  /// One license entry.
  public struct Entry: Sendable {
    /// The expression, normalized.
    public let expression: String
    /// What is judged: the expression, for the source's own entry with those of what it was made from; `nil` when nothing is known.
    public let judged: LicenseExpression?
    /// What the conclusion rests on.
    public let basis: String
    /// Where it holds.
    public let jurisdictions: [String]
    /// What the manifest says about uses.
    public let uses: [Use: Decision]
    /// The first valid day.
    public let from: CivilDate?
    /// The last valid day.
    public let until: CivilDate?
    /// Whether an ended term asks for review instead of denying.
    public let warnsOnExpiry: Bool
  }

  /// The source.
  public let source: String
  /// The plugin.
  public let plugin: String
  /// SHA-256 of the manifest's typed form.
  public let manifest: SHA256Hash
  /// Whether personal data is present: no, possible, yes.
  public let personalData: String
  /// What an unknown preference means under an exception.
  public let onUnknownPreference: Decision?
  /// The axes that the manifest gives.
  public let axes: [String: LicenseAxes]
  /// The review in the manifest, where there are no signed ones.
  public let inlineReview: SourceManifest.InlineReview?
  /// The entries, in their order.
  public let entries: [Entry]
  /// The signed reviews.
  public var reviews: ReviewHistory

  /// What a manifest says.
  public init(_ manifest: SourceManifest) {
    self.init(manifest, LicenseEntries(manifest))
  }

  /// The same with the entries at hand.
  public init(_ manifest: SourceManifest, _ licenses: LicenseEntries) {
    source = manifest.id
    plugin = manifest.plugin
    self.manifest = manifest.digest
    personalData = manifest.personalData
    onUnknownPreference = manifest.onUnknownPreference
    axes = manifest.axes
    inlineReview = manifest.inlineReview
    reviews = manifest.reviews
    entries = licenses.entries.enumerated().map { index, entry in
      let concluded = entry.grant?.concluded
      let joined = index == 0 && !manifest.derivedLicenses.isEmpty
      return Entry(
        expression: entry.expression,
        judged: joined ? concluded.map { .and([$0] + manifest.derivedLicenses) } : concluded,
        basis: entry.grant?.basis ?? "",
        jurisdictions: entry.grant?.jurisdictions ?? [],
        uses: entry.grant?.uses ?? [:],
        from: entry.grant?.from,
        until: entry.grant?.until,
        warnsOnExpiry: entry.grant?.warnsOnExpiry ?? false
      )
    }
  }

  /// What the policy may ask about one entry on a day.
  public func situation(
    of index: Int,
    policy: LicensePolicy,
    asOf day: CivilDate
  ) -> LicenseSituation {
    let entry = entries[index]
    let standing = standing(of: index, policy: policy, asOf: day)
    return LicenseSituation(
      source: source,
      plugin: plugin,
      expression: entry.judged,
      basis: entry.basis,
      jurisdictions: entry.jurisdictions,
      uses: entry.uses,
      termFrom: entry.from,
      termUntil: entry.until,
      warnsOnExpiry: entry.warnsOnExpiry,
      axes: axes,
      personalData: personalData,
      onUnknownPreference: onUnknownPreference,
      review: Self.decision(of: standing.status, policy),
      reviewWaivers: standing.review?.waiver.map { [$0] } ?? []
    )
  }

  /// The state of an entry: by signed reviews, or where there are none by the manifest's own.
  public func standing(
    of index: Int,
    policy: LicensePolicy,
    asOf day: CivilDate
  ) -> ReviewHistory.Standing {
    guard reviews.reviews.isEmpty, let own = inlineReview else {
      return reviews.standing(
        of: entries[index].expression,
        manifest: manifest,
        policy: policy,
        asOf: day
      )
    }
    let isOver = own.expires.map { $0 < day } ?? false
    return ReviewHistory.Standing(status: isOver ? .draft : own.status, review: nil, lapse: nil)
  }

  /// Rejected or revoked denies; draft or in-review asks for review where the policy wants approval.
  private static func decision(of status: Review.Status, _ policy: LicensePolicy) -> Decision? {
    switch status {
    case .rejected, .revoked: .deny
    case .draft, .inReview: policy.requiresApproval ? .review : nil
    case .approved, .waived: nil
    }
  }
}

extension Review {
  /// What a review of state `waived` lifts; its name says where it stands.
  var waiver: LicensePolicy.Waiver? {
    guard status == .waived, let rule, let expires else { return nil }
    return LicensePolicy.Waiver(
      id: "review-\(sequence)",
      source: source,
      rule: rule,
      by: by,
      on: on,
      reason: reason,
      expires: expires,
      licenses: scope.licenses
    )
  }
}

extension DecisionTable {
  /// The licenses that records of a set stand under, for the search for conflicts: of every row that is not denied the
  /// licenses of its expression, or of the operand that was chosen.
  public func holdings(_ inputs: [DecisionInputs], where isHeld: (Row) -> Bool)
    -> [LicenseConflict.Holding]
  {
    let axes = Dictionary(
      inputs.map { ($0.source, $0.axes) },
      uniquingKeysWith: { first, _ in first }
    )
    var found: Set<LicenseConflict.Holding> = []
    for row in rows where row.decision != .deny && isHeld(row) {
      guard let expression = try? LicenseExpression(row.chosen ?? row.expression) else { continue }
      for atom in expression.atoms {
        let base = atom.hasSuffix("+") ? String(atom.dropLast()) : atom
        let known = LicenseTable.axes(of: base) ?? axes[row.source]?[base]
        found.insert(
          LicenseConflict.Holding(
            source: row.source,
            license: atom,
            categories: known?.categories ?? []
          )
        )
      }
    }
    return Array(found)
  }
}
