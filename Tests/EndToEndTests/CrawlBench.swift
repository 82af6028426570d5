import CanonicalCoding
import Files
import Testing
import _TestSupport

/// A crawl of sites of `Tests/independent/hostile_site.py`, and what their server saw.
struct CrawlBench {
  let folder: String
  private let server: Server
  let port: String
  let canary: String

  /// A line of the server's log.
  struct Request {
    let isAnswer: Bool
    let time: Double
    let connection: String
    let site: String
    let path: String
    let agent: String
    let tag: String
  }

  init(_ folder: String) throws {
    self.folder = folder
    server = try Server(
      "/usr/bin/env",
      ["python3", Fixture.path("Tests/independent/hostile_site.py"), folder + "/server.log"]
    )
    let ports = server.greeting.split(separator: " ").map(String.init)
    try #require(ports.count == 2, "the server did not begin: \(server.greeting)")
    (port, canary) = (ports[0], ports[1])
    try Fixture.copy(Fixture.path("manifests/policies"), folder + "/policies")
    try Fixture.write("", folder + "/snapshot.txt")
  }

  func address(_ site: String, _ path: String = "/") -> String {
    "http://\(site).test:\(port)\(path)"
  }

  /// Writes `NAME.manifest`.
  func manifest(
    _ name: String,
    seeds: [String],
    crawl: [String: String] = [:],
    version: String = "1",
    basis: String = "license",
    agent: String = "examplebot/1 (+https://example.org/bot)"
  ) throws {
    var section = ["delay": "0", "patience": "5"].merging(crawl) { $1 }
    section["folder"] = name
    let list = section.sorted { $0.key < $1.key }.map { key, value in
      "  \(key): \(value.hasPrefix("[") ? value : "\"\(value)\"")\n"
    }
    let quoted = seeds.map { "\"\($0)\"" }.joined(separator: ", ")
    try Fixture.write(
      """
      apiVersion: ingest/v1
      kind: SourceManifest
      source: {id: \(name), title: A site, plugin: web-crawl, version: "\(version)", modality: [text], languages: [en]}
      parties: {owner: {name: Somebody, type: organization}, steward: {name: Steward, email: steward@example.org}}
      input: {paths: ["\(name)/pages/*.warc.gz"], recordUnit: page, normalize: {profile: html-text-v1}, collected: {from: "2026-11-01", to: "2026-11-30", ongoing: false}}
      crawler: {name: examplebot, userAgent: "\(agent)", purposes: [model-training], behavior: {robotsTxt: honored, paywalls: not-circumvented, captchas: not-circumvented}, optOutSignals: [robots.txt, aipref, tdmrep, rsl], optOutSnapshot: {uri: snapshot.txt, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}, onUnknownPreference: review}
      crawl:
        seeds: [\(quoted)]
      \(list.joined())
      license: {declared: CC-BY-4.0, concluded: CC-BY-4.0, basis: \(basis), jurisdiction: [any], attribution: {required: true, text: Somebody}, term: {from: "2026-01-01", until: null}}
      personalData: {present: possible, basis: published, measures: [], aggregateConsumer: none}
      synthetic: {generated: none}
      purpose: Language-model pre-training
      policy: policies/default.policy

      """,
      "\(folder)/\(name).manifest"
    )
  }

  /// The arguments of a crawl that may reach the server, and nothing beside it.
  func arguments(_ name: String, _ more: [String] = []) -> [String] {
    let sites = [
      "plain", "maps", "away", "broken", "flood", "moved", "robotscut", "signals", "changing",
      "patient", "hostile", "robots500",
      "robots403", "robots429",
      "robotsloop", "robotsendless", "robotsslow", "robotshtml",
    ]
    return ["crawl", "\(name).manifest", "--allow-network", "127.0.0.2/32"]
      + sites.flatMap { ["--resolve", "\($0).test:\(port):127.0.0.2"] }
      + ["--resolve", "canary.test:\(canary):127.0.0.1"] + more
  }

  func crawl(_ name: String, _ more: String..., killAfter: Double? = nil) throws -> Command.Result {
    try Command.run(
      Command.ingest,
      arguments(name, more),
      folder: folder,
      killAfter: killAfter
    )
  }

  func run(_ arguments: String...) throws -> Command.Result {
    try Command.run(Command.ingest, arguments, folder: folder)
  }

  /// The crawl's report.
  func report(_ name: String) throws -> JSONValue {
    try JSONParser.parse(
      InputFile.contents(of: "\(folder)/\(name)/report.json", limit: 1 << 24).dropLast()
    )
  }

  /// What the server saw.
  func log() throws -> [Request] {
    let text = String(
      decoding: try InputFile.contents(of: folder + "/server.log", limit: 1 << 26),
      as: UTF8.self
    )
    return text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard parts.count >= 5 else { return nil }
      return Request(
        isAnswer: parts[0] == "answered",
        time: Double(parts[1]) ?? 0,
        connection: parts[2],
        site: parts[3],
        path: parts[4],
        agent: parts.count > 5 ? parts[5] : "",
        tag: parts.count > 6 ? parts[6] : ""
      )
    }
  }

  /// How often somebody reached what nobody may reach.
  func canaryCount() throws -> Int {
    let text = String(
      decoding: try InputFile.contents(of: folder + "/server.log", limit: 1 << 26),
      as: UTF8.self
    )
    return text.split(separator: "\n").count { $0 == "canary" }
  }

  /// The archives of a crawl, checked by a reader of our tests' own.
  func archives(_ name: String, _ subset: String) throws -> [String] {
    try FolderWalk.entries(of: "\(folder)/\(name)/\(subset)")
      .map { "\(folder)/\(name)/\(subset)/" + String(decoding: $0.name, as: UTF8.self) }.sorted()
  }
}
