internal import ArgumentParser
internal import CanonicalCoding
internal import Ingestion

/// `ingest explain`: why a record has its license and verdict.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show the chain of rules that gave a record its license and verdict.",
    discussion: """
      Exit 0 when the decision is allow, 77 when it is review or deny.

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

  func run() async throws {
    try await Terminal.run {
      let explanation = try RecordExplanation.make(
        of: record,
        store: try options.open(),
        plugins: Ingest.plugins
      )
      if json {
        Terminal.print(json: [
          "record": .string(record), "source": .string(explanation.source),
          "decision": .string(explanation.decision),
          "steps": .array(explanation.steps.map(JSONValue.string)),
        ])
      } else {
        for step in explanation.steps { Terminal.print(Terminal.escaped(step)) }
      }
      if explanation.decision != "allow" { throw ExitCode(ExitStatus.refused.rawValue) }
    }
  }
}
