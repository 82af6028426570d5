internal import CanonicalCoding
public import Files
internal import Manifests
internal import Sandbox
public import SourceAPI

/// The whole of `ingest-worker`: takes a job, gives its rights away, reads, and answers in frames.
public enum WorkerServer {
  /// Serves one job.
  ///
  /// - Parameters:
  ///   - bytes: the job.
  ///   - plugins: the plugins that are linked in, by name.
  /// - Throws: `FileError` when the host is gone.
  public static func run(
    _ bytes: [UInt8],
    plugins: [String: any SourcePlugin.Type]
  ) throws(FileError) {
    do {
      try serve(try WorkerJob(bytes), plugins)
    } catch let error as FileError where error.path == outputName {
      throw error
    } catch {
      let failure = IngestError(error)
      try send(
        WorkerFrame.bytes(
          .failure,
          ["status": .count(failure.status.rawValue), "sentence": .string(failure.description)]
        )
      )
    }
  }

  /// The name that `FileOutput` gives the pipe.
  private static let outputName = "standard output"

  private static func send(_ frame: [UInt8]) throws(FileError) {
    try FileOutput.writeToStandardOutput(frame[...])
  }

  private static func serve(_ job: WorkerJob, _ plugins: [String: any SourcePlugin.Type]) throws {
    let plan = job.plan
    guard let plugin = plugins[plan.manifest.plugin] else {
      throw IngestError(.badManifest, "the plugin '\(plan.manifest.plugin)' is not linked in")
    }
    let configuration = plan.configuration
    var needs = Sandbox.Needs()
    needs.readable = configuration.inputs.filter { $0.skipped == nil }.map(\.path)
    needs.threadCount = job.threads + 1
    if configuration.sql != nil {
      needs.asksByName = true
      // SQLite looks for these beside a database.
      for suffix in ["-journal", "-wal", "-shm"] {
        needs.readable += configuration.inputs.map { $0.path + suffix }
      }
    }
    ProcessUsage.keepLargeBuffers()
    plugin.prepare()
    let status = ProcessUsage.statusFile()
    let level: String
    do throws(Sandbox.Failure) {
      level = try Sandbox.enter(needs, allowsWeaker: plan.options.allowsUnsandboxed)
    } catch {
      throw IngestError(.refused, error.description)
    }
    try send(
      WorkerFrame.bytes(
        .hello,
        [
          "sandbox": .string(level), "profile": .string(plan.profileDigest.hex),
          "plugin": .string(plugin.version), "tool": .string(EpochBuilder.toolVersion),
        ]
      )
    )
    try read(job, plugin, configuration)
    try send(WorkerFrame.bytes(.end) { $0.write(status.map(ProcessUsage.peakBytes) ?? 0) })
  }

  private static func read(
    _ job: WorkerJob,
    _ plugin: any SourcePlugin.Type,
    _ configuration: SourceConfiguration
  ) throws {
    let plan = job.plan
    let assignment = LicenseAssignment(plan, asOf: job.asOf)
    let (keepsContent, seconds) = (job.keepsContent, plan.options.cpuSeconds)
    Sandbox.allowCPU(seconds: seconds)
    let reader = try plugin.init(configuration: configuration).reader(from: job.start)
    let pipeline = BatchPipeline(threads: job.threads, memberGoal: job.memberGoal) {
      BatchProcessor(plan, assignment: assignment, keepsContent: keepsContent)
    }
    try pipeline.run(reader, firstOrdinal: job.firstOrdinal) { batch in
      try send(WorkerFrame.bytes(.batch) { batch.encode(into: &$0) })
      Sandbox.allowCPU(seconds: seconds)
    }
  }
}
