internal import CrawlRules
internal import Crypto
internal import Files
public import Ingestion
internal import PageReading
internal import Transfers
internal import WebCrawl

/// The live crawl of one source: one event loop, one connection a host, archives that are the record of what was fetched.
///
/// No byte of a stranger is parsed here: what came is archived, and read by a process that has no rights.
public final class Crawler {
  /// What a request is for.
  enum Purpose {
    case robots(SiteState, address: String, hops: Int)
    case file(SiteState, name: String, address: String, hops: Int)
    case page(HostState.Ready)
  }

  /// A request that is under way, or whose response is being read.
  struct Fetch {
    let purpose: Purpose
    let host: HostState
    let started: Int
    var result: TransferResult?
  }

  let settings: CrawlSettings
  let frontier: Frontier
  let archive: CrawlArchive
  let pool: TransferPool
  let client: PageClient
  let observer: any CrawlObserver
  var hosts: [String: HostState] = [:]
  /// In the order in which they were met.
  var hostOrder: [HostState] = []
  var sites: [Int64: SiteState] = [:]
  var fetches: [UInt32: Fetch] = [:]
  /// Questions about addresses: the pages, or the other files of a site.
  var questions: [UInt32: (host: HostState, site: SiteState, pages: [Frontier.Page])] = [:]
  private var nextToken: UInt32 = 1
  private var places: [String: (site: Int64, host: Int64)] = [:]
  /// Pages that were taken in this version, and those under way.
  var pageCount = 0
  var openPages = 0
  var byteCount: UInt64 = 0
  /// Addresses in the frontier; a site that makes up links fills no disk.
  private var knownCount = 0
  private var knownLimit: Int { max(1_000_000, 20 * settings.crawl.pageCount) }
  var heldBytes = 0
  var requestCount = 0
  private var lastCommit: Double
  private var lastShown = 0.0
  private var settledSinceCommit = 0
  var random = SystemRandomNumberGenerator()

  /// So many responses may wait for their reader; one is read while the next is fetched.
  private static let readingLimit = 8
  private static let heldLimit = 256 << 20
  private static let commitSeconds = 2.0
  private static let commitPages = 512
  private static let commitBytes = 16 << 20

  /// Opens what the crawl keeps, or makes it.
  ///
  /// - Throws: `IngestError`: 75 when another crawl is at work there.
  public init(_ settings: CrawlSettings, observer: any CrawlObserver) throws(IngestError) {
    (self.settings, self.observer) = (settings, observer)
    lastCommit = ProcessUsage.monotonicSeconds
    do throws(FileError) {
      try DurableFile.makeFolder(settings.folder)
      lock = try FileLock(FilePaths.join(settings.folder, "lock"))
    } catch {
      throw IngestError(error)
    }
    frontier = try Frontier(FilePaths.join(settings.folder, "frontier.sqlite"))
    archive = try CrawlArchive(settings, frontier)
    guard let pool = TransferPool(settings.options.network) else {
      throw IngestError(.inputOutput, "libcurl cannot begin; is there memory left?")
    }
    self.pool = pool
    let options = PageClient.Options(
      agent: settings.token,
      bodyLimit: settings.crawl.pageBytes,
      cpuSeconds: settings.options.cpuSeconds,
      allowsUnsandboxed: settings.options.allowsUnsandboxed
    )
    do throws(PageClient.Failure) {
      client = try PageClient(settings.worker, options)
    } catch {
      throw IngestError(ExitStatus(rawValue: error.status) ?? .inputOutput, error.sentence)
    }
  }

  private let lock: FileLock

  /// Fetches what is due, until nothing is.
  ///
  /// - Returns: what came of it.
  /// - Throws: `IngestError`; what was fetched before is kept, and the next run goes on behind it.
  public func run() throws(IngestError) -> CrawlReport {
    let start = ProcessUsage.monotonicSeconds
    let isComplete = try frontier.begin(source: settings.source, version: settings.version)
    knownCount = try frontier.knownCount()
    if !isComplete {
      try recover()
      try plant()
      try commit()
      try loop()
      try commit()
    }
    let deferred = hostOrder.compactMap { host in host.deferredUntil.map { (host.name, $0) } }
    if deferred.isEmpty { try frontier.set("complete", "yes") }
    try archive.close()
    try writeRemoved()
    let report = try CrawlReport(
      settings,
      frontier,
      requests: requestCount,
      seconds: ProcessUsage.monotonicSeconds - start,
      deferred: deferred,
      sites: sites.values.sorted { $0.authority < $1.authority },
      sandbox: client.sandbox
    )
    try report.write(to: settings.folder)
    try frontier.close()
    return report
  }

  /// Seeds and sitemaps of the manifest.
  private func plant() throws(IngestError) {
    for (list, isSitemap) in [(settings.crawl.sitemaps, true), (settings.crawl.seeds, false)] {
      for text in list {
        guard let address = WebAddress(text) else { continue }
        try add(address, depth: 0, hops: 0, isSitemap: isSitemap, via: nil)
      }
    }
    for (number, name) in try frontier.dueHosts() {
      let host = host(number, name)
      // What it asked for holds in the next run too.
      if let until = try frontier.setting("deferred \(name)").flatMap({ Int($0) }),
        until > WallClock.seconds
      {
        host.deferredUntil = WallClock.text(until)
      }
    }
  }

  private func loop() throws(IngestError) {
    while true {
      let now = ProcessUsage.monotonicSeconds
      try startWork(now)
      try commitIfDue(now)
      show(now)
      guard let wait = waitingTime(now) else { return }
      let results = pool.wait(
        readable: client.readable,
        writable: client.writable,
        milliseconds: wait
      )
      for result in results { try finish(result) }
      try readAnswers()
    }
  }

  /// Takes what the reading process answered.
  func readAnswers() throws(IngestError) {
    let events: [PageClient.Event]
    do throws(PageClient.Failure) {
      events = try client.advance()
    } catch {
      throw IngestError(ExitStatus(rawValue: error.status) ?? .inputOutput, error.sentence)
    }
    for event in events {
      switch event {
      case .answer(.site(let site, let facts)): try take(facts, of: site)
      case .answer(.verdicts(let token, let verdicts)): try take(verdicts, for: token)
      case .answer(.page(let token, let facts)): try take(facts, for: token)
      case .answer(.sitemap(let token, let facts)): try take(facts, for: token)
      case .answer: break
      case .died(let request, let cause): try died(request, cause)
      }
    }
  }

  // MARK: what to do next

  private func startWork(_ now: Double) throws(IngestError) {
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
        ready.site.phase = .robots(address: ready.site.robotsAddress, hops: 0)
        host.unjudge()
      }
    }
    for site in host.sites.values.sorted(by: { $0.number < $1.number }) {
      switch site.phase {
      case .robots(let address, let hops):
        site.phase = .fetching
        return try start(.robots(site, address: address, hops: hops), host, address, fields: [])
      case .files(let list):
        guard let next = list.first else { continue }
        site.phase = .files(Array(list.dropFirst()))
        site.openFiles += 1
        return try start(
          .file(site, name: next.name, address: next.address, hops: next.hops),
          host,
          next.address,
          fields: []
        )
      case .fetching, .reading, .asking, .ready, .refused: continue
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
    if !next.page.isSitemap {
      openPages += 1
      host.openPages += 1
    }
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
    case .robots, .file:
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

  func newToken() -> UInt32 {
    defer { nextToken &+= 1 }
    return nextToken
  }

  /// How long to wait at most, in milliseconds; `nil` when nothing is left to do.
  private func waitingTime(_ now: Double) -> Int32? {
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

  // MARK: what is known

  func host(_ number: Int64, _ name: String) -> HostState {
    if let host = hosts[name] { return host }
    let host = HostState(number: number, name: name)
    hosts[name] = host
    hostOrder.append(host)
    return host
  }

  private func site(of page: Frontier.Page, _ host: HostState) throws(IngestError) -> SiteState {
    if let site = sites[page.site] { return site }
    let authority = WebAddress(page.address)?.authority ?? ""
    let kept = try frontier.site(authority)
    let site = SiteState(number: page.site, authority: authority)
    if site.restore(kept.state, now: WallClock.seconds), try !tellFiles(of: site) {
      // Its answers cannot be found in the archives any more.
      site.answers = [:]
      site.phase = .robots(address: site.robotsAddress, hops: 0)
    }
    sites[page.site] = site
    host.sites[page.site] = site
    return site
  }

  /// Adds an address to the frontier, if it belongs to the crawl.
  ///
  /// - Returns: why it is left out; `nil` where it is known now.
  @discardableResult
  func add(
    _ address: WebAddress,
    depth: Int,
    hops: Int,
    isSitemap: Bool,
    via: Int64?
  ) throws(IngestError) -> String? {
    let address = isSitemap ? address : settings.scope.canonical(address)
    if !isSitemap, let reason = settings.scope.exclusion(of: address, depth: depth) {
      return reason
    }
    guard knownCount < knownLimit else {
      if knownCount == knownLimit {
        knownCount += 1
        observer.note("\(knownLimit) addresses are known; no further ones are noted")
      }
      return "frontier-full"
    }
    let place = try place(of: address)
    let isNew = try frontier.add(
      address.text,
      site: place.site,
      host: place.host,
      depth: depth,
      hops: hops,
      isSitemap: isSitemap,
      via: via
    )
    if isNew {
      knownCount += 1
      host(place.host, address.host).mayHaveMore = true
    }
    return nil
  }

  /// The numbers of an address's site and host.
  private func place(of address: WebAddress) throws(IngestError) -> (site: Int64, host: Int64) {
    let authority = address.authority
    if let known = places[authority] { return known }
    let place = (try frontier.site(authority).number, try frontier.host(address.host))
    places[authority] = place
    return place
  }

  /// Says what came of a page, and counts it.
  func settle(
    _ page: Frontier.Page,
    _ state: Frontier.State,
    reason: String = "",
    isReserved: Bool = false,
    bytes: Int = 0,
    seconds: Double = 0,
    kept: Frontier.Kept? = nil
  ) throws(IngestError) {
    try frontier.settle(
      page.number,
      state,
      reason: reason,
      isReserved: isReserved,
      bytes: bytes,
      seconds: seconds,
      kept: kept
    )
    if state == .archived || state == .unchanged { pageCount += 1 }
    byteCount += UInt64(bytes)
    settledSinceCommit += 1
  }

  // MARK: commits

  func commit() throws(IngestError) {
    try archive.sync()
    try frontier.commit()
    lastCommit = ProcessUsage.monotonicSeconds
    settledSinceCommit = 0
  }

  private func commitIfDue(_ now: Double) throws(IngestError) {
    guard settledSinceCommit > 0 else { return lastCommit = now }
    let isDue =
      now - lastCommit >= Self.commitSeconds || settledSinceCommit >= Self.commitPages
      || archive.pending >= Self.commitBytes
    if isDue { try commit() }
  }

  /// The records whose pages are gone, for the scan.
  private func writeRemoved() throws(IngestError) {
    let list = try frontier.removedRecords()
    guard !list.isEmpty else { return }
    do throws(FileError) {
      try DurableFile.write(
        Array(list.map { $0 + "\n" }.joined().utf8),
        to: FilePaths.join(settings.folder, "removed.txt")
      )
    } catch {
      throw IngestError(error)
    }
  }

  private func show(_ now: Double) {
    guard now - lastShown >= 0.1 else { return }
    lastShown = now
    var progress = CrawlProgress()
    (progress.pages, progress.bytes) = (pageCount, byteCount)
    (progress.requests, progress.hosts) = (requestCount, hostOrder.count { $0.isBusy })
    progress.pageLimit = settings.crawl.pageCount
    observer.advanced(progress)
  }
}
