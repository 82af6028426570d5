internal import ArgumentParser
internal import CanonicalCoding
internal import Crawling
internal import Ingestion

/// `ingest explain`: why a record has its license and verdict.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show the chain of rules that gave a record its license and verdict.",
    discussion: """
      Exit 0 when the decision is allow, 77 when it is review or deny.

      For a page that ingest crawl fetched also why it was taken on that day: what the
      site's robots.txt said, with its line, asked again of the file as it was archived;
      what the site said about training; who asked whom, and when.

      EXAMPLES
        ingest explain 17
        ingest explain crawl:17 --json
      """
  )

  @Argument(
    help: "INDEX, LOCATOR, SOURCE:INDEX or SOURCE:LOCATOR; also of a record that has no leaf."
  )
  var record: String
  @OptionGroup var options: StoreOptions
  @Flag(name: .long, help: "One JSON object.")
  var json = false
  @OptionGroup var workers: WorkerOptions

  func run() async throws {
    try await Terminal.run {
      let store = try options.open()
      let explanation = try RecordExplanation.make(
        of: record,
        store: store,
        plugins: Ingest.plugins
      )
      let fetch = explanation.isCommitted ? try evidence(store) : FetchEvidence()
      if json {
        var object: JSONObject = [
          "record": .string(record), "source": .string(explanation.source),
          "decision": .string(explanation.decision),
          "steps": .array((explanation.steps + fetch.steps).map(JSONValue.string)),
        ]
        if let evidence = fetch.json { object["evidence"] = evidence }
        Terminal.print(json: .object(object))
      } else {
        for step in explanation.steps + fetch.steps { Terminal.print(Terminal.escaped(step)) }
      }
      if explanation.decision != "allow" { throw ExitCode(ExitStatus.refused.rawValue) }
    }
  }

  /// Why a page was taken.
  private struct FetchEvidence {
    var steps: [String] = []
    var json: JSONValue?
  }

  /// Nothing for a record that no crawl of ours fetched.
  private func evidence(_ store: Store) throws(IngestError) -> FetchEvidence {
    let found: RecordEvidence?
    do throws(IngestError) {
      found = try RecordEvidence.read(of: record, store: store, options: workers.options())
    } catch {
      guard error.status == .unavailable else { throw error }
      return FetchEvidence(steps: ["evidence: \(error.description)"])
    }
    guard let evidence = found else { return FetchEvidence() }
    let outcome = try replay(evidence)
    let steps = ["address: \(evidence.address)"] + evidence.steps + [outcome]
    return FetchEvidence(steps: steps, json: evidence.json)
  }

  private func replay(_ evidence: RecordEvidence) throws(IngestError) -> String {
    let outcome: EvidenceReplay.Outcome
    do {
      outcome = try EvidenceReplay.run(
        evidence.json,
        of: evidence.address,
        try SourcePlan.readManifest(evidence.manifestPath),
        path: evidence.manifestPath,
        worker: try AsideReading.workerProgram(),
        allowsUnsandboxed: workers.allowUnsandboxed
      )
    } catch {
      throw IngestError(error)
    }
    switch outcome {
    case .same(let file): return "replayed: the same verdict (\(file))"
    case .different(let said): return "replayed: ANOTHER verdict: \(said)"
    case .missing(let reason): return "not replayed: \(reason)"
    }
  }
}
