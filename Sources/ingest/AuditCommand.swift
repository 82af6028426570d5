internal import ArgumentParser
internal import CanonicalCoding
internal import Ingestion

/// `ingest audit`: the sources against the store.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Read sources again and compare every leaf and root with the store.",
    discussion: """
      EXAMPLES
        ingest audit
        ingest audit crawl --jobs 2
      """
  )

  @Argument(help: "Sources by id; by default all.")
  var sources: [String] = []
  @Option(name: .long, help: "Threads of the worker.")
  var jobs: Int = 1
  @Flag(name: .long, help: "No progress.")
  var quiet = false
  @Flag(name: .long, help: "One JSON object a source.")
  var json = false
  @OptionGroup var workers: WorkerOptions
  @OptionGroup var options: StoreOptions

  func run() async throws {
    try await Terminal.run {
      let store = try options.open()
      let observer: any ScanObserver = quiet ? SilentObserver() : ProgressLine()
      let audit = SourceAudit(
        store,
        plugins: Ingest.plugins,
        jobs: max(1, jobs),
        options: workers.options(),
        observer: observer
      )
      for id in try sources.isEmpty ? store.sourceIdentifiers() : sources {
        let result = try await audit.run(id)
        if json {
          Terminal.print(json: [
            "source": .string(id), "records": .count(result.records),
            "sha256Root": .string(result.sha256Root), "equal": true,
          ])
        } else {
          Terminal.print(
            "\(id): \(result.records) records read again, every leaf and both roots equal, sha256Root \(result.sha256Root)"
          )
        }
      }
    }
  }
}
