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
  public struct Condition: Sendable {
    /// A time condition on the license's term.
    public enum Term: Sendable, Equatable {
      case current
      case expired
      case endsWithin(days: Int)
    }

    public var categories: [String] = []
    public var licenses: [String] = []
    public var bases: [String] = []
    public var sources: [String] = []
    public var plugins: [String] = []
    public var jurisdictions: [String] = []
    public var terms: [Term] = []
    public var uses: [Use: Decision] = [:]
    public var preferences: [Preference] = []
    public var personalData: [String] = []

    /// No condition.
    public init() {}
  }

  /// Lifts the `review` of one rule for one source, through a day.
  public struct Waiver: Sendable {
    public let id: String
    public let source: String
    public let rule: String
    public let expires: CivilDate

    /// A waiver as it was read.
    public init(id: String, source: String, rule: String, expires: CivilDate) {
      (self.id, self.source, self.rule, self.expires) = (id, source, rule, expires)
    }
  }

  public let id: String
  public let version: String
  /// The uses that must hold at the same time, the policy's own first.
  public let uses: [Use]
  public let jurisdictions: [String]
  /// What a license gets that no rule matches.
  public let defaultDecision: Decision
  /// What an unknown license gets.
  public let unknown: Decision
  /// What a license gets where it does not hold.
  public let outside: Decision
  public let requiresApproval: Bool
  public let rules: [Rule]
  public let waivers: [Waiver]

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
    waivers: [Waiver]
  ) {
    (self.id, self.version, self.uses, self.jurisdictions) = (id, version, uses, jurisdictions)
    (self.defaultDecision, self.unknown, self.outside) = (defaultDecision, unknown, outside)
    (self.requiresApproval, self.rules, self.waivers) = (requiresApproval, rules, waivers)
  }
}
