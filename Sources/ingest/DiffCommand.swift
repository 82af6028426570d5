internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Licensing
internal import Manifests

/// `ingest diff OLD NEW`: two manifests or two epochs, in words.
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say in words what changed between two source manifests, or two epochs.",
    discussion: """
      OLD and NEW are both source manifests, both epochs of the store by number, or both
      folders that ingest export --all wrote. Every change of a manifest names its line.
      Two different epochs of one number are a fork: exit 65. An epoch that is older than
      the one it is compared with is said to be.

      EXAMPLES
        ingest diff 3 4
        ingest diff old/crawl.manifest manifests/crawl.manifest
        ingest diff exports-2026-10 exports-2026-11
      """
  )
  @Argument(help: "The earlier one.")
  var old: String
  @Argument(help: "The later one.")
  var new: String
  @Flag(name: .long, help: "One JSON object.")
  var json = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var workers: WorkerOptions

  func run() async throws {
    try await Terminal.run {
      if let a = UInt64(old), let b = UInt64(new) {
        let store = try store.open()
        let later = try store.contents(ofEpoch: b)
        try say(EpochDifference(store.contents(ofEpoch: a, besides: later), later))
      } else if FilePaths.isFolder(old), FilePaths.isFolder(new) {
        try say(
          EpochDifference(PublishedFolder.contents(of: old), PublishedFolder.contents(of: new))
        )
      } else {
        let names = workers.pluginFolders.names
        try say(
          ManifestDifference(
            SourcePlan.readManifest(old, plugins: names),
            SourcePlan.readManifest(new, plugins: names)
          )
        )
      }
    }
  }

  private func say(_ difference: ManifestDifference) throws {
    if json {
      Terminal.print(json: [
        "same": .bool(difference.isSame), "changes": .array(difference.changes.map(Self.json)),
      ])
      return
    }
    if difference.isSame {
      Terminal.print(
        "nothing but comments, quotes or order differs; reviews of either hold for both"
      )
    }
    for change in difference.changes { Terminal.print(Terminal.escaped(line(change))) }
    if !difference.isSame {
      Terminal.print("\(difference.changes.count) changes; reviews of the old version are void")
    }
  }

  private func line(_ change: ManifestDifference.Change) -> String {
    let place =
      change.newLine.map { "\(new):\($0)" } ?? change.oldLine.map { "\(old):\($0)" } ?? new
    return "\(place): \(change.sentence)"
  }

  private static func json(_ change: ManifestDifference.Change) -> JSONValue {
    var object: JSONObject = [
      "path": .string(change.path), "sentence": .string(change.sentence),
    ]
    object["old"] = change.old.map(JSONValue.string)
    object["new"] = change.new.map(JSONValue.string)
    object["oldLine"] = change.oldLine.map { .count($0) }
    object["newLine"] = change.newLine.map { .count($0) }
    return .object(object)
  }

  private func say(_ difference: EpochDifference) throws {
    if json { printJSON(difference) } else { printText(difference) }
    if difference.relation == .fork {
      throw IngestError(
        .badData,
        "fork: these are two histories; epoch \(difference.numbers.new) does not follow from epoch \(difference.numbers.old)"
      )
    }
  }

  private static func words(_ relation: EpochDifference.Relation) -> String {
    switch relation {
    case .same: "the same commit file"
    case .next: "follows directly"
    case .later: "later; other epochs lie between"
    case .earlier: "OLDER than what it is compared with: rolled back, or asked the wrong way round"
    case .fork: "FORK"
    }
  }

  private func printText(_ difference: EpochDifference) {
    func say(_ text: String) { Terminal.print(Terminal.escaped(text)) }
    say(
      "epoch \(difference.numbers.old) to epoch \(difference.numbers.new): \(Self.words(difference.relation))"
    )
    for sentence in difference.sentences { say("  \(sentence)") }
    for source in difference.added { say("new source \(source)") }
    for source in difference.removed { say("source gone: \(source)") }
    for source in difference.changed {
      say("source \(source.id)")
      for sentence in source.sentences { say("  \(sentence)") }
      for change in source.manifest?.changes ?? [] {
        let line = change.newLine ?? change.oldLine ?? 1
        say("  manifest, line \(line): \(change.sentence)")
      }
    }
    if difference.isEmpty { say("nothing changed") }
  }

  private func printJSON(_ difference: EpochDifference) {
    func counts(_ counts: [Decision: UInt64]) -> JSONValue {
      .object(JSONObject(Decision.allCases.map { ($0.rawValue, .count(counts[$0] ?? 0)) }))
    }
    Terminal.print(json: [
      "relation": .string(Self.words(difference.relation)),
      "old": .count(difference.numbers.old), "new": .count(difference.numbers.new),
      "decisions": [
        "old": counts(difference.decisions.old), "new": counts(difference.decisions.new),
      ],
      "sentences": .array(difference.sentences.map(JSONValue.string)),
      "added": .array(difference.added.map(JSONValue.string)),
      "removed": .array(difference.removed.map(JSONValue.string)),
      "changed": .array(
        difference.changed.map { source in
          [
            "source": .string(source.id),
            "sentences": .array(source.sentences.map(JSONValue.string)),
            "manifest": .array((source.manifest?.changes ?? []).map(Self.json)),
          ]
        }
      ),
    ])
  }
}
