internal import CrawlRules
internal import Files
internal import Ingestion
internal import PageReading
internal import Transfers
internal import WebCrawl

/// What sitemaps list, and of whom they may speak.
extension Crawler {
  /// A sitemap that is none, or stands elsewhere.
  func take(
    sitemap page: Frontier.Page,
    _ fetch: Fetch,
    _ result: TransferResult,
    _ facts: PageFacts
  ) throws(IngestError) {
    _ = try archive.write(
      exchange(fetch, result, page.address, notes: [("purpose", "sitemap")]),
      to: .signals
    )
    if let target = facts.redirect.flatMap({ WebAddress($0) }), page.hops < Self.redirectLimit {
      try add(target, depth: page.depth, hops: page.hops + 1, isSitemap: true, via: page.number)
      return try settle(page, .redirected)
    }
    guard case .complete = result.ending else {
      return try again(page, "truncated", fetch.host)
    }
    try settle(page, .failed, reason: "status-\(facts.status)")
  }

  /// Takes what a sitemap lists.
  func take(_ facts: SitemapFacts, for token: UInt32) throws(IngestError) {
    guard let fetch = fetches.removeValue(forKey: token), let result = fetch.result,
      case .page(let ready) = fetch.purpose
    else { return }
    heldBytes -= result.body.count
    let page = ready.page
    release(page, fetch.host)
    let place = try archive.write(
      exchange(fetch, result, page.address, notes: [("purpose", "sitemap")]),
      to: .signals
    )
    try frontier.note(answer: Self.sha256(result.body), address: page.address, place)
    // An index names sitemaps, and those no further index (sitemaps.org).
    let mayNest = facts.isIndex && page.depth == 0
    for text in facts.addresses {
      guard let address = WebAddress(text), maySpeak(page.address, of: address) else { continue }
      if facts.isIndex {
        guard mayNest else { continue }
        try add(address, depth: 1, hops: 0, isSitemap: true, via: page.number)
      } else {
        try add(address, depth: 1, hops: 0, isSitemap: false, via: page.number)
      }
    }
    try settle(
      page,
      .listed,
      reason: facts.damage ?? "",
      bytes: result.body.count,
      seconds: result.seconds
    )
    try commit()
  }

  /// A sitemap speaks of its own host, and of a host whose robots.txt names it (sitemaps.org, "Sitemaps & Cross Submits").
  private func maySpeak(_ sitemap: String, of address: WebAddress) -> Bool {
    if WebAddress(sitemap)?.host == address.host { return true }
    if settings.crawl.sitemaps.contains(sitemap) { return true }
    return sites.values.contains {
      WebAddress($0.authority)?.host == address.host
        && $0.facts?.sitemaps.contains(sitemap) == true
    }
  }
}
