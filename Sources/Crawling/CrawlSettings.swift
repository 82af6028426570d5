internal import CrawlRules
internal import Files
public import Ingestion
public import Manifests
public import Transfers

/// What a crawl is told: by its manifest what it may take, by its operator how it reaches the network.
public struct CrawlSettings: Sendable {
  /// What the command line adds.
  public struct Options: Sendable {
    /// How the network is reached.
    public var network = TransferPool.Options()
    /// Whether parsers may run without a mechanism of the sandbox that the kernel lacks.
    public var allowsUnsandboxed = false
    /// Seconds of CPU time that one page may take its reader.
    public var cpuSeconds: UInt64 = 20
    /// What one transfer may cost; the bytes of its body are the manifest's.
    public var limits = TransferLimits()
    /// Nothing said.
    public init() {}
  }

  let crawl: SourceManifest.Crawl
  let source: String
  /// The version of the source: pages are fetched once in each.
  let version: String
  let agent: String
  let token: String
  let contact: String
  /// The folder of archives and frontier.
  let folder: String
  let options: Options
  /// `ingest-worker`.
  let worker: String
  let scope: CrawlScope

  /// Settings for a manifest.
  ///
  /// - Parameters:
  ///   - manifest: the manifest.
  ///   - path: its file.
  ///   - worker: the program that parses.
  ///   - options: what the command line adds.
  /// - Throws: `IngestError` 78 when the manifest says nothing about a crawl, or its seeds are none.
  public init(
    _ manifest: SourceManifest,
    path: String,
    worker: String,
    options: Options
  ) throws(IngestError) {
    guard let crawl = manifest.crawl, let agent = manifest.crawlerAgent else {
      throw IngestError(
        .badManifest,
        "\(path): has no section 'crawl', so that nothing can be fetched; docs/formats.md describes it"
      )
    }
    (self.crawl, self.agent, self.worker, self.options) = (crawl, agent, worker, options)
    (source, version) = (manifest.id, manifest.version)
    token = SourceManifest.productToken(of: agent)
    contact = manifest.owner
    folder = FilePaths.join(FilePaths.folder(of: path), crawl.folder)
    for seed in crawl.seeds + crawl.sitemaps where WebAddress(seed) == nil {
      throw IngestError(
        .badManifest,
        "\(path):\(crawl.position.line): '\(seed)' in crawl is no address that can be fetched"
      )
    }
    scope = CrawlScope(crawl)
  }

  /// The limits of a page.
  var limits: TransferLimits {
    var limits = options.limits
    limits.bodyBytes = crawl.pageBytes
    return limits
  }
}

/// Which addresses belong to a crawl.
struct CrawlScope: Sendable {
  private let hosts: [String]
  private let include: [GlobPattern]
  private let exclude: [GlobPattern]
  private let depth: Int
  private let keepsQueries: Bool
  private let droppedParameters: [String]

  init(_ crawl: SourceManifest.Crawl) {
    hosts = crawl.hosts.isEmpty ? crawl.seeds.compactMap { WebAddress($0)?.host } : crawl.hosts
    (include, exclude) = (crawl.include.map(GlobPattern.init), crawl.exclude.map(GlobPattern.init))
    (depth, keepsQueries) = (crawl.depth, crawl.keepsQueries)
    droppedParameters = crawl.droppedParameters
  }

  /// The one form in which an address stands in the frontier.
  func canonical(_ address: WebAddress) -> WebAddress {
    if keepsQueries { return address.dropping(parameters: droppedParameters) }
    return address.withoutQuery
  }

  /// Why an address is left out; `nil` where it is taken.
  func exclusion(of address: WebAddress, depth: Int) -> String? {
    let isOurs = hosts.contains { host in
      host.hasPrefix("*.")
        ? address.host.hasSuffix(host.dropFirst()) || address.host == host.dropFirst(2)
        : address.host == host
    }
    guard isOurs else { return "scope-host" }
    guard depth <= self.depth else { return "scope-depth" }
    let path = String(address.path.dropFirst())
    if !include.isEmpty, !include.contains(where: { $0.matches(path) }) { return "scope-include" }
    if exclude.contains(where: { $0.matches(path) }) { return "scope-exclude" }
    return nil
  }
}
