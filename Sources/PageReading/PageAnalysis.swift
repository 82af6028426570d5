internal import Archives
internal import CrawlRules
internal import Normalization
internal import SourceAPI
internal import WebCrawl

/// Reads responses for a crawler: types, codings, links, signals.
final class PageAnalysis {
  private let agent: String
  /// The most bytes of a body when its codings are undone.
  private let limit: Int
  private let heads = PageHeadReader()
  /// Links that were told already, so that pages of one site do not tell the same menu a thousand times.
  private var told: Set<String> = []
  /// Links as they are written, behind the folder of their page.
  private var read: Set<String> = []
  private static let toldLimit = 1 << 18

  init(agent: String, limit: Int) { (self.agent, self.limit) = (agent, limit) }

  func page(_ message: PageRequest.Message) -> PageFacts {
    var facts = PageFacts()
    guard let http = HTTPMessage(message.head[...], limit: 1 << 20) else { return facts }
    facts.status = http.status
    facts.tag = http["etag"].flatMap(PageFacts.validator)
    facts.modified = http[.lastModified].flatMap(PageFacts.validator)
    facts.retryAfter = http["retry-after"].flatMap { RetryTime.seconds($0, now: http["date"]) }
    let base = WebAddress(message.address)
    if (300...399).contains(http.status), let location = http["location"] {
      facts.redirect = WebAddress(location, base: base)?.text
    }
    facts.signals = headSignals(http)
    let declared = http[.contentType] ?? ""
    // A longer name is no type that anybody wants.
    facts.mediaType = String(MediaType.essence(declared).prefix(32))
    let codings = http.tokens(.contentEncoding).filter { $0 != "identity" && !$0.isEmpty }
    facts.isCompressed = !codings.isEmpty
    let body: [UInt8]
    do throws(HTTPMessage.BodyFailure) {
      let decoded = try http.payload(of: message.body[...], limit: limit)
      body = decoded.content ?? decoded.transfer ?? message.body
    } catch {
      facts.damage =
        switch error {
        case .chunked: "its chunks are damaged"
        case .coding(let reason): "Content-Encoding: \(reason)"
        case .tooLarge: "too large"
        }
      return facts
    }
    facts.mediaType = Self.type(declared: facts.mediaType, body)
    let isHTML = facts.mediaType == "text/html" || facts.mediaType == "application/xhtml+xml"
    guard http.status == 200, isHTML,
      let head = heads.read(
        body[...],
        mediaType: facts.mediaType,
        charset: MediaType.charset(declared)
      )
    else { return facts }
    var mayFollow = !http.values("x-robots-tag").contains {
      UsageSignals.forbidsFollowing($0, agent: agent)
    }
    for (name, content) in head.signals {
      if name == "robots", UsageSignals.forbidsFollowing(content, agent: agent) {
        mayFollow = false
      }
      let training = UsageSignals.meta(name, content)
      if name != "robots" || training != .unknown {
        let kind = name == "license" ? "link license" : "meta \(name)"
        facts.signals.append(.of(kind, "page", content, training))
      }
    }
    if message.wantsLinks, mayFollow {
      facts.links = canonical(
        head.links,
        base: head.base.flatMap { WebAddress($0, base: base) } ?? base
      )
    }
    return facts
  }

  func sitemap(_ message: PageRequest.Message) -> SitemapFacts {
    var facts = SitemapFacts()
    guard let http = HTTPMessage(message.head[...], limit: 1 << 20),
      let decoded = try? http.payload(of: message.body[...], limit: Sitemap.byteLimit)
    else {
      facts.damage = "its codings cannot be undone"
      return facts
    }
    let sitemap = Sitemap(decoded.content ?? decoded.transfer ?? message.body)
    facts.isIndex = sitemap.kind == .index
    facts.addresses = sitemap.entries.compactMap { WebAddress($0.location)?.text }
    facts.damage = sitemap.damage.map { "\($0.code): \($0.detail)" }
    return facts
  }

  /// A body without its codings, as far as they can be undone; a file about a site is small.
  static func plain(_ head: [UInt8], _ body: [UInt8]) -> [UInt8] {
    guard let http = HTTPMessage(head[...], limit: 1 << 20),
      let decoded = try? http.payload(of: body[...], limit: 1 << 23)
    else { return body }
    return decoded.content ?? decoded.transfer ?? body
  }

  private func canonical(_ links: [String], base: WebAddress?) -> [String] {
    var found: [String] = []
    // What a link means depends on the folder of its page: menus are taken apart once for each folder.
    let folder =
      base.map { $0.authority + $0.path[...($0.path.lastIndex(of: "/") ?? $0.path.startIndex)] }
      ?? ""
    for link in links {
      let isOfFolder = link.utf8.first.map { $0 != 0x3F && $0 != 0x23 } ?? false
      let end = link.utf8.firstIndex(of: 0x23) ?? link.endIndex
      if isOfFolder {
        var key = folder
        key += link[..<end]
        guard read.insert(key).inserted else { continue }
      }
      guard let address = WebAddress(link, base: base) else { continue }
      let text = address.text
      if told.insert(text).inserted { found.append(text) }
    }
    // Memory has an end; what is told once more is known already where it is told.
    if told.count > Self.toldLimit { told.removeAll() }
    if read.count > Self.toldLimit { read.removeAll() }
    return found
  }

  private func headSignals(_ http: HTTPMessage) -> [CrawlEvidence.Signal] {
    var signals: [CrawlEvidence.Signal] = []
    for field in http.values(.contentUsage) {
      signals.append(
        .of("content-usage", "header", field, UsageSignals.contentUsage(field))
      )
    }
    for field in http.values(.robotsTag) + http.values("robots-tag") {
      signals.append(
        .of("x-robots-tag", "header", field, UsageSignals.robotsTag(field, agent: agent))
      )
    }
    for field in http.values(.reservation) {
      signals.append(.of("tdm-reservation", "header", field, UsageSignals.reservation(field)))
    }
    for field in http.values("tdm-policy") {
      signals.append(.of("tdm-policy", "header", field, .unknown))
    }
    for field in http.values("link") where field.lowercased().contains("license") {
      signals.append(.of("link license", "header", field, .unknown))
    }
    return signals
  }

  /// What a body is: what its server says, unless its first bytes are plainly something else.
  private static func type(declared: String, _ body: [UInt8]) -> String {
    let sniffed = MediaType.sniff(body[...])
    if declared.isEmpty { return sniffed }
    let isText = declared.hasPrefix("text/") || declared == "application/xhtml+xml"
    let isBinary = sniffed.hasPrefix("image/") || sniffed.hasPrefix("application/")
    return isText && isBinary && sniffed != "application/xml" && !body.isEmpty ? sniffed : declared
  }
}
