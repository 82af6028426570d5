internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion

/// `ingest shard`: reads one shard of a plan.
struct ShardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shard",
    abstract: "Read one shard of a plan and write its rows, with a receipt that comes last.",
    discussion: """
      A pure function of plan, inputs and salt key: it may run twice, or again
      after a crash, on any machine. The receipt decides, not the engine that
      started it. Exit 69, 74, 75: try again later; 65, 77, 78: do not.

      EXAMPLES
        ingest shard --plan crawl.plan.json --ordinal 3 --out shards
        ingest shard --plan p.json --ordinal 0 --out shards --salt-key-fd 9 \\
          9< .ingest/keys/salt-crawl.key
      """
  )

  @OptionGroup var file: PlanFile
  @Option(name: .long, help: "The number of the shard, from 0.")
  var ordinal: Int
  @Option(name: .long, help: "The folder of all shards' output.")
  var out: String
  @Option(name: .long, help: "Threads of the worker.")
  var jobs: Int = 1
  @Option(
    name: .long,
    help: "An open file with the salt key of a confidential source; else the merge hashes."
  )
  var saltKeyFd: Int32?
  @OptionGroup var workers: WorkerOptions

  func validate() throws {
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs is 1 to 256") }
    if let saltKeyFd, saltKeyFd < 0 { throw ValidationError("--salt-key-fd is a descriptor") }
  }

  func run() async throws {
    try await Terminal.run {
      do {
        ProcessUsage.keepLargeBuffers()
        let plan = try file.load(workers.options())
        let runner = try ShardRunner(
          plan,
          ordinal: ordinal,
          saltKey: try saltKey(),
          threads: jobs
        )
        let outcome = try runner.run(into: out)
        Terminal.print(json: [
          "shard": .count(ordinal), "receipt": .string(outcome.receipt.digest.hex),
          "folder": .string(outcome.folder), "counts": outcome.receipt.counts.json,
          "unchanged": .bool(outcome.wasThere),
        ])
      } catch {
        try fail(IngestError(error))
      }
    }
  }

  private func saltKey() throws -> [UInt8]? {
    guard let saltKeyFd else { return nil }
    let key = try InputStreamReader.all(of: saltKeyFd, limit: 33)
    guard key.count == 32 else {
      throw IngestError(.usage, "--salt-key-fd \(saltKeyFd): a salt key has 32 bytes")
    }
    return key
  }

  /// Engines drop what a worker says on standard error: the failure is a file and a line of JSON too.
  private func fail(_ error: IngestError) throws {
    let failure: JSONValue = [
      "apiVersion": "ingest/v1", "kind": "ShardFailure", "ordinal": .count(ordinal),
      "status": .count(error.status.rawValue),
      "sentence": .string(Terminal.escaped(error.description)),
      "retry": .bool([.unavailable, .inputOutput, .locked].contains(error.status)),
    ]
    Terminal.print(json: failure)
    if FilePaths.isFolder(out) {
      let path = FilePaths.join(out, "shard-\(ordinal).failed.json")
      try? DurableFile.write(CanonicalJSON.encode(failure) + [0x0A], to: path)
    }
    throw error
  }
}
