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
  /// What `Content-Usage` says about training: `unknown`, `allowed` or `disallowed`.
  public let training: String
  /// The lines that say so.
  public let trainingLines: [Int]

  init(_ rules: RobotsRules, on address: String) {
    let verdict = rules.verdict(on: address)
    let said = rules.training(on: address)
    (training, trainingLines) = (said.preference.name, said.lines)
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
      let isNamed = object["named"]?.boolean, let training = object["training"]?.text,
      let lines = object["trainingLines"]?.elements
    else { return nil }
    self.training = training
    trainingLines = lines.compactMap { $0.text.flatMap { Int($0) } }
    (self.address, self.isAllowed, self.isNamed) = (address, isAllowed, isNamed)
    line = object["line"]?.text.flatMap { Int($0) }
    rule = object["rule"]?.text
    delayMilliseconds = object["crawlDelayMilliseconds"]?.text.flatMap { Int($0) }
  }

  /// The answer as JSON.
  public var json: JSONValue {
    var object: JSONObject = [
      "url": .string(address), "allowed": .bool(isAllowed), "named": .bool(isNamed),
      "training": .string(training),
      "trainingLines": .array(trainingLines.map { .count($0) }),
    ]
    if let line { object["line"] = .count(line) }
    if let rule { object["rule"] = .string(rule) }
    if let delayMilliseconds { object["crawlDelayMilliseconds"] = .count(delayMilliseconds) }
    return .object(object)
  }
}
