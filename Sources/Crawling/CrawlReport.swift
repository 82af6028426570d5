public import CanonicalCoding
internal import Crypto
internal import Files
public import Ingestion

/// What came of a crawl, for people and machines.
public struct CrawlReport: Sendable {
  /// What came of one host.
  public struct Host: Sendable {
    /// Its name.
    public let name: String
    /// Pages that were archived.
    public var pages = 0
    /// Pages that are as they were.
    public var unchanged = 0
    /// Addresses that became no page, by reason.
    public var others: [String: Int] = [:]
    /// Bytes of bodies, as they were sent.
    public var bytes: UInt64 = 0
    /// The time that requests took, in seconds.
    public var seconds = 0.0
    init(_ name: String) { self.name = name }
  }

  /// The source.
  public let source: String
  /// Its version.
  public let version: String
  /// By host, in byte order.
  public private(set) var hosts: [Host] = []
  /// The sum over hosts.
  public private(set) var total = Host("")
  /// Requests of this run, robots.txt and its like counted.
  public let requests: Int
  /// The time of this run, in seconds.
  public let seconds: Double
  /// Hosts that asked to be left alone, and until when.
  public let deferred: [(host: String, until: String)]
  /// Addresses that wait for them.
  public let dueCount: Int
  /// Pages whose site reserved training when they were fetched.
  public let reserved: [(address: String, record: String)]
  /// SHA-256 over address and digest of each page, in byte order: equal for two crawls that found the same site.
  public let pageSetSha256: String
  /// What robots.txt was, by authority.
  public private(set) var sites: [(authority: String, robots: String)] = []
  /// The mechanisms that the reading process is shut in by.
  public let sandbox: String

  init(
    _ settings: CrawlSettings,
    _ frontier: Frontier,
    requests: Int,
    seconds: Double,
    deferred: [(String, String)],
    sites: [SiteState],
    sandbox: String
  ) throws(IngestError) {
    (source, version) = (settings.source, settings.version)
    (self.requests, self.seconds, self.sandbox) = (requests, seconds, sandbox)
    self.deferred = deferred.map { (host: $0.0, until: $0.1) }
    dueCount = try frontier.dueCount()
    reserved = try frontier.reserved()
    var hash = SHA256()
    try frontier.payloads { address, digest in
      hash.update(data: Array("\(address)\t\(digest)\n".utf8))
    }
    pageSetSha256 = Hex.encode(Array(hash.finalize()))
    var byName: [String: Host] = [:]
    for figure in try frontier.figures() {
      var host = byName[figure.host] ?? Host(figure.host)
      Self.add(figure, to: &host)
      Self.add(figure, to: &total)
      byName[figure.host] = host
    }
    hosts = byName.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
    self.sites = sites.map { site in
      let answer = site.answers["robots.txt"]
      let delay = site.delayMilliseconds.map { ", crawl-delay \(Double($0) / 1000) s" } ?? ""
      return (site.authority, "\(site.isRefused ?? answer?.status ?? "not asked")\(delay)")
    }
  }

  private static func add(_ figure: Frontier.Figure, to host: inout Host) {
    switch figure.state {
    case .archived: host.pages += figure.count
    case .unchanged: host.unchanged += figure.count
    case .redirected:
      host.others[figure.reason.isEmpty ? "redirect" : figure.reason, default: 0] += figure.count
    case .listed: host.others["sitemap", default: 0] += figure.count
    default:
      // Lines of one robots.txt are one reason.
      let reason = figure.reason.hasPrefix("robots line") ? "robots" : figure.reason
      host.others[reason, default: 0] += figure.count
    }
    host.bytes += UInt64(max(0, figure.bytes))
    host.seconds += Double(figure.microseconds) / 1_000_000
  }

  /// The exit code that says it, and why; `nil` where there are pages.
  public var failure: IngestError? {
    if !deferred.isEmpty {
      let list = deferred.map { "\($0.host) until \($0.until)" }.joined(separator: ", ")
      return IngestError(
        .locked,
        "source '\(source)': \(dueCount) addresses wait for hosts that ask to be left alone: \(list); run the same command again then"
      )
    }
    guard total.pages + total.unchanged == 0 else { return nil }
    let reasons = total.others.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let refusals = ["robots", "address-refused", "scope", "crawl-delay", "budget", "media-type"]
    let isRefused = total.others.keys.contains { reason in
      refusals.contains { reason.hasPrefix($0) }
    }
    return IngestError(
      isRefused ? .refused : .unavailable,
      "source '\(source)': no page was fetched (\(reasons.joined(separator: ", "))); its seeds and scope are in the manifest, what happened is in report.json and in the archives under diagnostics"
    )
  }

  /// The report as JSON.
  public var json: JSONValue {
    [
      "apiVersion": "ingest/v1", "kind": "CrawlReport", "source": .string(source),
      "version": .string(version), "pageSetSha256": .string(pageSetSha256),
      "total": Self.json(total),
      "hosts": .object(JSONObject(hosts.map { ($0.name, Self.json($0)) })),
      "sites": .object(JSONObject(sites.map { ($0.authority, .string($0.robots)) })),
      "reservedTraining": .array(
        reserved.map { ["url": .string($0.address), "record": .string($0.record)] }
      ),
      "deferred": .object(JSONObject(deferred.map { ($0.host, .string($0.until)) })),
      "due": .count(dueCount),
      "run": [
        "requests": .count(requests), "wallMilliseconds": .count(Int(seconds * 1000)),
        "sandbox": .string(sandbox),
      ],
    ]
  }

  private static func json(_ host: Host) -> JSONValue {
    [
      "pages": .count(host.pages), "unchanged": .count(host.unchanged),
      "bytes": .count(host.bytes), "milliseconds": .count(Int(host.seconds * 1000)),
      "others": .object(JSONObject(host.others.map { ($0.key, .count($0.value)) })),
    ]
  }

  /// Writes the report into the crawl's folder.
  func write(to folder: String) throws(IngestError) {
    do throws(FileError) {
      try DurableFile.write(
        CanonicalJSON.encode(json) + [0x0A],
        to: FilePaths.join(folder, "report.json")
      )
    } catch {
      throw IngestError(error)
    }
  }
}
