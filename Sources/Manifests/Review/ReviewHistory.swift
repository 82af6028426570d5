public import CanonicalCoding
public import Licensing
public import Merkle

/// All reviews of one source in their order, each naming the one before.
public struct ReviewHistory: Hashable, Sendable {
  /// From sequence 1 on.
  public let reviews: [Review]

  /// No review.
  public static let empty = ReviewHistory(unchecked: [])

  private init(unchecked reviews: [Review]) { self.reviews = reviews }

  /// A history, checked: one source, no gap, no fork, no state that does not follow.
  ///
  /// - Throws: `ReviewError`.
  public init(_ reviews: [Review]) throws(ReviewError) {
    var history = Self.empty
    for review in reviews { history = try history.adding(review) }
    self = history
  }

  /// The history with one more review.
  ///
  /// - Throws: `ReviewError` when it does not follow.
  public func adding(_ review: Review) throws(ReviewError) -> ReviewHistory {
    if let last = reviews.last {
      guard review.source == last.source else { throw .otherSource(review.source) }
      guard review.on >= last.on else {
        throw .chain(
          "review \(review.sequence) is of \(review.on), before review \(last.sequence) of \(last.on)"
        )
      }
    }
    guard review.sequence == UInt64(reviews.count) + 1 else {
      throw .chain(
        "review \(review.sequence) follows review \(reviews.count): one is missing, or stands twice"
      )
    }
    guard review.previous == reviews.last?.digest else {
      throw .chain(
        "review \(review.sequence) does not name review \(reviews.count) as the one before: two histories were mixed"
      )
    }
    let from = reviews.last.flatMap { $0.manifest == review.manifest ? $0.status : nil }
    guard Self.successors(of: from).contains(review.status) else {
      throw .transition(from: from, to: review.status, sequence: review.sequence)
    }
    return ReviewHistory(unchecked: reviews + [review])
  }

  /// The states that may follow; another manifest begins with nothing.
  static func successors(of status: Review.Status?) -> [Review.Status] {
    switch status {
    case nil: [.draft, .inReview]
    case .draft: [.inReview]
    case .inReview: [.approved, .rejected, .waived, .draft]
    case .approved: [.revoked, .inReview]
    case .rejected, .revoked: [.inReview]
    case .waived: [.inReview, .revoked]
    }
  }

  /// Whether an earlier history is the beginning of this one.
  public func continues(_ earlier: ReviewHistory) -> Bool { reviews.starts(with: earlier.reviews) }

  /// What counts on a day.
  public struct Standing: Hashable, Sendable {
    /// Why an earlier decision does not count any more.
    public enum Lapse: Hashable, Sendable {
      /// The manifest is another since.
      case voided(by: UInt64)
      /// Its last day has passed.
      case expired(UInt64, on: CivilDate)
      /// It does not speak of everything that the policy asks for.
      case outOfScope(UInt64)
    }

    /// The state.
    public let status: Review.Status
    /// The review that says so.
    public let review: Review?
    /// What lapsed, if the state is `draft` for that.
    public let lapse: Lapse?

    /// The state in words.
    public var sentence: String {
      switch lapse {
      case .voided(let number): "draft (voided: manifest changed since review \(number))"
      case .expired(let number, let day): "draft (review \(number) expired on \(day))"
      case .outOfScope(let number):
        "draft (review \(number) does not cover every use and place of the policy)"
      case nil:
        review.map { "\($0.status.rawValue) (review \($0.sequence) by \($0.by) on \($0.on))" }
          ?? "draft"
      }
    }
  }
}

extension ReviewHistory {
  /// The state of one license entry of a manifest on a day.
  ///
  /// The last review counts that names the present manifest, speaks of the entry, and has not expired. An approval or a
  /// waiver has to cover all uses and places of the policy; a rejection or revocation counts where it touches any.
  ///
  /// - Complexity: O(reviews).
  public func standing(
    of entry: String,
    manifest: SHA256Hash,
    policy: LicensePolicy,
    asOf day: CivilDate
  ) -> Standing {
    var lapse: Standing.Lapse?
    for review in reviews.reversed() where review.on <= day && review.scope.speaks(of: entry) {
      guard review.manifest == manifest else {
        if review.status.isDecision { lapse = lapse ?? .voided(by: review.sequence) }
        continue
      }
      if let expires = review.expires, expires < day {
        lapse = lapse ?? .expired(review.sequence, on: expires)
        continue
      }
      let denies = review.status == .rejected || review.status == .revoked
      guard denies ? review.scope.touches(policy) : review.scope.covers(policy) else {
        lapse = lapse ?? .outOfScope(review.sequence)
        continue
      }
      return Standing(status: review.status, review: review, lapse: nil)
    }
    return Standing(status: .draft, review: nil, lapse: lapse)
  }
}
