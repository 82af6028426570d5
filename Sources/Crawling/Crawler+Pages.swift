internal import CanonicalCoding
internal import CrawlRules
internal import Files
internal import Ingestion
internal import PageReading
internal import Transfers
internal import WebCrawl

/// What becomes of a response.
extension Crawler {
  /// Takes a transfer that ended: it is read by the process that parses, unless there is nothing to read.
  func finish(_ result: TransferResult) throws(IngestError) {
    let token = UInt32(truncatingIfNeeded: result.token)
    guard var fetch = fetches[token] else { return }
    let isBroken: Bool =
      switch result.ending {
      case .failed(let failure): failure.isPassing
      case .truncated(let reason): reason == .time
      case .complete: false
      }
    let isTrouble = isBroken || result.status == 429 || result.status >= 500
    fetch.host.ended(
      now: ProcessUsage.monotonicSeconds,
      seconds: result.seconds,
      isFailure: isTrouble,
      floor: settings.crawl.delayMilliseconds,
      longest: settings.crawl.patienceSeconds,
      jitter: Double.random(in: 0..<1, using: &random)
    )
    if case .failed(let failure) = result.ending {
      fetches[token] = nil
      try failed(fetch, failure)
      return
    }
    heldBytes += result.body.count
    fetch.result = result
    fetches[token] = fetch
    let message = PageRequest.Message(
      token: token,
      address: address(of: fetch),
      head: result.responseHead,
      body: readableBody(fetch, result),
      wantsLinks: settings.crawl.followsLinks
    )
    if case .page(let ready) = fetch.purpose, ready.page.isSitemap, result.status == 200,
      result.ending == .complete
    {
      client.ask(.sitemap(message))
    } else {
      client.ask(.page(message))
    }
  }

  /// A body that is cut has no codings that could be undone; nothing of it is read.
  private func readableBody(_ fetch: Fetch, _ result: TransferResult) -> [UInt8] {
    guard case .page = fetch.purpose, result.ending == .complete else { return [] }
    return result.body
  }

  func address(of fetch: Fetch) -> String {
    switch fetch.purpose {
    case .file(_, let file): file.address
    case .page(let ready): ready.page.address
    }
  }

  // MARK: what was read

  /// Takes what a response is.
  func take(_ facts: PageFacts, for token: UInt32) throws(IngestError) {
    guard let fetch = fetches.removeValue(forKey: token), let result = fetch.result else { return }
    heldBytes -= result.body.count
    noteCertificate(result, site(of: fetch.purpose))
    switch fetch.purpose {
    case .file(let site, let file):
      if file.isRobots {
        // Rules that were cut are no rules: what was forbidden may have stood behind the cut.
        if case .truncated(let reason) = result.ending, reason != .length {
          return try unreachable(site, "its response was cut (\(reason.rawValue))")
        }
        if result.status == 429 || result.status == 503, let seconds = facts.retryAfter {
          try leaveAlone(fetch.host, seconds)
        }
      }
      try finish(file, of: site, fetch, result, redirect: facts.redirect)
    case .page(let ready):
      release(ready.page, fetch.host)
      if ready.page.isSitemap {
        return try take(sitemap: ready.page, fetch, result, facts)
      }
      try take(Taken(ready: ready, fetch: fetch, result: result, facts: facts))
    }
  }

  /// A page whose response was read.
  struct Taken {
    let ready: HostState.Ready
    let fetch: Fetch
    let result: TransferResult
    let facts: PageFacts
    var page: Frontier.Page { ready.page }
    var date: String { WallClock.text(fetch.started) }
  }

  private func take(_ taken: Taken) throws(IngestError) {
    let (page, facts, result) = (taken.page, taken.facts, taken.result)
    if case .truncated(let reason) = result.ending {
      try diagnose(taken, [("WARC-Truncated", reason.rawValue)])
      if reason == .length {
        return try settle(page, .refused, reason: "budget-page", bytes: result.body.count)
      }
      return try again(page, "truncated-\(reason.rawValue)", taken.fetch.host)
    }
    switch facts.status {
    case 304 where page.earlier != nil: try unchanged(taken, byServer: true)
    case 200:
      guard facts.damage == nil else {
        try diagnose(taken)
        return try settle(page, .failed, reason: "http-coding", bytes: result.body.count)
      }
      guard settings.crawl.mediaTypes.contains(facts.mediaType) else {
        return try settle(
          page,
          .refused,
          reason: "media-type \(facts.mediaType)",
          bytes: result.body.count
        )
      }
      if page.earlier?.digest == Self.sha256(result.body) {
        try unchanged(taken, byServer: false)
      } else {
        try take(page: taken)
      }
    case 300...399: try redirected(taken)
    case 404, 410:
      try diagnose(taken)
      try settle(page, .gone, reason: "status-\(facts.status)")
      if page.earlier != nil { try frontier.bury(page.number) }
    case 429, 503:
      try diagnose(taken)
      if let seconds = facts.retryAfter { try leaveAlone(taken.fetch.host, seconds) }
      try again(page, "status-\(facts.status)", taken.fetch.host)
      try parkIfNeeded(taken.fetch.host)
    case 500...599:
      try diagnose(taken)
      try again(page, "status-\(facts.status)", taken.fetch.host)
      try parkIfNeeded(taken.fetch.host)
    default:
      try diagnose(taken)
      try settle(page, .refused, reason: "status-\(facts.status)")
    }
  }

  private func diagnose(
    _ taken: Taken,
    _ fields: [(name: String, value: String)] = []
  ) throws(IngestError) {
    var exchange = exchange(
      taken.fetch,
      taken.result,
      taken.page.address,
      notes: try notes(taken.page)
    )
    exchange.fields = fields
    try archive.write(exchange, to: .diagnostics)
  }

  /// A page that is new, or another than before.
  private func take(page taken: Taken) throws(IngestError) {
    let (page, facts, result) = (taken.page, taken.facts, taken.result)
    var exchange = exchange(taken.fetch, result, page.address, notes: try notes(page))
    exchange.isCompressed = facts.isCompressed
    let evidence = try evidence(taken)
    exchange.fields = [
      ("WARC-Identified-Payload-Type", facts.mediaType), ("Ingest-Evidence", evidence.line),
    ]
    let place = try archive.write(exchange, to: .pages)
    try settle(page, .archived, taken, evidence, record: place.identifier)
    try follow(facts.links, of: page)
  }

  /// A page that is as it was: the archive says so, and does not hold it twice.
  private func unchanged(_ taken: Taken, byServer: Bool) throws(IngestError) {
    let (page, result) = (taken.page, taken.result)
    guard let earlier = page.earlier else { return }
    var exchange = exchange(taken.fetch, result, page.address, notes: try notes(page))
    exchange.body = []
    exchange.isRevisit = true
    // A page that was not sent says what it said when it was.
    let evidence = try evidence(taken, more: byServer ? Self.signals(earlier) : [])
    let profile = byServer ? "server-not-modified" : "identical-payload-digest"
    exchange.fields = [
      ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/\(profile)"),
      ("WARC-Refers-To", "<\(earlier.record)>"), ("WARC-Refers-To-Target-URI", page.address),
      ("WARC-Refers-To-Date", earlier.date), ("Ingest-Evidence", evidence.line),
    ]
    if !byServer {
      exchange.fields.insert(
        ("WARC-Payload-Digest", WARCDraft.digest(of: result.body)),
        at: 1
      )
    }
    let place = try archive.write(exchange, to: .pages)
    try frontier.note(record: place.identifier, of: page.number)
    try settle(
      page,
      .unchanged,
      isReserved: evidence.training == .disallowed,
      bytes: result.body.count,
      seconds: result.seconds
    )
    try follow(taken.facts.links, of: page)
  }

  private func settle(
    _ page: Frontier.Page,
    _ state: Frontier.State,
    _ taken: Taken,
    _ evidence: CrawlEvidence,
    record: String
  ) throws(IngestError) {
    try settle(
      page,
      state,
      isReserved: evidence.training == .disallowed,
      bytes: taken.result.body.count,
      seconds: taken.result.seconds,
      kept: Frontier.Kept(
        tag: taken.facts.tag,
        modified: taken.facts.modified,
        digest: Self.sha256(taken.result.body),
        record: record,
        date: taken.date,
        signals: Self.kept(taken.facts)
      )
    )
  }

  /// Redirects are followed by us: the target is an address as any other, judged by scope, robots and network rules.
  private func redirected(_ taken: Taken) throws(IngestError) {
    let page = taken.page
    try diagnose(taken)
    try follow(redirect: taken.facts.redirect, of: page)
  }

  func follow(redirect: String?, of page: Frontier.Page) throws(IngestError) {
    guard let target = redirect.flatMap({ WebAddress($0) }) else {
      return try settle(page, .refused, reason: "redirect-nowhere")
    }
    guard page.hops < Self.redirectLimit else {
      return try settle(page, .refused, reason: "redirect-limit")
    }
    let reason = try add(
      target,
      depth: page.depth,
      hops: page.hops + 1,
      isSitemap: false,
      via: page.number
    )
    try settle(page, .redirected, reason: reason.map { "redirect-\($0)" } ?? "")
  }

  func follow(_ links: [String], of page: Frontier.Page) throws(IngestError) {
    for link in links {
      // The reading process is not believed: what it sends is taken apart again.
      guard let address = WebAddress(link), address.text == link else { continue }
      try add(address, depth: page.depth + 1, hops: 0, isSitemap: false, via: page.number)
    }
  }

  private func site(of purpose: Purpose) -> SiteState {
    switch purpose {
    case .file(let site, _): site
    case .page(let ready): ready.site
    }
  }
}
