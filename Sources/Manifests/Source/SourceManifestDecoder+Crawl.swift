extension SourceManifest {
  /// What a live crawl fetches, and how: the section `crawl` of a web-crawl source.
  public struct Crawl: Sendable {
    /// The folder of archives and frontier, relative to the manifest's.
    public var folder: String
    /// Where it begins.
    public var seeds: [String]
    /// Sitemaps beside those that sites name.
    public var sitemaps: [String]
    /// Whether links of pages are followed.
    public var followsLinks: Bool
    /// Whether sitemaps that robots.txt names are read.
    public var readsSitemaps: Bool
    /// Names of hosts, `*.` for all below one; empty for those of the seeds.
    public var hosts: [String]
    /// Only paths that match are taken, if there is any pattern.
    public var include: [String]
    /// Paths that match are left out.
    public var exclude: [String]
    /// Whether queries count; without them every address is taken without its query.
    public var keepsQueries: Bool
    /// Parameters that are taken off addresses.
    public var droppedParameters: [String]
    /// Links between a seed and a page.
    public var depth: Int
    /// The most pages of a crawl.
    public var pageCount: Int
    /// The most bytes of a crawl, as they were sent.
    public var byteCount: UInt64
    /// The most bytes of one page.
    public var pageBytes: Int
    /// The media types that are kept.
    public var mediaTypes: [String]
    /// The least time between two requests to one host, in milliseconds.
    public var delayMilliseconds: Int
    /// A site that asks for a longer delay is left out, in seconds.
    public var patienceSeconds: Int
    /// Hosts that are asked side by side.
    public var hostCount: Int
    /// Whether a robots.txt that is answered with 401 or 403 allows everything, as RFC 9309 lets it.
    public var deniedRobotsAllow: Bool
    /// Whether a page that its site has removed becomes a tombstone.
    public var buriesRemoved: Bool
    /// The size at which an archive is closed.
    public var archiveBytes: UInt64
    /// Where the section stands in the file.
    public var position: SourcePosition
  }

  /// The names of parameters that are taken off addresses where the manifest has no list of its own.
  public static let visitorParameters = [
    "utm_*", "fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid",
    "_ga", "_gl", "PHPSESSID", "jsessionid", "sessionid",
  ]
}

/// The section `crawl`.
extension SourceManifestDecoder {
  func decodeCrawl(isAllowed: Bool, agent: String?) -> SourceManifest.Crawl? {
    guard root.has("crawl") else { return nil }
    guard isAllowed else {
      root.report("section", "crawl", "does not belong to this plugin; remove it")
      _ = root.value("crawl")
      return nil
    }
    guard let map = root.map("crawl") else { return nil }
    defer { map.finish() }
    let folder = map.path("folder", required: true)
    let seeds = addresses(map, "seeds", required: true)
    let sitemaps = addresses(map, "sitemaps", required: false) ?? []
    let discover = map.choices("discover", ["links", "sitemaps"]) ?? ["links", "sitemaps"]
    let hosts = map.texts("hosts") ?? []
    for host in hosts where !Self.isHost(host) {
      map.report(
        "host",
        "hosts",
        "'\(host.prefix(80))' is no name of a host; write docs.example.org, or *.example.org"
      )
    }
    let queries = map.choice("queries", ["keep", "drop"]) ?? "keep"
    let parameters = map.texts("dropParameters", allowsEmpty: true)
    let depth = map.count("depth", 0...10_000) ?? 64
    let pages = map.count("pages", 1...1_000_000_000) ?? 100_000
    let bytes = map.count("bytes", 1...(1 << 50)) ?? 10 << 30
    let pageBytes = map.count("pageBytes", 1024...(64 << 20)) ?? 8 << 20
    let types = map.texts("mediaTypes")
    for type in types ?? [] where !type.contains("/") || type.contains(" ") {
      map.report("media-type", "mediaTypes", "'\(type.prefix(40))' is no media type as text/html")
    }
    let delay = map.seconds("delay", upTo: 86_400) ?? 1000
    let patience = map.count("patience", 1...86_400) ?? 60
    let parallel = map.count("parallelHosts", 1...256) ?? 16
    let denied = map.choice("robotsDenied", ["disallow", "allow"]) ?? "disallow"
    let removed = map.choice("onRemoved", ["keep", "tombstone"]) ?? "keep"
    let archive = map.count("archiveBytes", 1 << 16...(1 << 40)) ?? 1 << 30
    checkAgent(agent, map)
    let include = map.texts("include") ?? []
    let exclude = map.texts("exclude") ?? []
    guard let folder, let seeds else { return nil }
    return SourceManifest.Crawl(
      folder: folder,
      seeds: seeds,
      sitemaps: sitemaps,
      followsLinks: discover.contains("links"),
      readsSitemaps: discover.contains("sitemaps"),
      hosts: hosts.map { $0.lowercased() },
      include: include,
      exclude: exclude,
      keepsQueries: queries == "keep",
      droppedParameters: parameters ?? SourceManifest.visitorParameters,
      depth: depth,
      pageCount: pages,
      byteCount: UInt64(bytes),
      pageBytes: pageBytes,
      mediaTypes: types ?? ["text/html", "application/xhtml+xml", "text/plain"],
      delayMilliseconds: delay,
      patienceSeconds: patience,
      hostCount: parallel,
      deniedRobotsAllow: denied == "allow",
      buriesRemoved: removed == "tombstone",
      archiveBytes: UInt64(archive),
      position: map.position
    )
  }

  /// A crawl that is ours honors robots.txt, and what it archives is what the source reads.
  func checkCrawl(
    _ crawl: SourceManifest.Crawl?,
    _ input: SourceManifest.Input?,
    ignoresRobots: Bool
  ) {
    guard let crawl else { return }
    if ignoresRobots {
      root.report(
        "crawl-robots",
        "crawl",
        "crawler.behavior.robotsTxt is ignored, and this crawler honors it; write honored"
      )
    }
    let pages = SourceManifest.pagesFolder(of: crawl) + "/"
    if let input, !input.paths.contains(where: { $0.hasPrefix(pages) }) {
      root.report(
        "crawl-folder",
        "input",
        "reads no archive that the crawl writes; add \"\(pages)*.warc.gz\" to input.paths"
      )
    }
  }

  private func addresses(_ map: MapReader, _ name: String, required: Bool) -> [String]? {
    let found = map.texts(name, required: required)
    for address in found ?? [] {
      let isWeb = address.hasPrefix("https://") || address.hasPrefix("http://")
      if !isWeb || address.contains("@")
        || address.unicodeScalars.contains(where: { $0.value <= 32 })
      {
        map.report(
          "uri",
          name,
          "'\(address.prefix(80))' is no address as https://docs.example.org/ without user and white space"
        )
      }
    }
    return found
  }

  /// Who crawls says who it is, in the words that sites match in robots.txt, and how it can be reached.
  private func checkAgent(_ agent: String?, _ map: MapReader) {
    guard let agent else { return }
    let token = SourceManifest.productToken(of: agent)
    if token.isEmpty {
      map.report(
        "user-agent",
        "",
        "crawler.userAgent begins with no product token of letters, _ and - before a slash, as 'examplebot/1 (+https://example.org/bot)'"
      )
    }
    let hasContact = agent.contains("https://") || agent.contains("http://") || agent.contains("@")
    if !hasContact {
      map.report(
        "user-agent",
        "",
        "crawler.userAgent names nobody who can be reached; add an address, as 'examplebot/1 (+https://example.org/bot)'"
      )
    }
    if !agent.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
      map.report("user-agent", "", "crawler.userAgent has characters beside printable ASCII")
    }
  }

  private static func isHost(_ text: String) -> Bool {
    let name = text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
    return !name.isEmpty && name.utf8.count <= 253
      && name.utf8.allSatisfy {
        ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || "-._[]:".utf8.contains($0)
      }
  }
}

extension SourceManifest {
  /// Where the archives of a crawl's pages are, relative to the manifest.
  public static func pagesFolder(of crawl: Crawl) -> String { crawl.folder + "/pages" }

  /// The file that names the records whose pages are gone, relative to the manifest: one `WARC-Record-ID` a line.
  public static func removedFile(of crawl: Crawl) -> String { crawl.folder + "/removed.txt" }

  /// The product token that a user agent begins with (RFC 9309, section 2.2.1); empty for none.
  public static func productToken(of agent: String) -> String {
    let token = agent.utf8.prefix { ($0 | 0x20) &- 0x61 < 26 || $0 == 0x5F || $0 == 0x2D }
    let next = agent.utf8.dropFirst(token.count).first
    guard next == nil || next == UInt8(ascii: "/") || next == UInt8(ascii: " ") else { return "" }
    return String(decoding: Array(token), as: UTF8.self)
  }
}
