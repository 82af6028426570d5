internal import CanonicalCoding
internal import CrawlRules
internal import Files
internal import Ingestion
internal import PageReading
internal import Transfers
internal import WebCrawl

/// What is written down with a page: how it was found, and what its site said.
extension Crawler {
  func exchange(
    _ fetch: Fetch,
    _ result: TransferResult,
    _ address: String,
    notes: [(name: String, value: String)]
  ) -> CrawlArchive.Exchange {
    CrawlArchive.Exchange(
      target: address,
      date: WallClock.text(fetch.started),
      peer: result.peer,
      protocolName: result.protocolName,
      requestHead: result.requestHead,
      responseHead: result.responseHead,
      body: result.body,
      isCompressed: false,
      notes: notes
    )
  }

  /// How a page was found, in the words of Heritrix, which others read.
  func notes(_ page: Frontier.Page) throws(IngestError) -> [(name: String, value: String)] {
    var notes: [(String, String)] = []
    if let via = page.via, let origin = try frontier.origin(via) {
      notes.append(("via", origin.address))
    }
    notes.append(("hopsFromSeed", String(page.depth)))
    return notes
  }

  static func signals(_ earlier: Frontier.Earlier) -> [CrawlEvidence.Signal] {
    let json = earlier.signals.flatMap { try? JSONParser.parse(Array($0.utf8)) }
    return (json?.elements ?? []).compactMap { CrawlEvidence.Signal($0) }.map { signal in
      var signal = signal
      signal.place = "page as of \(earlier.date)"
      return signal
    }
  }

  /// The signals of a page's own markup, to be kept.
  static func kept(_ facts: PageFacts) -> String? {
    let own = facts.signals.filter { $0.place == "page" }
    if own.isEmpty { return nil }
    return String(decoding: CanonicalJSON.encode(.array(own.map(\.json))), as: UTF8.self)
  }

  func evidence(
    _ taken: Taken,
    more: [CrawlEvidence.Signal] = []
  ) throws(IngestError) -> CrawlEvidence {
    let (ready, facts) = (taken.ready, taken.facts)
    let signals = ready.verdict.signals + facts.signals + more
    var said = UsagePreference.unknown
    for signal in signals {
      said = said.combined(with: UsagePreference(name: signal.training))
    }
    let rule: (line: Int, text: String)? =
      if let line = ready.verdict.line, let text = ready.verdict.rule { (line, text) } else { nil }
    return CrawlEvidence(
      agent: settings.agent,
      time: taken.date,
      peer: taken.result.peer,
      answers: ready.site.evidence,
      rule: rule,
      signals: signals,
      training: said.name,
      chain: try chain(ready.page),
      certificate: ready.site.certificate
    )
  }

  /// The addresses that redirected to a page, in their order.
  private func chain(_ page: Frontier.Page) throws(IngestError) -> [String] {
    var chain: [String] = []
    var (via, hops) = (page.via, page.hops)
    while hops > 0, let number = via, let origin = try frontier.origin(number) {
      chain.insert(origin.address, at: 0)
      (via, hops) = (origin.via, hops - 1)
    }
    return chain
  }

  func noteCertificate(_ result: TransferResult, _ site: SiteState) {
    guard let text = result.certificate else { return }
    let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-") }
    if let bytes = Base64.decode(lines.joined()) { site.certificate = Self.sha256(bytes) }
  }
}
