internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Provenance

/// `ingest prove link`: S1 for every segment of an epoch.
struct ProveLinkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link",
    abstract: "Tie hidden columns of a whole epoch to the leaves under its combined root, once.",
    discussion: """
      Proves that committed, hidden columns hold exactly the leaves of the epoch's
      Poseidon2 trees, in order, each with its source. Later proofs use the columns
      without hashing anything. The columns, their coins and the ledger of what they
      have shown stay in the store (epochs/N/link/PROFILE, mode 0600); a link that
      was interrupted goes on.

      EXAMPLES
        ingest prove link
        ingest prove link --profile KB5-JB100-W --segment-log 18
      """
  )

  @Option(name: .long, help: "The epoch; by default the newest.")
  var epoch: UInt64?
  @Option(
    name: .long,
    help:
      "log2 of a segment's rows, 10 to 20. Larger ones take more memory and make shorter bundles."
  )
  var segmentLog: Int = 17
  @Flag(name: .long, help: "One JSON object with figures.")
  var json = false
  @OptionGroup var prover: ProverOptions
  @OptionGroup var options: StoreOptions

  func validate() throws {
    guard (10...StatementShape.logSegmentLimit).contains(segmentLog) else {
      throw ValidationError("--segment-log is 10 to \(StatementShape.logSegmentLimit)")
    }
    guard epoch != 0 else { throw ValidationError("epochs count from 1") }
  }

  func run() async throws {
    try await Terminal.run {
      _ = try options.open()
      let store = try Store(options.folder, isWriter: true)
      let latest = try store.latestEpoch()
      guard latest > 0 else {
        throw IngestError(.unavailable, "no epoch is signed yet; run ingest --source FILE")
      }
      let start = ProcessUsage.monotonicSeconds
      let steps = SegmentProgress("link")
      let maker = LinkMaker(
        store: store,
        profile: prover.chosenProfile,
        kernels: prover.kernels,
        done: steps.done
      )
      let epoch = epoch ?? latest
      let (leaves, segments, bytes) = try await maker.linkRegistry(
        epoch: epoch,
        logSegment: segmentLog
      )
      steps.end()
      let milliseconds = Int((ProcessUsage.monotonicSeconds - start) * 1000)
      let usage = ProcessUsage.current
      if json {
        Terminal.print(json: [
          "epoch": .count(epoch), "leaves": .count(leaves), "segments": .count(segments),
          "bytes": .count(bytes), "milliseconds": .count(milliseconds),
          "cpuMilliseconds": .count(UInt64(usage.cpuSeconds * 1000)),
          "peakBytes": .count(usage.peakBytes), "profile": .string(prover.profile),
        ])
      } else {
        Terminal.note(
          "linked: \(leaves) leaves of epoch \(epoch) in \(segments) segment\(segments == 1 ? "" : "s"), \(bytes) bytes of proofs, \(milliseconds) ms, peak \(usage.peakBytes >> 20) MiB; profile \(prover.profile); \(ProveCommand.caveat)"
        )
      }
    }
  }
}

/// One redrawn line on a terminal; nothing in a pipe.
struct SegmentProgress {
  private let name: String
  private let start = ProcessUsage.monotonicSeconds

  init(_ name: String) { self.name = name }

  func done(_ number: Int, _ count: Int, _ leaves: Int) {
    guard ProcessUsage.hasTerminal else { return }
    let seconds = ProcessUsage.monotonicSeconds - start
    let left = Int((seconds / Double(number) * Double(count - number)).rounded(.up))
    let rate = Int(Double(number * leaves) / max(seconds, 0.001))
    Terminal.draw(
      "\r\u{1B}[K\(name): segment \(number) of \(count)  \(rate) leaves/s  ETA \(left) s"
    )
  }

  func end() { if ProcessUsage.hasTerminal { Terminal.draw("\r\u{1B}[K") } }
}
