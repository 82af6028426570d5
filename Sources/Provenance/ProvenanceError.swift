public import ProofSystem

/// The one rule that a bundle, or what it was checked against, breaks.
public struct ProvenanceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The rule.
  public let rule: VerificationError
  /// The part that breaks it, by name: `receipt`, `policy`, `decision table`, `link 2`, `provenance` and so on.
  public let part: String
  /// What exactly; it holds no record content.
  public let detail: String

  /// A broken rule; by default that a public input is not what it must be.
  public init(
    _ part: String,
    _ detail: String,
    rule: VerificationError = .publicInputInvalid
  ) {
    (self.rule, self.part, self.detail) = (rule, part, detail)
  }

  /// A sentence for people.
  public var description: String { "\(part): \(detail) (\(rule.rawValue))" }
}
