internal import CrawlRules
internal import Files
internal import Ingestion
internal import PageReading
internal import Transfers

/// Whom to ask next, and when: the only place that starts a request.
extension Crawler {
  func startWork(_ now: Double) throws(IngestError) {
    var busy = hostOrder.count { $0.isBusy }
    for host in hostOrder where host.deferredUntil == nil {
      try judgeNext(host)
      guard !host.isBusy, busy < settings.crawl.hostCount, host.nextTime <= now,
        client.openCount < Self.readingLimit, heldBytes < Self.heldLimit
      else { continue }
      if try startNext(host) { busy += 1 }
    }
  }

  /// Asks for verdicts about what is due, so that something is always ready.
  private func judgeNext(_ host: HostState) throws(IngestError) {
    guard !host.isAsking, host.readyCount < 16 else { return }
    if host.loaded.isEmpty {
      if !host.mayHaveMore, host.hasRetries, host.openPages == 0, host.readyCount == 0 {
        (host.cursor, host.mayHaveMore, host.hasRetries) = (0, true, false)
      }
      guard host.mayHaveMore else { return }
      host.loaded = try frontier.due(host: host.number, behind: host.cursor, limit: 64)
      if let last = host.loaded.last { host.cursor = last.number }
      host.mayHaveMore = host.loaded.count == 64
    }
    while let first = host.loaded.first {
      let site = try site(of: first, host)
      if let reason = host.isParked ? "host-parked" : site.isRefused {
        host.loaded.removeFirst()
        try settle(first, .refused, reason: reason)
        continue
      }
      if let address = WebAddress(first.address), !first.isSitemap,
        let reason = settings.scope.exclusion(of: address, depth: first.depth)
      {
        host.loaded.removeFirst()
        try settle(first, .refused, reason: reason)
        continue
      }
      guard site.isReady else { return }
      let pages = Array(host.loaded.prefix { $0.site == first.site })
      host.loaded.removeFirst(pages.count)
      host.isAsking = true
      let token = newToken()
      questions[token] = (host, site, pages)
      client.ask(
        .verdicts(token: token, site: UInt32(site.number), addresses: pages.map(\.address))
      )
      return
    }
  }

  /// Starts the next request to a host that may be asked.
  private func startNext(_ host: HostState) throws(IngestError) -> Bool {
    if host.isParked { return false }
    // A site whose rules are not known, or are old, comes first.
    if let ready = host.firstReady {
      if ready.site.isReady, ready.site.expires <= WallClock.seconds {
        ready.site.askRobots()
        host.unjudge()
      }
    }
    for site in host.sites.values.sorted(by: { $0.number < $1.number }) {
      switch site.phase {
      case .robots(let file):
        site.phase = .fetching
        return try start(.file(site, file), host, file.address, fields: [])
      case .files(let list):
        guard let next = list.first else { continue }
        site.phase = .fetchingFile(rest: Array(list.dropFirst()))
        return try start(.file(site, next), host, next.address, fields: [])
      case .fetching, .reading, .asking, .fetchingFile, .ready, .refused: continue
      }
    }
    guard let next = host.firstReady else { return false }
    guard next.site.isReady else {
      host.unjudge()
      return false
    }
    let isOverPages = pageCount + openPages >= settings.crawl.pageCount
    if isOverPages || byteCount >= settings.crawl.byteCount {
      // What is under way may still fail, and leave room.
      if openPages == 0 || byteCount >= settings.crawl.byteCount {
        _ = host.takeReady()
        let reason = isOverPages ? "budget-pages" : "budget-bytes"
        try settle(next.page, .refused, reason: reason)
      }
      return false
    }
    _ = host.takeReady()
    var fields: [(String, String)] = []
    if let earlier = next.page.earlier, !next.page.isSitemap {
      if let tag = earlier.tag { fields.append(("If-None-Match", tag)) }
      if let modified = earlier.modified { fields.append(("If-Modified-Since", modified)) }
    }
    host.openPages += 1
    if !next.page.isSitemap { openPages += 1 }
    return try start(.page(next), host, next.page.address, fields: fields)
  }

  private func start(
    _ purpose: Purpose,
    _ host: HostState,
    _ address: String,
    fields more: [(name: String, value: String)]
  ) throws(IngestError) -> Bool {
    var limits = settings.limits
    var codings = "gzip, deflate, br"
    var accepted = "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1"
    switch purpose {
    case .page(let ready) where ready.page.isSitemap:
      limits.bodyBytes = 50 << 20
      accepted = "application/xml,text/xml,text/plain;q=0.9,*/*;q=0.1"
    case .page: break
    case .file:
      // More than is read, so that what is cut is known to be cut.
      limits.bodyBytes = 1 << 20
      (codings, accepted) = ("identity", "*/*")
    }
    let request = TransferRequest(
      address,
      fields: [
        ("User-Agent", settings.agent), ("Accept", accepted), ("Accept-Encoding", codings),
      ] + more,
      limits: limits,
      // Two ports of one host are two connections, of which one is kept at most.
      closesConnection: host.sites.count > 1
    )
    let token = newToken()
    fetches[token] = Fetch(
      purpose: purpose,
      host: host,
      started: WallClock.seconds,
      result: nil
    )
    guard pool.start(request, token: Int(token)) else {
      throw IngestError(.inputOutput, "libcurl has no room for one more request; is memory left?")
    }
    host.isBusy = true
    requestCount += 1
    return true
  }

  /// How long to wait at most, in milliseconds; `nil` when nothing is left to do.
  func waitingTime(_ now: Double) -> Int32? {
    var wait = Self.commitSeconds
    var isWorking = pool.count > 0 || client.openCount > 0
    let mayStart = client.openCount < Self.readingLimit && heldBytes < Self.heldLimit
    for host in hostOrder where host.deferredUntil == nil {
      if host.hasWork {
        isWorking = true
        // Where a response has to be read first, its descriptor wakes us.
        let isFull = pageCount + openPages >= settings.crawl.pageCount && openPages > 0
        if !host.isBusy, mayStart, !isFull {
          wait = min(wait, max(0.001, host.nextTime - now))
        }
      } else if host.isWaiting || host.hasRetries {
        isWorking = true
      }
    }
    return isWorking ? Int32((wait * 1000).rounded(.up)) : nil
  }
}
