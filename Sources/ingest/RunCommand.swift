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
      """
  )

  @Option(name: .long, help: "A source manifest; may be given several times.")
  var source: [String] = []
  @Option(name: .long, help: "The store's folder; by default .ingest beside the first manifest.")
  var store: String?
  @Option(name: .long, help: "Workers that normalize and hash.")
  var jobs: Int = 1
  @Flag(name: .long, help: "No progress; errors and the result only.")
  var quiet = false
  @Flag(
    name: .long,
    help: "One JSON object with every source commitment and the combined manifest."
  )
  var json = false
  @Option(name: .long, help: "Sign although up to this many records of a source are rejected.")
  var allowRejected: UInt64 = 0
  @Flag(name: .long, help: "Stop at the first rejected record instead of listing them all.")
  var failFast = false
  @Option(
    name: .long,
    help: "Read this archive format too (7z, rar, rar5, cpio, iso, ar); may be given several times."
  )
  var allowFormat: [String] = []
  @Option(name: .long, help: "The day on which the policy decides, YYYY-MM-DD.")
  var asOf: String?
  @Option(name: .long, help: "The time that the manifest states, YYYY-MM-DDTHH:MM:SSZ.")
  var created: String?
  @Option(
    name: .long,
    help: "Sign with this key of the store; may be given several times. By default all."
  )
  var key: [String] = []
  @Flag(name: .long, help: "Only say what would be read, by which plugin, under which license.")
  var dryRun = false

  func validate() throws {
    guard !source.isEmpty else { throw ValidationError("no source: pass --source FILE.manifest") }
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs is 1 to 256") }
    if let asOf, CivilDate(asOf) == nil { throw ValidationError("--as-of is a day: YYYY-MM-DD") }
    if let created,
      created.utf8.count != 20 || !created.hasSuffix("Z") || CivilDate(created.prefix(10)) == nil
    {
      throw ValidationError("--created is a time: YYYY-MM-DDTHH:MM:SSZ")
    }
  }

  func run() async throws {
    try await Terminal.run {
      if dryRun { return try plan() }
      ProcessUsage.keepLargeBuffers()
      var options = Registry.Options()
      options.jobs = jobs
      options.allowedRejections = allowRejected
      options.plan.stopsAtRejection = failFast
      options.asOf = asOf.flatMap { CivilDate($0) }
      options.created = created
      options.keys = key
      options.plan.extraFormats = Set(allowFormat)
      let folder = store ?? FilePaths.join(FilePaths.folder(of: source[0]), ".ingest")
      let observer: any ScanObserver = quiet ? SilentObserver() : ProgressLine()
      let registry = Registry(
        store: try Store(folder, isWriter: true),
        plugins: Ingest.plugins,
        options: options,
        observer: observer
      )
      let outcome = try await registry.run(source)
      if let key = outcome.newKey, !quiet {
        Terminal.note(
          "made the signing key 'registry' (\(key.identifier.prefix(16))…); its public half is \(key.path)"
        )
      }
      if json { printJSON(outcome) } else { printText(outcome) }
    }
  }

  private func plan() throws {
    for path in source {
      let plan = try SourcePlan.load(path, options: planOptions)
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

  private var planOptions: SourcePlan.Options {
    var options = SourcePlan.Options()
    options.extraFormats = Set(allowFormat)
    return options
  }

  private func printJSON(_ outcome: Registry.Outcome) {
    let manifest = outcome.epoch.manifest
    Terminal.print(json: [
      "sources": .array(outcome.scanned.map(\.commitment.json)),
      "combined": manifest.combined.json, "counts": manifest.manifest.counts.json,
      "epoch": .count(manifest.manifest.epoch), "commitSha256": .string(manifest.digest.hex),
      "unchanged": .bool(outcome.epoch.isUnchanged),
      "signatures": .count(outcome.epoch.envelope.signatures.count),
      "folder": .string(outcome.epoch.folder),
    ])
  }

  private func printText(_ outcome: Registry.Outcome) {
    let manifest = outcome.epoch.manifest
    if !quiet {
      for record in outcome.scanned {
        let commitment = record.commitment
        Terminal.print("source \(commitment.id)  version \(commitment.version)")
        Terminal.print("  size           \(commitment.size)")
        Terminal.print("  sha256Root     \(commitment.sha256Root.hex)")
        Terminal.print("  poseidon2Root  \(commitment.poseidon2Root.hex)")
        for license in commitment.licenses {
          Terminal.print("  license        \(license.expression)  \(license.records) records")
        }
      }
      let change = outcome.epoch.isUnchanged ? ", unchanged" : ""
      Terminal.print(
        "combined, epoch \(manifest.manifest.epoch)\(change): \(manifest.manifest.sources.count) sources, \(manifest.manifest.counts.records) records, signed by \(outcome.epoch.envelope.signatures.count), as of \(manifest.manifest.policy.asOf)"
      )
      Terminal.print("  sha256Root     \(manifest.combined.sha256.hex)")
      Terminal.print("  poseidon2Root  \(manifest.combined.poseidon2.hex)")
      Terminal.print(
        "  commit file    \(FilePaths.join(outcome.epoch.folder, EpochBuilder.commitName))  sha256 \(manifest.digest.hex)"
      )
    }
    for record in outcome.scanned {
      let counts = record.commitment.counts
      Terminal.print(
        "\(record.commitment.id) records \(counts.records) rejected \(counts.rejected) excluded \(counts.excludedTotal) skipped \(counts.skipped) sha256Root \(record.commitment.sha256Root.hex)"
      )
    }
  }
}
