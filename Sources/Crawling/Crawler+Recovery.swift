internal import Files
internal import Ingestion
internal import PageReading
internal import WebCrawl

/// What a crawl that was killed had written is read again instead of fetched again.
extension Crawler {
  /// Takes over the exchanges behind the last commit, in their order.
  func recover() throws(IngestError) {
    let taken = try frontier.taken()
    (pageCount, byteCount) = (taken.pages, UInt64(taken.bytes))
    try archive.recover { subset, record throws(IngestError) in
      // The page that led here was taken over before, and has added it again.
      guard let page = try frontier.page(record.target), !record.isFailure else { return }
      let facts = try read(record)
      switch subset {
      case .pages: try restore(record, facts, page)
      case .diagnostics: try restoreDiagnosis(record, facts, page)
      case .signals: break
      }
    }
  }

  private func restore(
    _ record: WARCTail.Record,
    _ facts: PageFacts,
    _ page: Frontier.Page
  ) throws(IngestError) {
    let isReserved = CrawlEvidence(Array(record.evidence.utf8))?.training == .disallowed
    if record.kind == "revisit" {
      try frontier.note(record: record.identifier, of: page.number)
      try settle(page, .unchanged, isReserved: isReserved)
    } else {
      try settle(
        page,
        .archived,
        isReserved: isReserved,
        bytes: record.body.count,
        kept: Frontier.Kept(
          tag: facts.tag,
          modified: facts.modified,
          digest: Self.sha256(record.body),
          record: record.identifier,
          date: record.date,
          signals: Self.kept(facts)
        )
      )
    }
    try follow(facts.links, of: page)
  }

  private func restoreDiagnosis(
    _ record: WARCTail.Record,
    _ facts: PageFacts,
    _ page: Frontier.Page
  ) throws(IngestError) {
    if record.truncation == "length" {
      return try settle(page, .refused, reason: "budget-page", bytes: record.body.count)
    }
    guard record.truncation == nil else { return try frontier.attempt(page.number) }
    switch facts.status {
    case 200:
      try settle(page, .failed, reason: "http-coding", bytes: record.body.count)
    case 300...399: try follow(redirect: facts.redirect, of: page)
    case 404, 410:
      try settle(page, .gone, reason: "status-\(facts.status)")
      if page.earlier != nil { try frontier.bury(page.number) }
    case 429, 500...599: try frontier.attempt(page.number)
    default: try settle(page, .refused, reason: "status-\(facts.status)")
    }
  }

  /// Asks the reading process about a record and waits for the answer.
  private func read(_ record: WARCTail.Record) throws(IngestError) -> PageFacts {
    client.ask(
      .page(
        PageRequest.Message(
          token: newToken(),
          address: record.target,
          head: record.head,
          body: record.truncation == nil ? record.body : [],
          wantsLinks: settings.crawl.followsLinks
        )
      )
    )
    while true {
      _ = pool.wait(readable: client.readable, writable: client.writable, milliseconds: 1000)
      do throws(PageClient.Failure) {
        for event in try client.advance() {
          switch event {
          case .answer(.page(_, let facts)): return facts
          case .answer: continue
          case .died: return PageFacts.nothing
          }
        }
      } catch {
        throw IngestError(ExitStatus(rawValue: error.status) ?? .inputOutput, error.sentence)
      }
    }
  }
}
