internal import CrawlRules
internal import Files
internal import Ingestion
internal import PageReading
internal import Transfers
internal import WebCrawl

/// What a site says to crawlers: robots.txt first, then the files about training.
extension Crawler {
  /// RFC 9309, section 2.3.1.2: at least five.
  static let redirectLimit = 5
  private static let licenseLimit = 4

  /// Takes the facts of a robots.txt that was read.
  func take(_ facts: SiteFacts, of number: UInt32) throws(IngestError) {
    guard let site = sites[Int64(number)] else { return }
    site.facts = facts
    site.delayMilliseconds = facts.delayMilliseconds
    // A process that was started anew reads known files again.
    guard case .reading = site.phase else { return }
    if let delay = facts.delayMilliseconds, delay > settings.crawl.patienceSeconds * 1000 {
      observer.note(
        "\(site.authority) asks for \(delay / 1000) s between two requests; crawl.patience is \(settings.crawl.patienceSeconds) s, so that it is left out"
      )
      return try refuse(site, "crawl-delay")
    }
    // What the files beside it say counts only where robots.txt lets us ask for them.
    askAbout(otherFiles(of: site), of: site)
  }

  private func askAbout(_ files: [SiteState.File], of site: SiteState) {
    guard let host = host(of: site) else { return }
    site.phase = .asking(files)
    let token = newToken()
    questions[token] = (host, site, [])
    client.ask(
      .verdicts(token: token, site: UInt32(site.number), addresses: files.map(\.address))
    )
  }

  private func otherFiles(of site: SiteState) -> [SiteState.File] {
    var list = [
      ("tdmrep.json", site.authority + "/.well-known/tdmrep.json"),
      ("ai.txt", site.authority + "/ai.txt"),
    ].map { SiteState.File(name: $0.0, address: $0.1, hops: 0) }
    for (index, address) in (site.facts?.licenses ?? []).prefix(Self.licenseLimit).enumerated() {
      guard let address = WebAddress(address), address.authority == site.authority else { continue }
      let name = index == 0 ? "license" : "license \(index + 1)"
      list.append(SiteState.File(name: name, address: address.text, hops: 0))
    }
    return list
  }

  func host(of site: SiteState) -> HostState? {
    WebAddress(site.authority).flatMap { hosts[$0.host] }
  }

  /// Takes verdicts: about pages, or about the files of a site.
  func take(_ verdicts: [SiteVerdict], for token: UInt32) throws(IngestError) {
    guard let question = questions.removeValue(forKey: token) else { return }
    let (host, site) = (question.host, question.site)
    if case .asking(let files) = site.phase {
      var list: [SiteState.File] = []
      for (file, verdict) in zip(files, verdicts) {
        if verdict.isAllowed {
          list.append(file)
        } else {
          site.answers[file.name] = CrawlEvidence.Answer(
            address: file.address,
            time: WallClock.text(WallClock.seconds),
            status: "not asked: robots.txt",
            sha256: nil
          )
        }
      }
      site.phase = .files(list)
      if list.isEmpty { try complete(site) }
      return
    }
    host.isAsking = false
    if host.isParked {
      for page in question.pages { try settle(page, .refused, reason: "host-parked") }
      return
    }
    guard site.isReady else {
      host.loaded = question.pages + host.loaded
      return
    }
    for (page, verdict) in zip(question.pages, verdicts) {
      guard verdict.isAllowed else {
        try settle(page, .refused, reason: "robots line \(verdict.line ?? 0)")
        continue
      }
      host.ready.append(HostState.Ready(page: page, site: site, verdict: verdict))
    }
  }

  /// Takes the response to a request about a site.
  ///
  /// - Parameters:
  ///   - file: what was asked for.
  ///   - site: whose it is.
  ///   - fetch: the request.
  ///   - result: the response; none where there is a failure.
  ///   - redirect: where it leads.
  ///   - failure: why there is no response.
  /// - Throws: `IngestError`.
  func finish(
    _ file: SiteState.File,
    of site: SiteState,
    _ fetch: Fetch,
    _ result: TransferResult,
    redirect: String? = nil,
    failure: String? = nil
  ) throws(IngestError) {
    let place = try archiveSignal(fetch, result, file)
    if (300...399).contains(result.status), file.hops < Self.redirectLimit,
      let target = redirect.flatMap({ WebAddress($0) }), try follow(target, file, of: site)
    {
      return
    }
    var answer = CrawlEvidence.Answer(
      address: file.address,
      time: WallClock.text(fetch.started),
      status: failure ?? String(result.status),
      sha256: nil
    )
    if let place, (200...299).contains(result.status) {
      let sha256 = Self.sha256(result.body)
      answer.sha256 = sha256
      try frontier.note(answer: sha256, address: file.address, place)
    }
    site.answers[file.name] = answer
    if file.isRobots { return try takeRobots(site, result) }
    if answer.sha256 != nil { tell(file.name, result.responseHead, result.body, of: site) }
    guard case .fetchingFile(let rest) = site.phase else { return }
    if rest.isEmpty { try complete(site) } else { site.phase = .files(rest) }
  }

  /// Follows a redirect of one of a site's files, if that may be done.
  ///
  /// Where a file beside robots.txt has moved to is judged as any other address; what another site's robots.txt says about it
  /// is not known here, so that it is not followed there.
  private func follow(
    _ target: WebAddress,
    _ file: SiteState.File,
    of site: SiteState
  ) throws(IngestError) -> Bool {
    let next = SiteState.File(name: file.name, address: target.text, hops: file.hops + 1)
    if file.isRobots {
      site.phase = .robots(next)
      return true
    }
    guard case .fetchingFile(let rest) = site.phase, target.authority == site.authority else {
      return false
    }
    askAbout([next] + rest, of: site)
    return true
  }

  private func tell(_ name: String, _ head: [UInt8], _ body: [UInt8], of site: SiteState) {
    client.ask(.file(site: UInt32(site.number), name: name, head: head, body: body))
  }

  /// The rules that follow from how robots.txt was answered (RFC 9309, section 2.3.1).
  private func takeRobots(_ site: SiteState, _ result: TransferResult) throws(IngestError) {
    func read(_ head: [UInt8], _ body: [UInt8]) {
      site.attempts = 0
      site.expires = WallClock.seconds + SiteState.cacheSeconds
      site.phase = .reading
      tell(site.robotsAddress, head, body, of: site)
    }
    switch result.status {
    case 200...299: read(result.responseHead, result.body)
    case 401, 403:
      guard settings.crawl.deniedRobotsAllow else {
        return try refuse(site, "robots-\(result.status)")
      }
      read([], [])
    case 429, 500...599: try unreachable(site, String(result.status))
    // Unavailable, and redirects that lead nowhere: nothing is forbidden.
    default: read([], [])
    }
  }

  /// Complete disallow, until it can be had.
  func unreachable(_ site: SiteState, _ reason: String) throws(IngestError) {
    site.attempts += 1
    if site.attempts < Self.attemptLimit {
      return site.askRobots()
    }
    // What it said before still holds for a while.
    let age = WallClock.seconds - (site.expires - SiteState.cacheSeconds)
    if site.expires > 0, age < SiteState.unreachableSeconds, site.facts != nil {
      site.attempts = 0
      site.expires = WallClock.seconds + 3600
      site.phase = .ready
      return
    }
    observer.note(
      "\(site.robotsAddress): \(reason); nothing of the site is fetched, as RFC 9309 demands"
    )
    try refuse(site, "robots-unreachable")
  }

  func refuse(_ site: SiteState, _ reason: String) throws(IngestError) {
    site.expires = WallClock.seconds + SiteState.cacheSeconds
    site.phase = .refused(reason)
    host(of: site)?.unjudge()
    try keep(site)
  }

  /// A site whose files are there: its pages can be judged.
  private func complete(_ site: SiteState) throws(IngestError) {
    site.phase = .ready
    if settings.crawl.readsSitemaps {
      for text in site.facts?.sitemaps ?? [] {
        guard let address = WebAddress(text) else { continue }
        try add(address, depth: 0, hops: 0, isSitemap: true, via: nil)
      }
    }
    try keep(site)
  }

  private func keep(_ site: SiteState) throws(IngestError) {
    try frontier.set(site: site.number, state: site.json)
    try commit()
  }

  private func archiveSignal(
    _ fetch: Fetch,
    _ result: TransferResult,
    _ file: SiteState.File
  ) throws(IngestError) -> WARCFile.Place? {
    guard result.status > 0 else { return nil }
    return try archive.write(
      exchange(fetch, result, file.address, notes: [("purpose", file.name)]),
      to: .signals
    )
  }

  /// Tells the reading process what a site answered in an earlier run.
  ///
  /// - Returns: false when an answer is not in the archives.
  func tellFiles(of site: SiteState) throws(IngestError) -> Bool {
    var requests: [PageRequest] = []
    for (name, answer) in site.answers.sorted(by: { $0.key < $1.key }) {
      let isRobots = name == "robots.txt"
      let key = isRobots ? site.robotsAddress : name
      guard let sha256 = answer.sha256 else { continue }
      guard let record = try archive.answer(sha256) else { return false }
      let request = PageRequest.file(
        site: UInt32(site.number),
        name: key,
        head: record.head,
        body: record.body
      )
      // Robots.txt resets what is known.
      if isRobots { requests.insert(request, at: 0) } else { requests.append(request) }
    }
    for request in requests { client.ask(request) }
    return true
  }

  static func sha256(_ bytes: [UInt8]) -> String { PayloadDigest.hex(bytes) }
}
