internal import ArgumentParser
internal import CanonicalCoding
internal import Ingestion

/// `ingest status`: what the store holds.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the sources and epochs of a store.",
    discussion: """
      EXAMPLES
        ingest status
        ingest status --ledger crawl     # what has no leaf, and why
      """
  )

  @OptionGroup var options: StoreOptions
  @Option(name: .long, help: "List the reject ledger of a source, one JSON object a line.")
  var ledger: String?
  @Flag(name: .long, help: "One JSON object.")
  var json = false

  func run() async throws {
    try await Terminal.run {
      let store = try options.open()
      if let ledger { return try printLedger(store, ledger) }
      var sources: [JSONValue] = []
      for id in try store.sourceIdentifiers() {
        guard let state = try store.state(of: id) else { continue }
        let counts = state.books.counts
        if json {
          sources.append([
            "id": .string(id), "complete": .bool(state.isComplete),
            "size": .count(state.sha256.size), "tombstones": .count(state.tombstoneCount),
            "sha256Root": .string(state.sha256.root.hex),
            "poseidon2Root": .string(state.poseidon2.root.hex),
            "signedEpoch": .count(state.signedEpoch), "counts": counts.json,
            "manifest": .string(state.manifestPath),
          ])
        } else {
          let progress =
            state.isComplete
            ? "complete" : "interrupted; run ingest --source \(state.manifestPath) again"
          Terminal.print(
            "\(id): \(state.sha256.size) leaves\(state.tombstoneCount > 0 ? " (\(state.tombstoneCount) tombstones)" : ""), \(counts.rejected) rejected, \(counts.excludedTotal) excluded, \(counts.skipped) skipped, \(progress)\(state.signedEpoch > 0 ? ", signed in epoch \(state.signedEpoch)" : ", not signed")"
          )
          Terminal.print("  sha256Root \(state.sha256.root.hex)")
        }
      }
      let epoch = try store.latestEpoch()
      if json {
        Terminal.print(json: ["sources": .array(sources), "epoch": .count(epoch)])
      } else {
        Terminal.print(
          epoch > 0 ? "epoch \(epoch): \(store.folder(ofEpoch: epoch))" : "no epoch is signed yet"
        )
      }
    }
  }

  private func printLedger(_ store: Store, _ source: String) throws {
    guard try store.state(of: source) != nil else {
      throw IngestError(.usage, "there is no source '\(source)'")
    }
    for place in try store.segments(of: source) where place.ledgerCount > 0 {
      for entry in try store.segment(place, of: source).ledger { Terminal.print(entry + [0x0A]) }
    }
  }
}
