/// `/ai.txt` as Spawning's generator writes it: in the form of robots.txt, about the use for training.
///
/// Other things are called so too; a file without a product line says nothing.
public struct AITextFile: Sendable {
  private let rules: RobotsRules
  /// Whether it is one.
  public let isReadable: Bool

  /// Reads a file for a product token.
  public init(_ bytes: [UInt8], agent: String) {
    let file = RobotsFile(bytes)
    let isMarkup = bytes.first { $0 > 0x20 } == 0x3C
    isReadable = !isMarkup && !file.groups.isEmpty
    rules = RobotsRules(file, agent: agent)
  }

  /// What it says about an address, with the line; `nil` where no rule matches.
  public func statement(on address: String) -> (training: UsagePreference, line: Int, text: String)?
  {
    guard isReadable, let rule = rules.verdict(on: address).rule else { return nil }
    let text = "\(rule.isAllow ? "Allow" : "Disallow"): \(rule.pattern.text)"
    // To let somebody in is no license; what a license says, licenses say.
    return (rule.isAllow ? .unknown : .disallowed, rule.line, text)
  }
}
