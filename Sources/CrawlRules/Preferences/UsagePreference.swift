/// What somebody says about training on what they publish.
public enum UsagePreference: UInt8, Sendable {
  case unknown, allowed, disallowed

  /// What a word says; any other word says nothing.
  public init(name: String) {
    self = name == "disallowed" ? .disallowed : name == "allowed" ? .allowed : .unknown
  }

  /// The word for it, as manifests and reports have it.
  public var name: String {
    switch self {
    case .unknown: "unknown"
    case .allowed: "allowed"
    case .disallowed: "disallowed"
    }
  }

  /// Both statements together: any refusal wins, then any permission (IETF AIPREF draft, section 5).
  public func combined(with other: UsagePreference) -> UsagePreference {
    if self == .disallowed || other == .disallowed { return .disallowed }
    return self == .allowed || other == .allowed ? .allowed : .unknown
  }
}

/// The signals in which it is said; each reading is total, and what is not understood says nothing.
public enum UsageSignals {
  /// `Content-Usage`, a dictionary of labels (IETF AIPREF drafts): `train-ai` is `y` or `n`, other labels are not for us.
  ///
  /// The drafts' structured fields are lower case, `y` or `n`; capitals, white space and other ways to say no are forgiven, because
  /// a refusal is meant. A permission must be well-formed.
  public static func contentUsage(_ field: String) -> UsagePreference {
    var found = UsagePreference.unknown
    for member in field.lowercased().split(separator: ",") {
      let parts = member.filter { !$0.isWhitespace }.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, parts[0] == "train-ai" else { continue }
      // Parameters follow a semicolon.
      let value = parts[1].prefix { $0 != ";" }
      if value.hasPrefix("n") || value == "?0" { found = found.combined(with: .disallowed) }
      if value == "y" { found = found.combined(with: .allowed) }
    }
    return found
  }

  /// `X-Robots-Tag`, or the content of a robots meta element: `noai`, `noml` and `noimageai` refuse.
  ///
  /// - Parameters:
  ///   - field: the text.
  ///   - agent: the product that asks; rules for another product do not count then. Without it all do, as for archives
  ///     whose crawler is not known.
  /// - Returns: `disallowed` or `unknown`: such a tag permits nothing.
  public static func robotsTag(_ field: String, agent: String? = nil) -> UsagePreference {
    for rule in rules(of: field) where refusals.contains(rule.token) {
      if agent.map({ rule.scope == nil || rule.scope == $0.lowercased() }) ?? true {
        return .disallowed
      }
    }
    return .unknown
  }

  /// Whether `X-Robots-Tag`, or the content of a robots meta element, asks that no link of a page is followed.
  public static func forbidsFollowing(_ field: String, agent: String) -> Bool {
    rules(of: field).contains { rule in
      (rule.scope == nil || rule.scope == agent.lowercased())
        && (rule.token == "nofollow" || rule.token == "none")
    }
  }

  /// `tdm-reservation` of the TDM Reservation Protocol, header or meta: 1 reserves; 0 permits nothing that was not permitted.
  public static func reservation(_ field: String) -> UsagePreference {
    field.filter { !$0.isWhitespace } == "1" ? .disallowed : .unknown
  }

  /// What a meta element of this name says.
  public static func meta(_ name: String, _ content: String) -> UsagePreference {
    switch name.lowercased() {
    case "robots": robotsTag(content)
    case "tdm-reservation": reservation(content)
    default: .unknown
    }
  }

  /// The rules of a robots tag with the product that each is for; `nil` for all.
  private static func rules(of field: String) -> [(scope: String?, token: String)] {
    // A product stands before a colon and holds for the rules up to the next one.
    var scope: String?
    return field.lowercased().split(separator: ",").compactMap { rule in
      let parts = rule.split(separator: ":", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
      guard let token = parts.last else { return nil }
      // `unavailable_after: 25 Jun 2030` and the like are rules with a value, not products.
      if parts.count == 2, !valued.contains(parts[0]) { scope = parts[0] }
      return (scope, token)
    }
  }

  private static let refusals: Set<String> = ["noai", "noml", "noimageai"]
  private static let valued: Set<String> = [
    "unavailable_after", "max-snippet", "max-image-preview", "max-video-preview",
  ]
}
