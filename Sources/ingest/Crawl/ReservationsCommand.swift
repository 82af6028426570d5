internal import ArgumentParser
internal import CanonicalCoding
internal import Ingestion

/// `ingest reservations`: which records' publishers reserved training, and what prevailed.
struct ReservationsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reservations",
    abstract: "List the records whose site reserved training when they were fetched.",
    discussion: """
      For each record both sides: what the site said and where, and the terms under which
      the record is committed all the same, or why it is not. What prevailed is the
      reservation (no leaf), a contract with the publisher, or nothing yet (review).
      --conflicts lists what is committed against a reservation: what legal has to sign.
      Exit 0 when nothing is listed, 1 when something is.

      EXAMPLES
        ingest reservations docs-site
        ingest reservations docs-site --conflicts --json
      """
  )

  @Argument(help: "A source of the store.")
  var source: String
  @Flag(name: .long, help: "Only what is committed against a reservation.")
  var conflicts = false
  @Flag(name: .long, help: "One JSON object a line.")
  var json = false
  @OptionGroup var options: StoreOptions
  @OptionGroup var workers: WorkerOptions

  func run() async throws {
    try await Terminal.run {
      let found = try Reservations(
        of: source,
        store: try options.open(),
        options: workers.options()
      )
      let entries = found.entries.filter { !conflicts || $0.leaf != nil }
      for entry in entries {
        if json { Terminal.print(json: entry.json) } else { show(entry) }
      }
      if let missing = found.missing {
        Terminal.note("what the sites said is not shown: \(missing)")
      }
      if !json {
        Terminal.print(
          entries.isEmpty
            ? "no record of '\(source)' \(conflicts ? "is committed against" : "had") a reservation"
            : "\(entries.count) records"
        )
      }
      if !entries.isEmpty { throw ExitCode(1) }
    }
  }

  private func show(_ entry: Reservations.Entry) {
    let place = entry.leaf.map { "leaf \($0)" } ?? "no leaf"
    Terminal.print(Terminal.escaped("\(entry.address ?? entry.locator) (\(place))"))
    for signal in entry.signals {
      guard let signal = signal.object, signal["train"]?.text == "disallowed" else { continue }
      func part(_ name: String) -> String { signal[name]?.text ?? "" }
      Terminal.print(
        Terminal.escaped("  the site: \(part("name")) in \(part("in")): \(part("text"))")
      )
    }
    Terminal.print(Terminal.escaped("  the terms: \(entry.terms)"))
    Terminal.print("  prevailed: \(entry.prevailed)")
  }
}
