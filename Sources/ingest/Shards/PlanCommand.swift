internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion

/// `ingest plan`: shares a source out for workers anywhere.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say what will be read, in shards that workers on any machine can take.",
    discussion: """
      The plan has the digest and size of every input, the texts of manifest and
      policy, and the limits: a worker needs nothing else but the inputs and, for
      a confidential source, the salt key. It is a pure function of all that.

      EXAMPLES
        ingest plan --source crawl.manifest
        ingest shard --plan handbook-crawl.plan.json --ordinal 0 --out shards
        ingest merge --plan handbook-crawl.plan.json shards
      """
  )

  @Option(name: .long, help: "A source manifest.")
  var source: String
  @Option(name: .long, help: "Where the plan goes; by default ID.plan.json beside the manifest.")
  var out: String?
  @Option(name: .long, help: "Bytes of one shard, of inputs as they lie there.")
  var shardBytes: UInt64 = 256 << 20
  @Option(name: .long, help: "The day on which the policy decides, YYYY-MM-DD.")
  var asOf: String?
  @Flag(name: .long, help: "The shards as JSON.")
  var json = false
  @OptionGroup var reading: ReadingOptions

  func validate() throws {
    guard shardBytes > 0 else { throw ValidationError("--shard-bytes is at least 1") }
    if let asOf, CivilDate(asOf) == nil { throw ValidationError("--as-of is a day: YYYY-MM-DD") }
  }

  func run() async throws {
    try await Terminal.run {
      let source = try SourcePlan.load(source, options: reading.options())
      guard let day = asOf.flatMap({ CivilDate($0) }) ?? source.latestDay else {
        throw IngestError(.usage, "no day is known; pass --as-of YYYY-MM-DD")
      }
      let plan = try ScanPlan(
        source,
        plugin: source.pluginIdentity(of: Ingest.plugins),
        asOf: day,
        goal: shardBytes
      )
      let path =
        out ?? FilePaths.join(FilePaths.folder(of: self.source), "\(source.manifest.id).plan.json")
      try DurableFile.write(plan.bytes, to: path)
      if json {
        Terminal.print(json: [
          "plan": .string(plan.identifier.hex), "file": .string(path),
          "shards": .count(plan.shards.count), "inputs": .count(source.inputs.count),
          "bytes": .count(source.byteCount),
        ])
      } else {
        Terminal.print(
          "\(path): plan \(plan.identifier.hex), \(plan.shards.count) shards, \(source.inputs.count) inputs, \(source.byteCount) bytes"
        )
      }
    }
  }
}
