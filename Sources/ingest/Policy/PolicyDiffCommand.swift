internal import ArgumentParser
internal import CanonicalCoding
internal import Ingestion
internal import Licensing
internal import Manifests

/// `ingest policy diff OLD NEW`.
struct PolicyDiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say which records of the newest epoch two policies decide differently.",
    discussion: """
      Counts are those of the commitment. --records lists every record, SOURCE:INDEX with
      its locator; of confidential sources the number alone.

      EXAMPLES
        ingest policy diff default.policy stricter.policy
        ingest policy diff default.policy stricter.policy --records > changed.tsv
      """
  )
  @Argument(help: "The policy as it is.")
  var old: String
  @Argument(help: "The policy as it shall be.")
  var new: String
  @Option(name: .long, help: "The day on which both decide; by default the epoch's.")
  var asOf: String?
  @Flag(name: .long, help: "List every record whose decision changes.")
  var records = false
  @Flag(name: .long, help: "One JSON object.")
  var json = false
  @OptionGroup var store: StoreOptions

  func validate() throws {
    if let asOf, CivilDate(asOf) == nil { throw ValidationError("--as-of is a day: YYYY-MM-DD") }
  }

  func run() async throws {
    try await Terminal.run {
      let difference = try PolicyDifference(
        store: store.open(),
        old: PolicyReading.read(old),
        new: PolicyReading.read(new),
        asOf: asOf.flatMap { CivilDate($0) }
      )
      if records {
        try difference.forEachRecord { record in
          Terminal.print(
            "\(record.source):\(record.leaf)\t\(record.change.old.decision.rawValue)\t\(record.change.new.decision.rawValue)\t\(Self.cell(record.locator ?? "-"))"
          )
        }
        return
      }
      if json { print(difference) } else { say(difference) }
    }
  }

  /// A text that a spreadsheet takes for a text: what it would take for a formula begins with an apostrophe.
  private static func cell(_ text: String) -> String {
    let shown = Terminal.escaped(text)
    return "=+-@".contains(shown.first ?? " ") && shown != "-" ? "'" + shown : shown
  }

  private func print(_ difference: PolicyDifference) {
    Terminal.print(json: [
      "asOf": .string(difference.asOf.description),
      "records": .count(difference.recordCount),
      "changes": .array(
        difference.changes.map {
          [
            "source": .string($0.old.source), "licenseIndex": .count($0.old.licenseIndex),
            "expression": .string($0.old.expression),
            "preference": .string($0.old.preference.name),
            "old": .string($0.old.decision.rawValue), "new": .string($0.new.decision.rawValue),
            "records": .count($0.records),
            "oldRules": .array($0.oldRules.map(JSONValue.string)),
            "newRules": .array($0.newRules.map(JSONValue.string)),
          ]
        }
      ),
    ])
  }

  private func say(_ difference: PolicyDifference) {
    for change in difference.changes {
      Terminal.print(
        Terminal.escaped(
          "\(change.old.source): \(change.old.expression), train-ai \(change.old.preference.name): \(change.old.decision.rawValue) (\(change.oldRules.joined(separator: ", "))) becomes \(change.new.decision.rawValue) (\(change.newRules.joined(separator: ", "))): \(change.records) records"
        )
      )
    }
    Terminal.print(
      difference.changes.isEmpty
        ? "as of \(difference.asOf): both policies decide the same on every license entry"
        : "as of \(difference.asOf): \(difference.changedRecords) of \(difference.recordCount) records change their decision"
    )
  }
}
