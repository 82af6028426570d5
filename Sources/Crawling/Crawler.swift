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
    case file(SiteState, SiteState.File)
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
  static let readingLimit = 8
  static let heldLimit = 256 << 20
  static let commitSeconds = 2.0
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

  // MARK: what is known

  func newToken() -> UInt32 {
    defer { nextToken &+= 1 }
    return nextToken
  }

  func host(_ number: Int64, _ name: String) -> HostState {
    if let host = hosts[name] { return host }
    let host = HostState(number: number, name: name)
    hosts[name] = host
    hostOrder.append(host)
    return host
  }

  func site(of page: Frontier.Page, _ host: HostState) throws(IngestError) -> SiteState {
    if let site = sites[page.site] { return site }
    let authority = WebAddress(page.address)?.authority ?? ""
    let kept = try frontier.site(authority)
    let site = SiteState(number: page.site, authority: authority)
    if site.restore(kept.state, now: WallClock.seconds), try !tellFiles(of: site) {
      // Its answers cannot be found in the archives any more.
      site.answers = [:]
      site.askRobots()
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
