/// Where a page leads: the addresses of its links as they are written, in their order.
///
/// Links to pages alone: pictures, scripts and style sheets are no records of text. What the page asks crawlers not to follow
/// (`rel=nofollow`) is left out.
public struct PageLinks: Sendable {
  /// Links of one page that are kept.
  public static let countLimit = 10_000
  /// The longest address, in bytes; longer ones are no links.
  private static let addressLimit = 4096

  /// The addresses.
  public private(set) var addresses: [String] = []
  /// The address that relative ones are relative to, where the page says so.
  public private(set) var base: String?
  /// Whether more links stood there than are kept.
  public private(set) var isCut = false

  mutating func take(_ tag: HTMLTag, _ page: Span<UInt8>) {
    switch tag.name {
    case Self.anchor, Self.area: takeAnchor(tag, page)
    case Self.base where base == nil: base = tag.value(of: Self.address, in: page)
    case Self.frame, Self.innerFrame: add(tag.value(of: Self.source, in: page))
    case Self.link: takeLink(tag, page)
    case Self.meta: takeRefresh(tag, page)
    default: break
    }
  }

  private mutating func takeAnchor(_ tag: HTMLTag, _ page: Span<UInt8>) {
    guard let address = tag.value(of: Self.address, in: page) else { return }
    if let relation = tag.value(of: Self.relation, in: page),
      Self.words(relation).contains("nofollow")
    {
      return
    }
    add(address)
  }

  /// Of links in the head those that lead to pages.
  private mutating func takeLink(_ tag: HTMLTag, _ page: Span<UInt8>) {
    guard let relation = tag.value(of: Self.relation, in: page) else { return }
    let words = Self.words(relation)
    guard !words.contains("nofollow"), !words.isDisjoint(with: Self.pageRelations) else { return }
    // An alternate in another form is a feed or a printer's page.
    if words.contains("alternate"), let type = tag.value(of: Self.type, in: page),
      type.lowercased() != "text/html"
    {
      return
    }
    add(tag.value(of: Self.address, in: page))
  }

  /// `5; url=/elsewhere`.
  private mutating func takeRefresh(_ tag: HTMLTag, _ page: Span<UInt8>) {
    guard tag.value(of: Self.equivalent, in: page)?.lowercased() == "refresh",
      let content = tag.value(of: Self.content, in: page),
      let mark = content.firstRange(of: /[;,]\s*[uU][rR][lL]\s*=\s*/)
    else { return }
    add(content[mark.upperBound...].filter { $0 != "'" && $0 != "\"" })
  }

  private mutating func add(_ address: String?) {
    guard let address, !address.isEmpty, address.utf8.first != 0x23,
      address.utf8.count <= Self.addressLimit
    else { return }
    guard addresses.count < Self.countLimit else {
      isCut = true
      return
    }
    addresses.append(address)
  }

  private static func words(_ relation: String) -> Set<String> {
    Set(
      relation.lowercased().utf8.split(whereSeparator: HTMLScanner.isSpace).map {
        String(decoding: Array($0), as: UTF8.self)
      }
    )
  }

  private static let pageRelations: Set<String> = [
    "alternate", "author", "canonical", "contents", "first", "help", "home", "index", "last",
    "next",
    "prev", "previous", "search", "start", "top", "up",
  ]
  private static let anchor = ElementName("a")
  private static let area = ElementName("area")
  private static let base = ElementName("base")
  private static let frame = ElementName("frame")
  private static let innerFrame = ElementName("iframe")
  private static let link = ElementName("link")
  private static let meta = ElementName("meta")
  private static let address = ElementName("href")
  private static let source = ElementName("src")
  private static let relation = ElementName("rel")
  private static let type = ElementName("type")
  private static let equivalent = ElementName("http-equiv")
  private static let content = ElementName("content")
}
