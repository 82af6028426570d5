/// A robots.txt, read by RFC 9309: which rules stand for which product, and what else it says.
///
/// Whatever bytes come, the rules that can be read are used; nothing fails.
public struct RobotsFile: Sendable {
  /// The bytes that are read; RFC 9309, section 2.5, asks for at least 500 KiB.
  public static let byteLimit = 500 << 10

  /// One rule of a group.
  public struct Rule: Hashable, Sendable {
    /// Whether it allows.
    public let isAllow: Bool
    /// What it speaks of.
    public let pattern: RobotsPattern
    /// The line, from 1.
    public let line: Int
  }

  /// What a group prefers for the use of what is fetched (`Content-Usage`, IETF AIPREF draft): the preferences as written.
  public struct UsageRule: Hashable, Sendable {
    /// The path; empty for all.
    public let pattern: RobotsPattern
    /// The preferences.
    public let preferences: String
    /// The line, from 1.
    public let line: Int
  }

  /// How long products wait between two requests, in seconds.
  public struct Delay: Hashable, Sendable {
    /// The products that were named directly before: a delay does not part a group, but it is theirs alone.
    public let agents: [String]
    /// The seconds, at most a day.
    public let seconds: Double
  }

  /// The rules for some products.
  public struct Group: Hashable, Sendable {
    /// The product tokens in lower case; `*` for all products that no other group names.
    public internal(set) var agents: [String] = []
    /// The rules in their order.
    public internal(set) var rules: [Rule] = []
    /// `Crawl-delay`: not in the RFC, and honored.
    public internal(set) var delays: [Delay] = []
    /// `Content-Usage`.
    public internal(set) var usage: [UsageRule] = []
  }

  /// The groups in their order.
  public private(set) var groups: [Group] = []
  /// `Sitemap`: addresses as written; they belong to no group.
  public private(set) var sitemaps: [String] = []
  /// `License` (RSL 1.0): addresses as written; they belong to no group.
  public private(set) var licenses: [String] = []
  /// Whether bytes behind the limit were left out.
  public private(set) var isCut = false
  /// Lines that say something that is not understood.
  public private(set) var unknownLines = 0

  /// Reads a file.
  ///
  /// - Parameter bytes: the body as it came; a byte order mark and any of the three line ends are fine.
  /// - Complexity: O(n).
  public init(_ bytes: [UInt8]) {
    var reader = Reader()
    var rest = bytes[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    if rest.count > Self.byteLimit {
      isCut = true
      rest = rest.prefix(Self.byteLimit)
      // The last line may be cut in the middle of a rule: `Disallow: /` would be left of `Disallow: /x`.
      rest = rest.prefix(upTo: rest.lastIndex { $0 == 0x0A || $0 == 0x0D } ?? rest.startIndex)
    }
    var start = rest.startIndex
    var number = 1
    while start < rest.endIndex {
      let end = rest[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? rest.endIndex
      reader.take(rest[start..<end], number)
      number += 1
      let isPair = end + 1 < rest.endIndex && rest[end] == 0x0D && rest[end + 1] == 0x0A
      start = end + (isPair ? 2 : 1)
    }
    groups = reader.groups
    (sitemaps, licenses, unknownLines) = (reader.sitemaps, reader.licenses, reader.unknownLines)
  }

  /// What the lines said so far.
  private struct Reader {
    var groups: [Group] = []
    var sitemaps: [String] = []
    var licenses: [String] = []
    var unknownLines = 0
    /// Whether the last rule or product line was a product line: another one joins it.
    private var isNamingAgents = false
    /// The products that were named since the last delay, or whom it was for.
    private var delayAgents: [String] = []
    private var hasDelay = false

    mutating func take(_ line: ArraySlice<UInt8>, _ number: Int) {
      let text = line.prefix { $0 != 0x23 }
      guard let colon = text.firstIndex(of: 0x3A) else {
        if !Self.trimmed(text).isEmpty { unknownLines += 1 }
        return
      }
      let key = String(decoding: Self.trimmed(text[..<colon]), as: UTF8.self).lowercased()
      let value = Self.trimmed(text[(colon + 1)...])
      switch key {
      case "user-agent": name(value)
      case "allow", "disallow":
        isNamingAgents = false
        // An empty path is no rule.
        guard !groups.isEmpty, !value.isEmpty else { return }
        groups[groups.count - 1].rules.append(
          Rule(isAllow: key == "allow", pattern: RobotsPattern(value), line: number)
        )
      // Other records never part one product line from the next (RFC 9309, section 2.2.4).
      case "sitemap": sitemaps.append(String(decoding: value, as: UTF8.self))
      case "license": licenses.append(String(decoding: value, as: UTF8.self))
      case "crawl-delay":
        guard !groups.isEmpty, let delay = Self.seconds(value) else { return }
        groups[groups.count - 1].delays.append(Delay(agents: delayAgents, seconds: delay))
        hasDelay = true
      case "content-usage": takeUsage(value, number)
      default: unknownLines += 1
      }
    }

    private mutating func name(_ value: ArraySlice<UInt8>) {
      let token = RobotsFile.productToken(value)
      if !isNamingAgents { groups.append(Group()) }
      if !isNamingAgents || hasDelay { delayAgents = [] }
      (isNamingAgents, hasDelay) = (true, false)
      delayAgents.append(token)
      if !token.isEmpty { groups[groups.count - 1].agents.append(token) }
    }

    /// `[path] preferences`.
    private mutating func takeUsage(_ value: ArraySlice<UInt8>, _ number: Int) {
      guard !groups.isEmpty else { return }
      var path: ArraySlice<UInt8> = []
      var rest = value
      if value.first == 0x2F {
        path = value.prefix { $0 != 0x20 && $0 != 0x09 }
        rest = Self.trimmed(value[path.endIndex...])
      }
      groups[groups.count - 1].usage.append(
        UsageRule(
          pattern: RobotsPattern(path),
          preferences: String(decoding: rest, as: UTF8.self),
          line: number
        )
      )
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
      func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
      var text = text.drop(while: isSpace)
      while let last = text.last, isSpace(last) { text.removeLast() }
      return text
    }

    /// A decimal number of seconds; `nil` for anything else, and for more than a day.
    private static func seconds(_ value: ArraySlice<UInt8>) -> Double? {
      let isNumber = value.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
      guard isNumber, let seconds = Double(String(decoding: value, as: UTF8.self)) else {
        return nil
      }
      return min(seconds, 86_400)
    }
  }

  /// The product token that a value begins with, in lower case: letters, `_` and `-`; `*` stands alone.
  static func productToken(_ value: ArraySlice<UInt8>) -> String {
    if value.first == 0x2A, value.count == 1 || value.dropFirst().first.map(isTokenByte) != true {
      return "*"
    }
    return String(decoding: value.prefix(while: isTokenByte), as: UTF8.self).lowercased()
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte == 0x2D
  }
}
