public import CanonicalCoding

/// Everything about one license entry of one source that a policy may ask for.
public struct LicenseSituation: Sendable {
  /// The source.
  public var source: String
  /// The plugin.
  public var plugin: String
  /// `nil` for an entry whose expression is `NOASSERTION` or does not parse.
  public var expression: LicenseExpression?
  /// What the conclusion rests on: `license`, `contract`, `tdm-exception` and so on.
  public var basis: String
  /// The places where it holds, or that are asked for.
  public var jurisdictions: [String]
  /// What the manifest says about uses; a missing one is derived from the axes.
  public var uses: [Use: Decision]
  /// The first valid day.
  public var termFrom: CivilDate?
  /// The last valid day.
  public var termUntil: CivilDate?
  /// Whether an ended term asks for review instead of denying.
  public var warnsOnExpiry: Bool
  /// The axes that the manifest gives for licenses the table does not know.
  public var axes: [String: LicenseAxes]
  /// Whether personal data is present: no, possible, yes.
  public var personalData: String
  /// What an unknown preference means under an exception.
  public var onUnknownPreference: Decision?
  /// What the source's review says, joined to the worst; `nil` where there is none.
  public var review: Decision?
  /// What signed reviews waive.
  public var reviewWaivers: [LicensePolicy.Waiver]

  /// A situation with the given facts.
  public init(
    source: String,
    plugin: String,
    expression: LicenseExpression?,
    basis: String,
    jurisdictions: [String],
    uses: [Use: Decision],
    termFrom: CivilDate?,
    termUntil: CivilDate?,
    warnsOnExpiry: Bool,
    axes: [String: LicenseAxes],
    personalData: String,
    onUnknownPreference: Decision?,
    review: Decision?,
    reviewWaivers: [LicensePolicy.Waiver] = []
  ) {
    (self.source, self.plugin, self.expression, self.basis) = (source, plugin, expression, basis)
    (self.jurisdictions, self.uses) = (jurisdictions, uses)
    (self.termFrom, self.termUntil, self.warnsOnExpiry) = (termFrom, termUntil, warnsOnExpiry)
    (self.axes, self.personalData) = (axes, personalData)
    (self.onUnknownPreference, self.review) = (onUnknownPreference, review)
    self.reviewWaivers = reviewWaivers
  }

  /// A license by itself: no source, no term, every place.
  public init(licensed expression: LicenseExpression) {
    self.init(
      source: "",
      plugin: "",
      expression: expression,
      basis: "license",
      jurisdictions: ["any"],
      uses: [:],
      termFrom: nil,
      termUntil: nil,
      warnsOnExpiry: false,
      axes: [:],
      personalData: "no",
      onUnknownPreference: nil,
      review: nil
    )
  }

  /// The axes of an identifier: the table's, else the manifest's own.
  public func axes(of atom: String) -> LicenseAxes? {
    let base = atom.hasSuffix("+") ? String(atom.dropLast()) : atom
    return LicenseTable.axes(of: base) ?? axes[base]
  }

  /// Whether the term has ended or not begun on a day.
  public func isOutsideTerm(on day: CivilDate) -> Bool {
    if let from = termFrom, day < from { return true }
    if let until = termUntil, until < day { return true }
    return false
  }

  /// The manifest's value for a use, else what the axes give; AND takes the worst, OR the best.
  public func decision(for use: Use) -> Decision {
    if let stated = uses[use] { return stated }
    func derived(_ expression: LicenseExpression) -> Decision {
      switch expression {
      case .license(let atom), .reference(let atom):
        return axes(of: atom)?.derivedDecision(for: use) ?? .review
      case .absent: return .review
      case .with(let base, _): return derived(base)
      case .and(let operands): return operands.map(derived).max() ?? .review
      case .or(let operands): return operands.map(derived).min() ?? .review
      }
    }
    return expression.map(derived) ?? .review
  }
}
