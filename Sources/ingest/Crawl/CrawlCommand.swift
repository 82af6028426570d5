internal import ArgumentParser
internal import CanonicalCoding
internal import Crawling
internal import Files
internal import Glibc
internal import Ingestion
internal import Transfers

/// `ingest crawl`: fetches what a manifest says, and commits it.
struct CrawlCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crawl",
    abstract: "Fetch the pages that a manifest's section 'crawl' asks for, then commit them.",
    discussion: """
      What is fetched is archived as WARC 1.1 in the folder of the crawl, with what each
      site says about training; then the archives are scanned and signed like those of
      anybody else. A crawl that is stopped or killed goes on where it was. Pages are
      fetched once for each source.version: give it another value, and the next run asks
      what has changed, and what is still there is not fetched again.

      Robots.txt is honored (RFC 9309), one connection a host, with pauses. Addresses of
      this machine, of private networks and of metadata services are never asked, whatever
      name leads to them.

      EXAMPLES
        ingest crawl docs.manifest
        ingest crawl docs.manifest --fetch-only --json
        ingest crawl intranet.manifest --allow-network 10.20.0.0/16

      EXIT CODES
        0   done
        69  no page could be had
        75  another crawl is at work here, or hosts ask to be left alone: run again
        77  nothing may be fetched: robots.txt, addresses, scope
        78  bad manifest
      """
  )

  @Argument(help: "A manifest of a web-crawl source with a section 'crawl'.")
  var manifest: String
  @Flag(name: .long, help: "Only fetch and archive; scan and sign nothing.")
  var fetchOnly = false
  @Option(
    name: .long,
    help:
      "Let requests into this range of addresses, as 10.20.0.0/16; may be given several times."
  )
  var allowNetwork: [String] = []
  @Option(
    name: .long,
    help: "Take this address for a host, as HOST:PORT:ADDRESS; may be given several times."
  )
  var resolve: [String] = []
  @Option(name: .long, help: "Trust the certificate authorities of this file (PEM).")
  var caFile: String?
  @Option(name: .long, help: "Seconds for one request in all (300).")
  var timeout: Int = 300
  @Option(name: .long, help: "Seconds for which a response may be slow or silent (30).")
  var slowTimeout: Int = 30
  @Option(name: .long, help: "The store's folder; by default .ingest beside the manifest.")
  var store: String?
  @Option(name: .long, help: "Worker processes for the scan.")
  var jobs: Int = 1
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    for text in allowNetwork where NetworkRules.Range(text) == nil {
      throw ValidationError("--allow-network '\(text)' is no range of addresses as 10.20.0.0/16")
    }
    for text in resolve where text.split(separator: ":", maxSplits: 2).count != 3 {
      throw ValidationError("--resolve '\(text)' is not HOST:PORT:ADDRESS")
    }
    guard (1...86_400).contains(timeout), (1...86_400).contains(slowTimeout) else {
      throw ValidationError("--timeout and --slow-timeout are 1 to 86400 seconds")
    }
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs is 1 to 256") }
  }

  func run() async throws {
    try await Terminal.run {
      // A reader that dies, or a peer that hangs up, is an error of that call and not our end.
      signal(SIGPIPE, SIG_IGN)
      ProcessUsage.keepLargeBuffers()
      let settings = try CrawlSettings(
        try SourcePlan.readManifest(manifest),
        path: manifest,
        worker: try AsideReading.workerProgram(),
        options: options()
      )
      let progress = CrawlProgressLine(isQuiet: result.quiet)
      let report = try Crawler(settings, observer: progress).run()
      progress.ended()
      if !result.json || fetchOnly { show(report) }
      if let failure = report.failure { throw failure }
      guard !fetchOnly else { return }
      try commit()
    }
  }

  private func options() -> CrawlSettings.Options {
    var options = CrawlSettings.Options()
    options.network.rules = NetworkRules(allowing: allowNetwork.compactMap(NetworkRules.Range.init))
    options.network.resolutions = resolve
    options.network.authoritiesFile = caFile
    options.allowsUnsandboxed = reading.workers.allowUnsandboxed
    options.cpuSeconds = min(reading.workers.cpuSeconds, 60)
    options.limits.totalSeconds = timeout
    options.limits.slowSeconds = min(slowTimeout, timeout)
    options.limits.connectSeconds = min(options.limits.connectSeconds, timeout)
    return options
  }

  /// The archives are the source of record from here on.
  private func commit() throws {
    var options = try result.registryOptions()
    options.jobs = jobs
    options.plan = try reading.options()
    let folder = store ?? FilePaths.join(FilePaths.folder(of: manifest), ".ingest")
    let registry = Registry(
      store: try Store(folder, isWriter: true),
      plugins: Ingest.plugins,
      options: options,
      observer: result.quiet ? SilentObserver() : ProgressLine()
    )
    result.print(try registry.run([manifest]))
  }

  private func show(_ report: CrawlReport) {
    if result.json { return Terminal.print(json: report.json) }
    guard !result.quiet else { return }
    Terminal.print(
      "crawl \(report.source) version \(report.version): \(report.total.pages) pages, \(report.total.unchanged) unchanged, \(report.total.bytes) bytes, \(report.requests) requests in \(Int(report.seconds.rounded())) s"
    )
    for host in report.hosts {
      let others = host.others.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      let more = others.isEmpty ? "" : "; no pages: \(others.joined(separator: ", "))"
      Terminal.print(
        Terminal.escaped(
          "  \(host.name): \(host.pages) pages, \(host.unchanged) unchanged, \(host.bytes) bytes\(more)"
        )
      )
    }
    for site in report.sites {
      Terminal.print(Terminal.escaped("  \(site.authority)/robots.txt: \(site.robots)"))
    }
    Terminal.print(
      "  pages whose site reserved training at fetch time: \(report.reserved.count)"
    )
    Terminal.print("  page set sha256 \(report.pageSetSha256)")
  }
}
