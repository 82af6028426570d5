internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion

/// `ingest merge`: the shards of a plan become a source of the store.
struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Commit the shards of a plan, in the order of the plan, and sign the epoch.",
    discussion: """
      Every shard must have a receipt; equal ones count once, different ones of
      one shard end the merge (65), as does one that is missing. Each file is
      compared with its digest and every leaf is hashed anew. The root is that of
      ingest --source over the same inputs.

      EXAMPLES
        ingest merge --plan crawl.plan.json shards
        ingest merge --plan crawl.plan.json shards --store registry --json
      """
  )

  @OptionGroup var file: PlanFile
  @Argument(help: "Receipts, or folders with them.")
  var receipts: [String]
  @Option(name: .long, help: "The store's folder; by default .ingest where the inputs lie.")
  var store: String?
  @OptionGroup var result: ResultOptions

  func run() async throws {
    try await Terminal.run {
      ProcessUsage.keepLargeBuffers()
      let plan = try file.load()
      let registry = Registry(
        store: try Store(
          store ?? FilePaths.join(plan.source.folder, ".ingest"),
          isWriter: true
        ),
        plugins: Ingest.plugins,
        options: try result.registryOptions(),
        observer: result.quiet ? SilentObserver() : ProgressLine()
      )
      result.print(try registry.merge(plan, receipts: receipts))
    }
  }
}
