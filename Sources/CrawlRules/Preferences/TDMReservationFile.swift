internal import CanonicalCoding

/// `/.well-known/tdmrep.json` of the TDM Reservation Protocol (W3C Community Group report, section 6.1): which parts of a
/// site reserve text and data mining.
public struct TDMReservationFile: Sendable {
  /// One rule.
  private struct Rule: Sendable {
    let pattern: RobotsPattern
    let reserves: Bool
    let text: String
  }

  private static let ruleLimit = 10_000
  private let rules: [Rule]
  /// Whether the file can be read; what one that cannot be read wants is not known.
  public let isReadable: Bool

  /// Reads a file; rules that are none are passed over.
  public init(_ bytes: [UInt8]) {
    guard bytes.count <= RobotsFile.byteLimit, let json = try? JSONParser.parse(bytes),
      let list = json.elements
    else {
      (rules, isReadable) = ([], false)
      return
    }
    rules = list.prefix(Self.ruleLimit).compactMap { entry in
      guard let object = entry.object, let location = object["location"]?.text,
        let reservation = object["tdm-reservation"]
      else { return nil }
      let value: String? =
        switch reservation {
        case .number(let number): number == 1 ? "1" : number == 0 ? "0" : nil
        case .string(let text): text
        default: nil
        }
      // Anything but 0 and 1 says nothing.
      guard value == "0" || value == "1" else { return nil }
      let policy = object["tdm-policy"]?.text.map { " tdm-policy \($0)" } ?? ""
      return Rule(
        pattern: RobotsPattern(location.utf8),
        reserves: value == "1",
        text: "\(location) \(value ?? "")\(policy)"
      )
    }
    isReadable = true
  }

  /// What the most specific rule that matches says about an address, with its text; `nil` where none matches.
  public func statement(on address: String) -> (training: UsagePreference, text: String)? {
    let target = RobotsTarget(address)
    var found: Rule?
    for rule in rules where rule.pattern.matches(target) {
      let length = found?.pattern.length ?? -1
      if rule.pattern.length > length || rule.pattern.length == length && rule.reserves {
        found = rule
      }
    }
    return found.map { ($0.reserves ? .disallowed : .unknown, $0.text) }
  }
}
