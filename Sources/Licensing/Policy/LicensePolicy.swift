public import CanonicalCoding

/// What legal decided in general: rules over licenses, uses and places.
public struct LicensePolicy: Sendable {
  /// One rule: all its conditions must hold; a condition's list means any of.
  public struct Rule: Sendable {
    /// The rule's name, unique in the policy.
    public let id: String
    /// The conditions.
    public let when: Condition
    /// What follows.
    public let then: Decision
    /// Why, in words.
    public let reason: String

    /// A rule as it was read.
    public init(id: String, when: Condition, then: Decision, reason: String) {
      (self.id, self.when, self.then, self.reason) = (id, when, then, reason)
    }
  }

  /// The conditions of a rule; an empty list asks for nothing.
  public struct Condition: Hashable, Sendable {
    /// A time condition on the license's term.
    public enum Term: Hashable, Sendable {
      case current
      case expired
      case endsWithin(days: Int)
    }

    /// Any of these categories.
    public var categories: [String] = []
    /// The license entries, in their order.
    public var licenses: [String] = []
    /// Any of these bases.
    public var bases: [String] = []
    /// The sources.
    public var sources: [String] = []
    /// The plugins, or any of these.
    public var plugins: [String] = []
    /// The places where it holds, or that are asked for.
    public var jurisdictions: [String] = []
    /// Any of these conditions on the term.
    public var terms: [Term] = []
    /// What each use is allowed.
    public var uses: [Use: Decision] = [:]
    /// Any of these preferences.
    public var preferences: [Preference] = []
    /// Whether personal data is present: no, possible, yes.
    public var personalData: [String] = []

    /// No condition.
    public init() {}
  }

  /// Lifts the `review` of one rule for one source, through a day.
  public struct Waiver: Hashable, Sendable {
    /// The identifier.
    public let id: String
    /// The source.
    public let source: String
    /// The rule.
    public let rule: String
    /// Who waived.
    public let by: String
    /// The day on which it was waived.
    public let on: CivilDate
    /// Why, in words.
    public let reason: String
    /// The last day on which it counts.
    public let expires: CivilDate
    /// The entries that it is about, by expression; empty for all of the source.
    public let licenses: [String]

    /// A waiver as it was read.
    public init(
      id: String,
      source: String,
      rule: String,
      by: String,
      on: CivilDate,
      reason: String,
      expires: CivilDate,
      licenses: [String] = []
    ) {
      (self.id, self.source, self.rule) = (id, source, rule)
      (self.by, self.on, self.reason) = (by, on, reason)
      (self.expires, self.licenses) = (expires, licenses)
    }
  }

  /// Two licenses, or categories, that cannot both be met in one set that is passed on.
  public struct Conflict: Hashable, Sendable {
    /// A category or a license id.
    public let a: String
    /// A category or a license id.
    public let b: String
    /// Whether it is one license with itself that conflicts, instead of two that differ.
    public let sameLicense: Bool
    /// What follows: review or deny.
    public let then: Decision
    /// Why, in words.
    public let reason: String

    /// A conflict as it was read.
    public init(a: String, b: String, sameLicense: Bool, then: Decision, reason: String) {
      (self.a, self.b, self.sameLicense) = (a, b, sameLicense)
      (self.then, self.reason) = (then, reason)
    }
  }

  /// The identifier.
  public let id: String
  /// The version.
  public let version: String
  /// The uses that must hold at the same time, the policy's own first.
  public let uses: [Use]
  /// The places where it holds, or that are asked for.
  public let jurisdictions: [String]
  /// What a license gets that no rule matches.
  public let defaultDecision: Decision
  /// What an unknown license gets.
  public let unknown: Decision
  /// What a license gets where it does not hold.
  public let outside: Decision
  /// Whether a source without approval asks for review.
  public let requiresApproval: Bool
  /// The rules; their order never matters.
  public let rules: [Rule]
  /// The waivers.
  public let waivers: [Waiver]
  /// Pairs that may not stand in one set that is passed on.
  public let conflicts: [Conflict]

  /// A policy as it was read; the reader has checked its references.
  public init(
    id: String,
    version: String,
    uses: [Use],
    jurisdictions: [String],
    defaultDecision: Decision,
    unknown: Decision,
    outside: Decision,
    requiresApproval: Bool,
    rules: [Rule],
    waivers: [Waiver],
    conflicts: [Conflict] = []
  ) {
    (self.id, self.version, self.uses, self.jurisdictions) = (id, version, uses, jurisdictions)
    (self.defaultDecision, self.unknown, self.outside) = (defaultDecision, unknown, outside)
    (self.requiresApproval, self.rules, self.waivers) = (requiresApproval, rules, waivers)
    self.conflicts = conflicts
  }
}

extension LicensePolicy {
  /// The same policy where one place alone is asked for.
  public func restricted(to jurisdiction: String) -> LicensePolicy {
    LicensePolicy(
      id: id,
      version: version,
      uses: uses,
      jurisdictions: [jurisdiction],
      defaultDecision: defaultDecision,
      unknown: unknown,
      outside: outside,
      requiresApproval: requiresApproval,
      rules: rules,
      waivers: waivers,
      conflicts: conflicts
    )
  }
}
