public import CanonicalCoding
internal import CrawlRules
internal import Files
internal import GRDB
public import Ingestion
public import Manifests
internal import PageReading
internal import WebCrawl

/// Asks the files that a site had when a page was fetched once more: years later, offline, the same question has to have
/// the same answer.
public enum EvidenceReplay {
  /// What came of it.
  public enum Outcome: Sendable {
    /// The stored files say what the evidence says they said.
    case same(file: String)
    /// They say something else.
    case different(String)
    /// They are not at hand.
    case missing(String)
  }

  /// Replays the verdict of robots.txt about a page.
  ///
  /// - Parameters:
  ///   - evidence: what was written down.
  ///   - address: the page.
  ///   - manifest: the manifest of its source.
  ///   - path: the manifest's file.
  ///   - worker: the program that parses.
  ///   - allowsUnsandboxed: whether it may run without a mechanism of the sandbox that the kernel lacks.
  /// - Returns: whether it is the same.
  /// - Throws: `IngestError` when the program that parses cannot be run.
  public static func run(
    _ evidence: JSONValue,
    of address: String,
    _ manifest: SourceManifest,
    path: String,
    worker: String,
    allowsUnsandboxed: Bool
  ) throws(IngestError) -> Outcome {
    guard let crawl = manifest.crawl, let agent = evidence.object?["agent"]?.text else {
      return .missing("the manifest has no section 'crawl'")
    }
    let asked = evidence.object?["asked"]?.object?["robots.txt"]?.object
    let token = SourceManifest.productToken(of: agent)
    var request = PageRequest.file(site: 1, name: "/robots.txt", head: [], body: [])
    var file = "no robots.txt: \(asked?["status"]?.text ?? "not asked")"
    if let sha256 = asked?["sha256"]?.text {
      let folder = FilePaths.join(FilePaths.folder(of: path), crawl.folder)
      guard let place = try place(of: sha256, in: folder) else {
        return .missing("no archive of \(folder) holds the robots.txt \(sha256)")
      }
      let record: WARCTail.Record?
      do throws(FileError) {
        record = try WARCTail.record(
          folder: FilePaths.join(folder, "signals"),
          name: place.file,
          at: place.offset
        )
      } catch {
        return .missing("\(error)")
      }
      guard let record, PayloadDigest.hex(record.body) == sha256 else {
        return .different("the archived robots.txt is not the one that was committed")
      }
      request = .file(
        site: 1,
        name: record.target.hasSuffix("/robots.txt") ? record.target : "/robots.txt",
        head: record.head,
        body: record.body
      )
      file = "\(crawl.folder)/signals/\(place.file)@\(place.offset),\(place.length)"
    }
    let verdict = try ask(
      request,
      address,
      worker,
      PageClient.Options(
        agent: token,
        bodyLimit: 1 << 20,
        cpuSeconds: 20,
        allowsUnsandboxed: allowsUnsandboxed
      )
    )
    let robots = evidence.object?["robots"]?.object
    let isSame =
      verdict.isAllowed == (robots?["verdict"]?.text == "allowed")
      && verdict.line.map(String.init) == robots?["line"]?.text
      && verdict.rule == robots?["rule"]?.text
    let said = verdict.line.map { "line \($0): \(verdict.rule ?? "")" } ?? "no rule matches"
    return isSame
      ? .same(file: file)
      : .different("\(verdict.isAllowed ? "allowed" : "disallowed"), \(said)")
  }

  private static func place(of sha256: String, in folder: String) throws(IngestError) -> (
    file: String, offset: UInt64, length: UInt64
  )? {
    let path = FilePaths.join(folder, "frontier.sqlite")
    guard FilePaths.exists(path) else { return nil }
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(5)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      return try queue.read { database in
        try Row.fetchOne(
          database,
          sql: "SELECT file, offset, length FROM answer WHERE sha256 = ?",
          arguments: [sha256]
        ).map { ($0[0], UInt64($0[1] as Int64), UInt64($0[2] as Int64)) }
      }
    } catch {
      throw IngestError(.inputOutput, "\(path): \(error)")
    }
  }

  private static func ask(
    _ file: PageRequest,
    _ address: String,
    _ worker: String,
    _ options: PageClient.Options
  ) throws(IngestError) -> SiteVerdict {
    do throws(PageClient.Failure) {
      let client = try PageClient(worker, options)
      client.ask(file)
      client.ask(.verdicts(token: 1, site: 1, addresses: [address]))
      while true {
        client.wait(milliseconds: 1000)
        for event in try client.advance() {
          switch event {
          case .answer(.verdicts(_, let list)):
            if let verdict = list.first { return verdict }
          case .answer: continue
          case .died(_, let cause): throw PageClient.Failure(status: 65, sentence: cause)
          }
        }
      }
    } catch {
      throw IngestError(ExitStatus(rawValue: error.status) ?? .inputOutput, error.sentence)
    }
  }
}
