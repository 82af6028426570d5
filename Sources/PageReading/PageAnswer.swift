internal import CanonicalCoding
public import WebCrawl

/// What the process that parses found; a host believes its form, and takes addresses apart again itself.
public enum PageAnswer: Sendable {
  /// The process is shut in, by these mechanisms.
  case ready(sandbox: String)
  /// It cannot begin: an exit code and a sentence.
  case refused(status: Int32, sentence: String)
  /// What a robots.txt says beside its rules.
  case site(UInt32, SiteFacts)
  /// What a site says about the addresses that were asked about, in their order.
  case verdicts(UInt32, [SiteVerdict])
  /// What a response is.
  case page(UInt32, PageFacts)
  /// What a sitemap lists.
  case sitemap(UInt32, SitemapFacts)

  enum Kind: UInt8 {
    case ready = 1
    case refused = 2
    case site = 3
    case verdicts = 4
    case page = 5
    case sitemap = 6
  }

  /// The most bytes of one answer.
  static let sizeLimit = 64 << 20

  var frame: [UInt8] {
    let (kind, token, json): (Kind, UInt32, JSONValue) =
      switch self {
      case .ready(let sandbox): (.ready, 0, .string(sandbox))
      case .refused(let status, let sentence):
        (.refused, 0, ["status": .count(status), "sentence": .string(sentence)])
      case .site(let site, let facts): (.site, site, facts.json)
      case .verdicts(let token, let list): (.verdicts, token, .array(list.map(\.json)))
      case .page(let token, let facts): (.page, token, facts.json)
      case .sitemap(let token, let facts): (.sitemap, token, facts.json)
      }
    let content = CanonicalJSON.encode(json)
    var writer = ByteWriter(capacity: content.count + 9)
    writer.write(UInt32(content.count + 5))
    writer.write(kind.rawValue)
    writer.write(token)
    writer.write(content)
    return writer.bytes
  }

  /// Reads an answer; `nil` for anything that is none.
  init?(kind: UInt8, _ content: ArraySlice<UInt8>) {
    guard let kind = Kind(rawValue: kind), content.count >= 4 else { return nil }
    let token = content.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard let json = try? JSONParser.parse(Array(content.dropFirst(4))) else { return nil }
    switch kind {
    case .ready:
      guard let text = json.text else { return nil }
      self = .ready(sandbox: text)
    case .refused:
      guard let status = json.object?["status"]?.text.flatMap({ Int32($0) }),
        let sentence = json.object?["sentence"]?.text
      else { return nil }
      self = .refused(status: status, sentence: sentence)
    case .site:
      guard let facts = SiteFacts(json) else { return nil }
      self = .site(token, facts)
    case .verdicts:
      guard let list = json.elements else { return nil }
      let verdicts = list.compactMap { SiteVerdict($0) }
      guard verdicts.count == list.count else { return nil }
      self = .verdicts(token, verdicts)
    case .page:
      guard let facts = PageFacts(json) else { return nil }
      self = .page(token, facts)
    case .sitemap:
      guard let facts = SitemapFacts(json) else { return nil }
      self = .sitemap(token, facts)
    }
  }
}

/// What a robots.txt says beside its rules.
public struct SiteFacts: Sendable {
  /// Sitemaps, canonical addresses.
  public var sitemaps: [String] = []
  /// Licenses (RSL), canonical addresses.
  public var licenses: [String] = []
  /// The delay that is asked of our product, in milliseconds.
  public var delayMilliseconds: Int?
  /// Whether bytes behind 500 KiB were left out.
  public var isCut = false

  init() {}

  init?(_ json: JSONValue) {
    guard let object = json.object, let sitemaps = object["sitemaps"]?.elements,
      let licenses = object["licenses"]?.elements, let isCut = object["cut"]?.boolean
    else { return nil }
    self.sitemaps = sitemaps.compactMap(\.text)
    self.licenses = licenses.compactMap(\.text)
    self.isCut = isCut
    delayMilliseconds = object["delay"]?.text.flatMap { Int($0) }
  }

  var json: JSONValue {
    var object: JSONObject = [
      "sitemaps": .array(sitemaps.map(JSONValue.string)),
      "licenses": .array(licenses.map(JSONValue.string)), "cut": .bool(isCut),
    ]
    if let delayMilliseconds { object["delay"] = .count(delayMilliseconds) }
    return .object(object)
  }
}

/// What a site says about one address.
public struct SiteVerdict: Sendable {
  /// Whether robots.txt lets us fetch it.
  public var isAllowed: Bool
  /// The line that decided, from 1.
  public var line: Int?
  /// The rule of that line.
  public var rule: String?
  /// What the site's files say about training on it.
  public var signals: [CrawlEvidence.Signal]

  init(isAllowed: Bool, line: Int?, rule: String?, signals: [CrawlEvidence.Signal]) {
    (self.isAllowed, self.line, self.rule, self.signals) = (isAllowed, line, rule, signals)
  }

  init?(_ json: JSONValue) {
    guard let object = json.object, let isAllowed = object["allowed"]?.boolean,
      let list = object["signals"]?.elements
    else { return nil }
    self.isAllowed = isAllowed
    line = object["line"]?.text.flatMap { Int($0) }
    rule = object["rule"]?.text.map(CrawlEvidence.cut)
    signals = list.compactMap { CrawlEvidence.Signal($0) }
    guard signals.count == list.count else { return nil }
  }

  var json: JSONValue {
    var object: JSONObject = [
      "allowed": .bool(isAllowed), "signals": .array(signals.map(\.json)),
    ]
    if let line { object["line"] = .count(line) }
    if let rule { object["rule"] = .string(rule) }
    return .object(object)
  }
}

/// What a response is and where it leads.
public struct PageFacts: Sendable {
  /// The status; 0 for a head that is none.
  public var status = 0
  /// The essence of its media type: what it declares, or what its bytes are where they are plainly something else.
  public var mediaType = ""
  /// Why its codings could not be undone within the limits; `nil` where they could.
  public var damage: String?
  /// Whether the body is compressed as it was sent.
  public var isCompressed = false
  /// Where a redirect leads, canonical.
  public var redirect: String?
  /// Where the page leads, canonical, each address once in the life of the process.
  public var links: [String] = []
  /// What its head and its markup say about training.
  public var signals: [CrawlEvidence.Signal] = []
  /// `ETag`, as it came.
  public var tag: String?
  /// `Last-Modified`, as it came.
  public var modified: String?
  /// How long the server asks to be left alone, in seconds.
  public var retryAfter: Int?

  init() {}

  /// What is known of a response that could not be read.
  public static var nothing: PageFacts { PageFacts() }

  init?(_ json: JSONValue) {
    guard let object = json.object, let status = object["status"]?.text.flatMap({ Int($0) }),
      let mediaType = object["type"]?.text, let isCompressed = object["compressed"]?.boolean,
      let links = object["links"]?.elements, let signals = object["signals"]?.elements
    else { return nil }
    (self.status, self.mediaType, self.isCompressed) = (status, mediaType, isCompressed)
    self.links = links.compactMap(\.text)
    self.signals = signals.compactMap { CrawlEvidence.Signal($0) }
    (damage, redirect) = (object["damage"]?.text, object["redirect"]?.text)
    (tag, modified) = (
      object["etag"]?.text.flatMap(Self.validator), object["modified"]?.text.flatMap(Self.validator)
    )
    retryAfter = object["retryAfter"]?.text.flatMap { Int($0) }
      .map { min(max(0, $0), RetryTime.limit) }
    guard mediaType.utf8.count <= 128, (0...999).contains(status) else { return nil }
  }

  /// What is sent back to a server: what could end a line of a head is no validator.
  static func validator(_ text: String) -> String? {
    text.utf8.count <= 512 && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? text : nil
  }

  var json: JSONValue {
    var object: JSONObject = [
      "status": .count(status), "type": .string(mediaType), "compressed": .bool(isCompressed),
      "links": .array(links.map(JSONValue.string)), "signals": .array(signals.map(\.json)),
    ]
    let texts = [
      ("damage", damage), ("redirect", redirect), ("etag", tag), ("modified", modified),
    ]
    for (name, text) in texts { if let text { object[name] = .string(text) } }
    if let retryAfter { object["retryAfter"] = .count(retryAfter) }
    return .object(object)
  }
}

/// What a sitemap lists.
public struct SitemapFacts: Sendable {
  /// Whether its entries are further sitemaps.
  public var isIndex = false
  /// The addresses, canonical.
  public var addresses: [String] = []
  /// Why it was not read to its end.
  public var damage: String?

  init() {}

  init?(_ json: JSONValue) {
    guard let object = json.object, let isIndex = object["index"]?.boolean,
      let list = object["urls"]?.elements
    else { return nil }
    self.isIndex = isIndex
    addresses = list.compactMap(\.text)
    damage = object["damage"]?.text
  }

  var json: JSONValue {
    var object: JSONObject = [
      "index": .bool(isIndex), "urls": .array(addresses.map(JSONValue.string)),
    ]
    if let damage { object["damage"] = .string(damage) }
    return .object(object)
  }
}
