public import CanonicalCoding
internal import CrawlRules

/// What a robots.txt says about one address, as a worker tells it to its host.
public struct RobotsAnswer: Hashable, Sendable {
  /// The address that was asked about.
  public let address: String
  /// Whether it may be fetched.
  public let isAllowed: Bool
  /// The number of the line that decided, from 1; `nil` where none did.
  public let line: Int?
  /// The rule of that line: `Disallow: /x`.
  public let rule: String?
  /// Whether a group names the product, and not `*` alone.
  public let isNamed: Bool
  /// `Crawl-delay`, in milliseconds.
  public let delayMilliseconds: Int?

  init(_ verdict: RobotsVerdict, on address: String) {
    self.address = address
    (isAllowed, isNamed) = (verdict.isAllowed, verdict.isNamed)
    line = verdict.rule?.line
    rule = verdict.rule.map { ($0.isAllow ? "Allow: " : "Disallow: ") + $0.pattern.text }
    delayMilliseconds = verdict.delay.map { Int($0 * 1000) }
  }

  /// Reads what a worker sent, of which no byte is trusted.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard let object = (try? JSONParser.parse(Array(bytes)))?.object,
      let address = object["url"]?.text, let isAllowed = object["allowed"]?.boolean,
      let isNamed = object["named"]?.boolean
    else { return nil }
    (self.address, self.isAllowed, self.isNamed) = (address, isAllowed, isNamed)
    line = object["line"]?.text.flatMap { Int($0) }
    rule = object["rule"]?.text
    delayMilliseconds = object["crawlDelayMilliseconds"]?.text.flatMap { Int($0) }
  }

  /// The answer as JSON.
  public var json: JSONValue {
    var object: JSONObject = [
      "url": .string(address), "allowed": .bool(isAllowed), "named": .bool(isNamed),
    ]
    if let line { object["line"] = .count(line) }
    if let rule { object["rule"] = .string(rule) }
    if let delayMilliseconds { object["crawlDelayMilliseconds"] = .count(delayMilliseconds) }
    return .object(object)
  }
}
