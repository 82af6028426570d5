/// Why a review, or a history of reviews, is not accepted.
public enum ReviewError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A member is missing, unknown or not in its form.
  case form(CommitmentError)
  /// A member says something that no review may say.
  case member(String, String)
  /// The signatures.
  case signature(SignatureError)
  /// Two reviews of one source, and no chain between them.
  case chain(String)
  /// A state that does not follow from the one before.
  case transition(from: Review.Status?, to: Review.Status, sequence: UInt64)
  /// It is about another source.
  case otherSource(String)
  /// A file that was there is gone, or says something else now.
  case rewritten(String)

  /// The reason code that messages name.
  public var code: String {
    switch self {
    case .form: "review-form"
    case .member: "review-member"
    case .signature(let error): error.code
    case .chain: "review-chain"
    case .transition: "review-transition"
    case .otherSource: "review-source"
    case .rewritten: "review-rewritten"
    }
  }

  /// One sentence for people; it holds no record content.
  public var description: String {
    switch self {
    case .form(let error): "\(code): not a review in its canonical form: \(error)"
    case .member(let name, let rule): "\(code): \(name): \(rule)"
    case .signature(let error): "\(code): \(error)"
    case .chain(let detail): "\(code): \(detail)"
    case .transition(let from, let to, let sequence):
      "\(code): review \(sequence) says \(to.rawValue), which cannot follow \(from.map { "'\($0.rawValue)'" } ?? "nothing"); \(Self.hint(from, to))"
    case .otherSource(let name): "\(code): it is about source '\(name)'"
    case .rewritten(let detail): "\(code): \(detail); reviews are only added"
    }
  }

  private static func hint(_ from: Review.Status?, _ to: Review.Status) -> String {
    let next = ReviewHistory.successors(of: from).map(\.rawValue).joined(separator: ", ")
    return to.isDecision && from != .inReview && to != .revoked
      ? "submit it first: ingest review submit (allowed now: \(next))" : "allowed now: \(next)"
  }
}
