internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Licensing
internal import Manifests

/// `ingest policy compile POLICY`.
struct PolicyCompileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract:
      "Compile a policy over sources: the decision table of a day, and the digests that proofs name.",
    discussion: """
      Over the sources of the store's newest epoch, with their reviews, or over manifests
      that are named. The rows of --out are those of combined.decisions.jsonl.

      EXAMPLES
        ingest policy compile default.policy --as-of 2026-11-20 --out decisions.jsonl
        ingest policy compile default.policy manifests/*.manifest --as-of 2026-11-20
      """
  )
  @Argument(help: "The policy.")
  var policy: String
  @Argument(help: "Source manifests; by default those of the newest epoch.")
  var manifests: [String] = []
  @Option(name: .long, help: "The day on which the policy decides; by default the epoch's.")
  var asOf: String?
  @Option(name: .long, help: "A file for the rows, one JSON object a line.")
  var out: String?
  @Flag(name: .long, help: "One JSON object.")
  var json = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var workers: WorkerOptions

  func validate() throws {
    if let asOf, CivilDate(asOf) == nil { throw ValidationError("--as-of is a day: YYYY-MM-DD") }
    if !manifests.isEmpty, asOf == nil {
      throw ValidationError("--as-of is needed where manifests are named: no clock is asked")
    }
  }

  func run() async throws {
    try await Terminal.run {
      let file = try PolicyReading.read(policy)
      let (inputs, day) = try sources()
      let table = DecisionTable(inputs: inputs, policy: file.policy, asOf: day)
      let conflicts = LicenseConflict.find(
        among: table.holdings(inputs) { _ in true },
        policy: file.policy
      )
      if let out {
        try DurableFile.write(Array(table.lines.map { $0 + [0x0A] }.joined()), to: out)
      }
      if json { print(file, table, conflicts, day) } else { say(file, table, conflicts, day) }
    }
  }

  private func sources() throws -> ([DecisionInputs], CivilDate) {
    guard manifests.isEmpty else {
      let inputs = try manifests.map { path in
        var manifest = try SourcePlan.readManifest(path, plugins: workers.pluginFolders.names)
        manifest.reviews =
          try ReviewFolder.load(manifest.id, manifestPath: path)?.history ?? .empty
        return DecisionInputs(manifest)
      }
      guard let day = asOf.flatMap({ CivilDate($0) }) else {
        throw IngestError(.usage, "--as-of is needed")
      }
      return (inputs, day)
    }
    let (inputs, committed) = try store.open().decisionInputs()
    return (inputs, asOf.flatMap { CivilDate($0) } ?? committed)
  }

  private func print(
    _ file: PolicyFile,
    _ table: DecisionTable,
    _ conflicts: [LicenseConflict],
    _ day: CivilDate
  ) {
    Terminal.print(json: [
      "policy": [
        "id": .string(file.policy.id), "version": .string(file.policy.version),
        "sha256": .string(file.digest.hex),
      ],
      "asOf": .string(day.description), "table": table.head.json(countName: "rows"),
      "licenseList": .string(CommittedManifest.ownLicenseListDigest.hex),
      "licenseTable": .string(CommittedManifest.ownLicenseTableDigest.hex),
      "rows": .array(table.rows.map(\.json)),
      "conflicts": .array(
        conflicts.map {
          [
            "a": .string($0.a.license), "b": .string($0.b.license),
            "sources": .array(($0.a.sources + $0.b.sources).map(JSONValue.string)),
            "decision": .string($0.decision.rawValue), "reason": .string($0.reason),
          ]
        }
      ),
    ])
  }

  private func say(
    _ file: PolicyFile,
    _ table: DecisionTable,
    _ conflicts: [LicenseConflict],
    _ day: CivilDate
  ) {
    for (row, evaluation) in zip(table.rows, table.evaluations) {
      let rules = evaluation.steps.map { step in
        step.waiver.map { "\(step.rule) waived by \($0)" } ?? step.rule
      }
      let chosen = row.chosen.map { ", chosen \($0)" } ?? ""
      Terminal.print(
        Terminal.escaped(
          "\(row.decision.rawValue.padding(to: 6)) \(row.source) \(row.licenseIndex) \(row.expression), train-ai \(row.preference.name)\(chosen): \(rules.joined(separator: ", "))"
        )
      )
    }
    for conflict in conflicts {
      Terminal.print(
        Terminal.escaped(
          "conflict, \(conflict.decision.rawValue): \(conflict.a.license) (\(conflict.a.sources.joined(separator: ", "))) and \(conflict.b.license) (\(conflict.b.sources.joined(separator: ", "))): \(conflict.reason)"
        )
      )
    }
    Terminal.print("policy \(file.policy.id) \(file.policy.version) sha256 \(file.digest.hex)")
    Terminal.print(
      "table as of \(day): \(table.rows.count) rows, sha256Root \(table.head.sha256Root.hex)"
    )
  }
}

extension String {
  /// The text with spaces behind it, at least so long.
  func padding(to length: Int) -> String {
    self + String(repeating: " ", count: max(0, length - count))
  }
}
