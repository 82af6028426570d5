internal import Markup

/// Takes entries out of the events of a sitemap, an index, RSS or Atom.
///
/// Elements count by their place: the `loc` of a picture is not that of its page. Namespaces do not, because half of all
/// sites get them wrong.
struct SitemapReader {
  /// The most bytes of one value that are kept.
  private static let valueLimit = 8192

  /// The names of the open elements.
  private var path: [String] = []
  private var value = ""
  private var location: String?
  private var modified: String?

  /// - Returns: whether to go on.
  mutating func take(_ event: XMLEvent, into sitemap: inout Sitemap) -> Bool {
    switch event {
    case .start(let name, let attributes):
      path.append(name)
      value = ""
      if path.count == 1 { return begin(name, &sitemap) }
      if isEntry(sitemap.kind) { (location, modified) = (nil, nil) }
      if sitemap.kind == .atom, path.count == 3, path[1] == "entry", name == "link",
        attributes["rel"] ?? "alternate" == "alternate"
      {
        location = location ?? attributes["href"]
      }
    case .text(let text):
      if value.utf8.count < Self.valueLimit { value += text }
    case .end:
      guard let name = path.popLast() else { return false }
      return end(name, &sitemap)
    }
    return true
  }

  private func begin(_ name: String, _ sitemap: inout Sitemap) -> Bool {
    switch name {
    case "urlset": sitemap.kind = .pages
    case "sitemapindex": sitemap.kind = .index
    case "rss", "RDF": sitemap.kind = .rss
    case "feed": sitemap.kind = .atom
    default:
      sitemap.damage = Sitemap.Damage(
        code: "unknown-root",
        detail: "neither urlset, sitemapindex, rss nor feed is its outermost element"
      )
      return false
    }
    return true
  }

  /// Whether the innermost element is one that holds an address.
  private func isEntry(_ kind: Sitemap.Kind?) -> Bool {
    switch kind {
    case .pages: path.count == 2 && path[1] == "url"
    case .index: path.count == 2 && path[1] == "sitemap"
    case .atom: path.count == 2 && path[1] == "entry"
    // RSS 2.0 has items in the channel, RSS 1.0 beside it.
    case .rss: path.last == "item" && path.count <= 3
    case .text, nil: false
    }
  }

  private mutating func end(_ name: String, _ sitemap: inout Sitemap) -> Bool {
    let isInside = isEntry(sitemap.kind)
    path.append(name)
    let isEnd = isEntry(sitemap.kind)
    path.removeLast()
    if isInside {
      switch (sitemap.kind, name) {
      case (.pages, "loc"), (.index, "loc"), (.rss, "link"): location = location ?? value
      case (.pages, "lastmod"), (.index, "lastmod"), (.rss, "pubDate"), (.rss, "date"),
        (.atom, "updated"), (.atom, "modified"):
        modified = modified ?? value
      default: break
      }
    }
    guard isEnd else { return true }
    return sitemap.add(location ?? "", modified: modified)
  }
}
