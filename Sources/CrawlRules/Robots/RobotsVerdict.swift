/// Whether a product may fetch an address, and the line that says so.
public struct RobotsVerdict: Hashable, Sendable {
  /// The verdict.
  public let isAllowed: Bool
  /// The rule that decided; `nil` where none matched.
  public let rule: RobotsFile.Rule?
  /// Whether a group names the product itself, and not by `*`.
  public let isNamed: Bool
  /// The delay that is asked of the product, in seconds.
  public let delay: Double?
}

/// The rules of a robots.txt for one product: all groups that name it, else those for `*` (RFC 9309, section 2.2.1).
public struct RobotsRules: Sendable {
  /// Whether a group names the product itself.
  public let isNamed: Bool
  /// The rules of all its groups, in their order.
  public let rules: [RobotsFile.Rule]
  /// `Content-Usage` of all its groups.
  public let usage: [RobotsFile.UsageRule]
  /// The largest `Crawl-delay` of its groups, in seconds.
  public let delay: Double?

  /// The rules for a product token; case does not count.
  public init(_ file: RobotsFile, agent: String) {
    let token = RobotsFile.productToken(Array(agent.utf8)[...])
    var groups = file.groups.filter { $0.agents.contains(token) }
    isNamed = token != "*" && !groups.isEmpty
    let name = groups.isEmpty ? "*" : token
    if groups.isEmpty { groups = file.groups.filter { $0.agents.contains(name) } }
    rules = groups.flatMap(\.rules)
    usage = groups.flatMap(\.usage)
    delay = groups.flatMap(\.delays).filter { $0.agents.contains(name) }.map(\.seconds).max()
  }

  /// The verdict about an address: the matching rule of most octets, an allowing one if two are as long; allowed if none matches.
  ///
  /// - Complexity: O(rules · (pattern + address)).
  public func verdict(on address: String) -> RobotsVerdict {
    let target = RobotsTarget(address)
    // What asks is always answered (RFC 9309, section 2.2.2).
    if target.plain.elementsEqual("/robots.txt".utf8) { return verdict(nil) }
    var found: RobotsFile.Rule?
    for rule in rules where rule.pattern.matches(target) {
      if let best = found {
        let isLonger = rule.pattern.length > best.pattern.length
        let isMilder =
          rule.pattern.length == best.pattern.length && rule.isAllow && !best.isAllow
        guard isLonger || isMilder else { continue }
      }
      found = rule
    }
    return verdict(found)
  }

  /// What `Content-Usage` says about training on an address: the rules of most octets that match, together (IETF AIPREF
  /// draft on attaching preferences, section 6).
  ///
  /// - Complexity: O(rules · (pattern + address)).
  public func training(on address: String) -> (preference: UsagePreference, lines: [Int]) {
    let target = RobotsTarget(address)
    let matching = usage.filter { $0.pattern.matches(target) }
    let length = matching.map(\.pattern.length).max() ?? 0
    var said = UsagePreference.unknown
    var lines: [Int] = []
    for rule in matching where rule.pattern.length == length {
      let preference = UsageSignals.contentUsage(rule.preferences)
      said = said.combined(with: preference)
      if preference != .unknown { lines.append(rule.line) }
    }
    return (said, lines)
  }

  private func verdict(_ rule: RobotsFile.Rule?) -> RobotsVerdict {
    RobotsVerdict(isAllowed: rule?.isAllow ?? true, rule: rule, isNamed: isNamed, delay: delay)
  }
}
