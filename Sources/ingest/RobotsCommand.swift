internal import ArgumentParser
internal import CanonicalCoding
internal import Ingestion

/// `ingest robots`: what a robots.txt says.
struct RobotsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "robots",
    abstract: "Say whether a robots.txt lets a product fetch an address, and by which line.",
    discussion: """
      The rules are those of RFC 9309: all groups that name the product, else those for
      *; the matching rule of most octets; Allow if two are as long. Exit 0 when every
      address is allowed, 1 when one is not. Content-Usage (AIPREF) is shown beside it.

      EXAMPLES
        ingest robots --file robots.txt --agent ingestbot https://example.org/a/b
        curl -s https://example.org/robots.txt \\
          | ingest robots --agent ingestbot /a /b
      """
  )

  @Option(name: .long, help: "The robots.txt; standard input when it is left out.")
  var file: String?
  @Option(name: .long, help: "The product token: letters, _ and -.")
  var agent: String
  @Argument(help: "Addresses, or their paths.")
  var urls: [String]
  @Flag(name: .long, help: "One JSON object a line.")
  var json = false
  @OptionGroup var workers: WorkerOptions

  func validate() throws {
    let isToken =
      !agent.isEmpty
      && agent.utf8.allSatisfy {
        ($0 | 0x20) &- 0x61 < 26 || $0 == 0x5F || $0 == 0x2D
      }
    guard isToken else {
      throw ValidationError("--agent is a product token: letters, _ and -, as 'ingestbot'")
    }
    guard !urls.isEmpty else { throw ValidationError("no address: pass one or more") }
  }

  func run() async throws {
    try await Terminal.run {
      // More than is read, so that what is cut is known to be cut.
      let limit = 1 << 26
      let bytes = try Terminal.read(file, limit: limit)
      let answers = try AsideReading(workers.options()).robots(
        bytes,
        agent: agent,
        addresses: urls,
        place: file ?? "standard input"
      )
      for answer in answers {
        if json { Terminal.print(json: answer.json) } else { show(answer) }
      }
      if answers.contains(where: { !$0.isAllowed }) { throw ExitCode(1) }
    }
  }

  private func show(_ answer: RobotsAnswer) {
    let reason =
      if let line = answer.line, let rule = answer.rule {
        "line \(line): \(rule)"
      } else {
        "no rule matches"
      }
    let group = answer.isNamed ? agent : "*"
    let lines = answer.trainingLines.map(String.init).joined(separator: ", ")
    let training = lines.isEmpty ? "" : "; training \(answer.training) (line \(lines))"
    Terminal.print(
      Terminal.escaped(
        "\(answer.isAllowed ? "allowed" : "disallowed") \(answer.address): \(reason) (rules for \(group))\(training)"
      )
    )
  }
}
