internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion

/// `ingest --source FILE`: the main job.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract:
      "Scan and commit sources, then rebuild and sign the combined manifest (the default command).",
    discussion: """
      EXAMPLES
        ingest --source manifests/crawl.manifest
        ingest run --source a.manifest --source b.manifest --store registry --jobs 2
        ingest --source a.manifest --json | jq .combined.sha256Root

      A run that was interrupted goes on where the last commit was. The same bytes
      and manifest give the same roots on any machine, with any number of jobs. No
      clock is read: --as-of, the day on which the policy decides, is by default
      the latest day that the manifests speak of.

      A signed source that has changed needs another source.version in its manifest:
      then what is gone becomes a tombstone in the next epoch, and ingest proof
      difference proves it. With the same version a change is damage, exit 69.
      """
  )

  @Option(name: .long, help: "A source manifest; may be given several times.")
  var source: [String] = []
  @Option(name: .long, help: "The store's folder; by default .ingest beside the first manifest.")
  var store: String?
  @Option(name: .long, help: "Worker processes; threads of one where one input is left.")
  var jobs: Int = 1
  @Flag(name: .long, help: "Stop at the first rejected record instead of listing them all.")
  var failFast = false
  @Flag(name: .long, help: "Only say what would be read, by which plugin, under which license.")
  var dryRun = false
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    guard !source.isEmpty else { throw ValidationError("no source: pass --source FILE.manifest") }
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs is 1 to 256") }
  }

  func run() async throws {
    try await Terminal.run {
      if dryRun { return try plan() }
      ProcessUsage.keepLargeBuffers()
      var options = try result.registryOptions()
      options.jobs = jobs
      options.plan = try planOptions()
      let folder = store ?? FilePaths.join(FilePaths.folder(of: source[0]), ".ingest")
      let registry = Registry(
        store: try Store(folder, isWriter: true),
        plugins: Ingest.plugins,
        options: options,
        observer: result.quiet ? SilentObserver() : ProgressLine()
      )
      result.print(try registry.run(source))
    }
  }

  private func plan() throws {
    for path in source {
      let plan = try SourcePlan.load(path, options: planOptions())
      Terminal.print(
        "\(plan.manifest.id): plugin \(plan.manifest.plugin), profile \(plan.profile.name.rawValue), license \(plan.licenses.entries[0].expression), \(plan.inputs.count) inputs, \(plan.byteCount) bytes"
      )
      for input in plan.inputs {
        Terminal.print(
          "  \(input.locator)  \(input.fingerprint.byteCount) bytes\(input.skipped.map { "  skipped: \($0)" } ?? "")"
        )
      }
    }
  }

  private func planOptions() throws(IngestError) -> SourcePlan.Options {
    var options = try reading.options()
    options.stopsAtRejection = failFast
    return options
  }
}
