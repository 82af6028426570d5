public import CanonicalCoding
internal import CrawlRules

/// What a sitemap is, beside its entries, as a worker tells it to its host.
public struct SitemapListing: Hashable, Sendable {
  /// One address.
  public struct Entry: Hashable, Sendable {
    /// The address: absolute, http or https.
    public let location: String
    /// When it changed, as written.
    public let modified: String?

    init(_ entry: Sitemap.Entry) { (location, modified) = (entry.location, entry.modified) }

    /// Reads what a worker sent, of which no byte is trusted.
    init?(_ bytes: ArraySlice<UInt8>) {
      guard let object = (try? JSONParser.parse(Array(bytes)))?.object,
        let location = object["loc"]?.text
      else { return nil }
      (self.location, modified) = (location, object["lastmod"]?.text)
    }

    /// The entry as JSON.
    public var json: JSONValue {
      var object: JSONObject = ["loc": .string(location)]
      if let modified { object["lastmod"] = .string(modified) }
      return .object(object)
    }
  }

  /// `urlset`, `sitemapindex`, `text`, `rss` or `atom`; `nil` where damage came before that was known.
  public let kind: String?
  /// The number of entries.
  public let entryCount: Int
  /// Entries without an address that could be fetched.
  public let invalidCount: Int
  /// Whether more entries stood there than are read.
  public let isCut: Bool
  /// Why it was not read to its end: a code, and where.
  public let damage: String?

  init(_ sitemap: Sitemap) {
    (kind, entryCount) = (sitemap.kind?.rawValue, sitemap.entries.count)
    (invalidCount, isCut) = (sitemap.invalidCount, sitemap.isCut)
    damage = sitemap.damage.map { "\($0.code): \($0.detail)" }
  }

  init?(_ bytes: ArraySlice<UInt8>) {
    guard let object = (try? JSONParser.parse(Array(bytes)))?.object,
      let entryCount = object["entries"]?.text.flatMap({ Int($0) }),
      let invalidCount = object["invalid"]?.text.flatMap({ Int($0) }),
      let isCut = object["cut"]?.boolean
    else { return nil }
    (self.entryCount, self.invalidCount, self.isCut) = (entryCount, invalidCount, isCut)
    (kind, damage) = (object["kind"]?.text, object["damage"]?.text)
  }

  /// The listing as JSON, without its entries.
  public var json: JSONValue {
    [
      "kind": kind.map(JSONValue.string) ?? .null, "entries": .count(entryCount),
      "invalid": .count(invalidCount), "cut": .bool(isCut),
      "damage": damage.map(JSONValue.string) ?? .null,
    ]
  }
}
