internal import CrawlRules
internal import WebCrawl

/// What the files of one site say, for one product.
struct SiteRules {
  private let agent: String
  private var robots: RobotsRules
  private var reservations: TDMReservationFile?
  private var aiText: AITextFile?
  private var licenses: [RSLDocument] = []

  /// A site that says nothing yet.
  init(agent: String) {
    self.agent = agent
    robots = RobotsRules(RobotsFile([]), agent: agent)
  }

  /// Takes a robots.txt.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - address: where it stands: `https://host/robots.txt`.
  /// - Returns: what it says beside its rules.
  mutating func takeRobots(_ bytes: [UInt8], address: WebAddress?) -> SiteFacts {
    let file = RobotsFile(bytes)
    robots = RobotsRules(file, agent: agent)
    // A new robots.txt names its licenses anew.
    licenses = []
    var facts = SiteFacts()
    func canonical(_ list: [String]) -> [String] {
      list.prefix(1000).compactMap { WebAddress($0, base: address)?.text }
    }
    (facts.sitemaps, facts.licenses) = (canonical(file.sitemaps), canonical(file.licenses))
    facts.delayMilliseconds = robots.delay.map { Int($0 * 1000) }
    facts.isCut = file.isCut
    return facts
  }

  /// Takes one of the other files.
  mutating func take(_ name: String, _ bytes: [UInt8]) {
    switch name {
    case "tdmrep.json": reservations = TDMReservationFile(bytes)
    case "ai.txt": aiText = AITextFile(bytes, agent: agent)
    default: if name.hasPrefix("license") { licenses.append(RSLDocument(bytes)) }
    }
  }

  /// What they say about an address.
  func verdict(on address: String) -> SiteVerdict {
    let found = robots.verdict(on: address)
    var signals: [CrawlEvidence.Signal] = []
    func add(_ name: String, _ place: String, _ text: String, _ training: UsagePreference) {
      signals.append(.of(name, place, text, training))
    }
    let usage = robots.training(on: address)
    if !usage.lines.isEmpty {
      let lines = usage.lines.map(String.init).joined(separator: ", ")
      let texts = robots.usage.filter { usage.lines.contains($0.line) }.map(\.preferences)
      add(
        "content-usage",
        "robots.txt line \(lines)",
        texts.joined(separator: "; "),
        usage.preference
      )
    }
    if let reservations {
      if !reservations.isReadable {
        add("tdm-reservation", "tdmrep.json", "cannot be read", .unknown)
      } else if let said = reservations.statement(on: address) {
        add("tdm-reservation", "tdmrep.json", said.text, said.training)
      }
    }
    if let said = aiText?.statement(on: address) {
      add("ai.txt", "ai.txt line \(said.line)", said.text, said.training)
    }
    for license in licenses {
      if !license.isReadable {
        add("rsl", "license", "cannot be read", .unknown)
      } else if let said = license.statement(on: address) {
        add("rsl", "license", said.text, said.training)
      }
    }
    return SiteVerdict(
      isAllowed: found.isAllowed,
      line: found.rule?.line,
      rule: found.rule.map {
        CrawlEvidence.cut(($0.isAllow ? "Allow: " : "Disallow: ") + $0.pattern.text)
      },
      signals: signals
    )
  }
}

extension CrawlEvidence.Signal {
  /// A statement whose text is cut to what evidence keeps.
  static func of(
    _ name: String,
    _ place: String,
    _ text: String,
    _ training: UsagePreference
  ) -> Self {
    Self(name: name, place: place, text: CrawlEvidence.cut(text), training: training.name)
  }
}
