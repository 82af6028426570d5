internal import CrawlRules
public import Files
internal import Sandbox

/// The whole of `ingest-worker pages`: gives its rights away, then answers questions about what a crawler fetched until
/// nobody asks any more.
public enum PageServer {
  /// The argument that makes a worker this server.
  public static let word = "pages"

  /// Serves until the input ends.
  ///
  /// - Parameter arguments: the product token, the most bytes of a body, seconds of CPU time for one question, and whether
  ///   parsers may run without a mechanism that the kernel lacks.
  /// - Throws: `FileError` when the host is gone.
  public static func run(_ arguments: [String]) throws(FileError) {
    guard arguments.count == 4, let limit = Int(arguments[1]), let seconds = UInt64(arguments[2])
    else { return }
    let agent = arguments[0]
    ProcessUsage.keepLargeBuffers()
    do throws(Sandbox.Failure) {
      let level = try Sandbox.enter(Sandbox.Needs(), allowsWeaker: arguments[3] == "weaker")
      try? send(.ready(sandbox: level))
    } catch {
      try send(.refused(status: 77, sentence: error.description))
      return
    }
    let analysis = PageAnalysis(agent: agent, limit: limit)
    var sites: [UInt32: SiteRules] = [:]
    while let (kind, content) = try next() {
      Sandbox.allowCPU(seconds: seconds)
      guard let request = try? PageRequest(kind: kind, content) else { return }
      switch request {
      case .file(let site, let name, let head, let body):
        let bytes = PageAnalysis.plain(head, body)
        var rules = sites[site] ?? SiteRules(agent: agent)
        if name.hasSuffix("/robots.txt") {
          let facts = rules.takeRobots(bytes, address: WebAddress(name))
          try send(.site(site, facts))
        } else {
          rules.take(name, bytes)
        }
        sites[site] = rules
      case .verdicts(let token, let site, let addresses):
        let rules = sites[site] ?? SiteRules(agent: agent)
        try send(.verdicts(token, addresses.map(rules.verdict)))
      case .page(let message): try send(.page(message.token, analysis.page(message)))
      case .sitemap(let message): try send(.sitemap(message.token, analysis.sitemap(message)))
      }
    }
  }

  private static func send(_ answer: PageAnswer) throws(FileError) {
    try FileOutput.writeToStandardOutput(answer.frame[...])
  }

  /// The next question; `nil` at the end, and for a length that no question has.
  private static func next() throws(FileError) -> (kind: UInt8, content: [UInt8])? {
    guard let head = try InputStreamReader.exactly(5) else { return nil }
    let length = head.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    guard length >= 1, length <= PageRequest.sizeLimit,
      let content = try InputStreamReader.exactly(length - 1)
    else { return nil }
    return (head[4], content)
  }
}
