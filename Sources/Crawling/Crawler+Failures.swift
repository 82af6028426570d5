internal import Files
internal import Ingestion
internal import PageReading
internal import Transfers
internal import WebCrawl

/// What becomes of a request without a response, of a host in trouble, and of a page that its reader died of.
extension Crawler {
  /// Attempts for one page, or one robots.txt.
  static let attemptLimit = 3

  /// There is no response.
  func failed(_ fetch: Fetch, _ failure: TransferFailure) throws(IngestError) {
    let date = WallClock.text(fetch.started)
    try archive.write(failure: failure.code, target: address(of: fetch), date: date)
    let isPolicy = if case .refusedAddress = failure { true } else { false }
    switch fetch.purpose {
    case .file(let site, let file) where file.isRobots:
      if isPolicy {
        observer.note("\(file.address): \(failure.sentence)")
        try refuse(site, failure.code)
      } else {
        try unreachable(site, failure.sentence)
      }
    case .file(let site, let file):
      // A file about training that cannot be had is no permission; what it would say is not known.
      try finish(file, of: site, fetch, .none(token: 0), failure: failure.code)
    case .page(let ready):
      release(ready.page, fetch.host)
      if isPolicy { return try settle(ready.page, .refused, reason: failure.code) }
      guard failure.isPassing else {
        return try settle(ready.page, .failed, reason: failure.code)
      }
      try again(ready.page, failure.code, fetch.host)
    }
    try parkIfNeeded(fetch.host)
  }

  /// A page that is tried again, or given up.
  func again(
    _ page: Frontier.Page,
    _ reason: String,
    _ host: HostState
  ) throws(IngestError) {
    // A host that is asked again in another run has not used up an attempt.
    if host.deferredUntil != nil { return }
    if page.attempts + 1 < Self.attemptLimit {
      try frontier.attempt(page.number)
      host.hasRetries = true
    } else {
      try settle(page, .failed, reason: reason)
    }
  }

  func parkIfNeeded(_ host: HostState) throws(IngestError) {
    guard host.failures >= HostState.failureLimit else { return }
    host.park()
    try frontier.refuseDue(host: host.number, reason: "host-parked")
    observer.note(
      "\(host.name): \(HostState.failureLimit) requests in a row failed; the rest of it is left out"
    )
  }

  func release(_ page: Frontier.Page, _ host: HostState) {
    host.openPages -= 1
    if !page.isSitemap { openPages -= 1 }
  }

  /// `Retry-After`: waited for, or left to the next run.
  func leaveAlone(_ host: HostState, _ seconds: Int) throws(IngestError) {
    if seconds <= settings.crawl.patienceSeconds {
      return host.wait(Double(seconds), from: ProcessUsage.monotonicSeconds)
    }
    let end = WallClock.seconds + seconds
    let until = WallClock.text(end)
    host.deferredUntil = until
    try frontier.set("deferred \(host.name)", String(end))
    observer.note("\(host.name) asks to be left alone until \(until); run again then")
  }

  /// What the reading process died of is no page; the crawl goes on.
  func died(_ request: PageRequest, _ cause: String) throws(IngestError) {
    switch request {
    case .page(let message), .sitemap(let message):
      guard let fetch = fetches.removeValue(forKey: message.token), let result = fetch.result else {
        return
      }
      heldBytes -= result.body.count
      observer.note("\(message.address): the process that reads pages died of it: \(cause)")
      switch fetch.purpose {
      case .page(let ready):
        release(ready.page, fetch.host)
        var exchange = exchange(fetch, result, message.address, notes: [("fetchError", "reader")])
        exchange.fields = [("Ingest-Failure", "reader-died")]
        try archive.write(exchange, to: .diagnostics)
        try settle(ready.page, .failed, reason: "reader-died", bytes: result.body.count)
      case .file(let site, let file):
        if file.isRobots {
          try unreachable(site, "it cannot be read")
        } else {
          try finish(file, of: site, fetch, .none(token: 0), failure: "reader-died")
        }
      }
    case .file(let number, _, _, _):
      if let site = sites[Int64(number)] { try refuse(site, "robots-unreadable") }
    case .verdicts(let token, _, _):
      guard let question = questions.removeValue(forKey: token) else { return }
      question.host.isAsking = false
      for page in question.pages { try settle(page, .failed, reason: "reader-died") }
      if case .asking = question.site.phase { try refuse(question.site, "robots-unreadable") }
    }
  }
}
