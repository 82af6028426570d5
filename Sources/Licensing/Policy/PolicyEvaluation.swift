public import CanonicalCoding

/// What a policy decides for one license entry and one preference on a day, and by which steps.
public struct PolicyEvaluation: Sendable {
  /// One step of the judgment, for people.
  public struct Step: Sendable, Equatable {
    /// The rule's id, or `built-in:…`.
    public let rule: String
    /// What it says.
    public let decision: Decision
    /// Why.
    public let reason: String
    /// The waiver that lifted it, if one did.
    public let waiver: String?
  }

  /// The worst over the policy's jurisdictions.
  public private(set) var decision: Decision = .allow
  /// The operand of an OR that was taken, if the expression has one.
  public private(set) var chosen: String?
  /// The waivers that were needed.
  public private(set) var waivers: [String] = []
  /// Every rule that spoke.
  public private(set) var steps: [Step] = []
  /// Whether the ended term alone denies.
  public private(set) var isDeniedByTerm = false

  /// Judges an entry.
  ///
  /// - Complexity: O(jurisdictions · atoms · rules).
  public static func evaluate(
    _ situation: LicenseSituation,
    preference: Preference,
    policy: LicensePolicy,
    asOf day: CivilDate
  ) -> PolicyEvaluation {
    var evaluation = PolicyEvaluation()
    for jurisdiction in policy.jurisdictions {
      let judge = Judge(
        situation: situation,
        preference: preference,
        policy: policy,
        day: day,
        jurisdiction: jurisdiction
      )
      let verdict = judge.verdict()
      let termVerdict = judge.termVerdict()
      evaluation.decision = max(
        evaluation.decision,
        verdict.decision,
        termVerdict?.decision ?? .allow
      )
      if evaluation.chosen == nil { evaluation.chosen = verdict.chosen }
      for step in verdict.steps + (termVerdict.map { [$0] } ?? [])
      where !evaluation.steps.contains(step) {
        evaluation.steps.append(step)
        if let waiver = step.waiver, !evaluation.waivers.contains(waiver) {
          evaluation.waivers.append(waiver)
        }
      }
      if termVerdict?.decision == .deny, verdict.decision != .deny {
        evaluation.isDeniedByTerm = true
      }
    }
    return evaluation
  }
}

/// The judgment in one jurisdiction.
private struct Judge {
  typealias Step = PolicyEvaluation.Step

  struct Verdict {
    var decision: Decision
    var chosen: String?
    var steps: [Step]
  }

  let situation: LicenseSituation
  let preference: Preference
  let policy: LicensePolicy
  let day: CivilDate
  let jurisdiction: String

  func verdict() -> Verdict {
    var verdict = situation.expression.map { judge($0) } ?? unknownVerdict("no expression")
    func join(_ rule: String, _ decision: Decision, _ reason: String) {
      verdict.decision = max(verdict.decision, decision)
      verdict.steps.append(
        Step(rule: "built-in:\(rule)", decision: decision, reason: reason, waiver: nil)
      )
    }
    for use in policy.uses {
      let stated = situation.decision(for: use)
      if stated > .allow {
        join("uses", stated, "the license entry says \(stated.rawValue) for \(use.rawValue)")
      }
    }
    if !Jurisdiction.covers(situation.jurisdictions, jurisdiction) {
      join("outside", policy.outside, "the conclusion does not hold in \(jurisdiction)")
    }
    if situation.basis == "tdm-exception", preference == .unknown,
      let decision = situation.onUnknownPreference
    {
      join("preference-unknown", decision, "no preference was seen, and the basis is an exception")
    }
    if let review = situation.review { join("review", review, "the source's review says so") }
    return verdict
  }

  /// Kept apart, because a record that only its term denies is counted as expired.
  func termVerdict() -> Step? {
    guard situation.isOutsideTerm(on: day) else { return nil }
    return Step(
      rule: "built-in:term",
      decision: situation.warnsOnExpiry ? .review : .deny,
      reason: "\(day) lies outside the license's term",
      waiver: nil
    )
  }

  private func judge(_ expression: LicenseExpression) -> Verdict {
    switch expression {
    case .license(let atom), .reference(let atom): return judgeAtom(atom, addition: nil)
    case .absent(let atom): return unknownVerdict(atom)
    case .with(let base, let addition):
      guard let atom = base.atoms.first else { return unknownVerdict(base.normalized) }
      return judgeAtom(atom, addition: addition)
    case .and(let operands):
      let verdicts = operands.map(judge)
      return Verdict(
        decision: verdicts.map(\.decision).max() ?? policy.unknown,
        chosen: verdicts.compactMap(\.chosen).first,
        steps: verdicts.flatMap(\.steps)
      )
    case .or(let operands):
      // On a tie the first operand in the order of its bytes is taken.
      let ordered = operands.sorted {
        $0.normalized.utf16.lexicographicallyPrecedes($1.normalized.utf16)
      }
      let verdicts = ordered.map { ($0, judge($0)) }
      guard let best = verdicts.min(by: { $0.1.decision < $1.1.decision }) else {
        return unknownVerdict("")
      }
      return Verdict(decision: best.1.decision, chosen: best.0.normalized, steps: best.1.steps)
    }
  }

  private func unknownVerdict(_ atom: String) -> Verdict {
    Verdict(
      decision: policy.unknown,
      steps: [
        Step(rule: "unknown", decision: policy.unknown, reason: "\(atom) is not known", waiver: nil)
      ]
    )
  }

  private func judgeAtom(_ atom: String, addition: String?) -> Verdict {
    let axes = situation.axes(of: atom)
    let isListed = axes != nil || SPDXLicenseList.license(atom) != nil
    guard isListed else { return unknownVerdict(atom) }
    var steps: [Step] = []
    for rule in policy.rules where matches(rule.when, atom: atom, addition: addition, axes: axes) {
      var decision = rule.then
      var waived: String?
      if decision == .review, let waiver = waiver(of: rule.id) {
        decision = .allow
        waived = waiver
      }
      steps.append(Step(rule: rule.id, decision: decision, reason: rule.reason, waiver: waived))
    }
    guard let worst = steps.map(\.decision).max() else {
      // A license of the list without axes is unknown to us unless a rule names it.
      guard axes != nil else { return unknownVerdict(atom) }
      let step = Step(
        rule: "default",
        decision: policy.defaultDecision,
        reason: "no rule matches \(atom)",
        waiver: nil
      )
      return Verdict(decision: policy.defaultDecision, steps: [step])
    }
    return Verdict(decision: worst, steps: steps)
  }

  private func waiver(of rule: String) -> String? {
    let entry = situation.expression?.normalized ?? "NOASSERTION"
    return (policy.waivers + situation.reviewWaivers).first {
      $0.rule == rule && $0.source == situation.source && day <= $0.expires
        && ($0.licenses.isEmpty || $0.licenses.contains(entry))
    }?.id
  }

  private func matches(
    _ condition: LicensePolicy.Condition,
    atom: String,
    addition: String?,
    axes: LicenseAxes?
  ) -> Bool {
    func any(_ list: [String], _ test: (String) -> Bool) -> Bool {
      list.isEmpty || list.contains(where: test)
    }
    let categories = axes?.categories ?? []
    let pair = addition.map { "\(atom) WITH \($0)" }
    return any(condition.categories) { categories.contains($0) }
      && any(condition.licenses) { $0 == atom || $0 == pair }
      && any(condition.bases) { $0 == situation.basis }
      && any(condition.sources) { $0 == situation.source }
      && any(condition.plugins) { $0 == situation.plugin }
      && any(condition.jurisdictions) { Jurisdiction.covers([$0], jurisdiction) }
      && (condition.terms.isEmpty || condition.terms.contains(where: holds))
      && condition.uses.allSatisfy { situation.decision(for: $0.key) == $0.value }
      && (condition.preferences.isEmpty
        || condition.preferences.contains(preference) && !isOverridden(condition))
      && any(condition.personalData) { $0 == situation.personalData }
  }

  /// A contract with a publisher prevails over what the publisher says to everybody (IETF AIPREF draft on the vocabulary,
  /// section 5): rules about a refusal hold for it only where they name a basis.
  private func isOverridden(_ condition: LicensePolicy.Condition) -> Bool {
    preference == .disallowed && situation.basis == "contract" && condition.bases.isEmpty
  }

  private func holds(_ term: LicensePolicy.Condition.Term) -> Bool {
    switch term {
    case .current: return !situation.isOutsideTerm(on: day)
    case .expired: return situation.termUntil.map { $0 < day } ?? false
    case .endsWithin(let days):
      guard let until = situation.termUntil else { return false }
      return (0...days).contains(until.dayNumber - day.dayNumber)
    }
  }
}
