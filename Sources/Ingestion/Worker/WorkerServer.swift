internal import CanonicalCoding
internal import CrawlRules
public import Files
internal import Manifests
internal import Normalization
internal import PluginBridge
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
      if let aside = try? AsideJob(bytes) {
        try serve(aside, plugins)
      } else {
        try serve(try WorkerJob(bytes), plugins)
      }
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
    let plugin = try plan.plugin(of: plugins)
    var configuration = plan.configuration
    configuration.containers = containers(plugins)
    var needs = Sandbox.Needs()
    // A program of its own reads the inputs; here only its records are taken over.
    let begun =
      configuration.external == nil
      ? nil : try plugin.init(configuration: configuration).reader(from: job.start)
    if begun == nil {
      needs.readable = configuration.inputs.filter { $0.skipped == nil }.map(\.path)
    }
    needs.threadCount = job.threads + 1
    if configuration.sql != nil {
      needs.asksByName = true
      // SQLite looks for these beside a database.
      for suffix in ["-journal", "-wal", "-shm"] {
        needs.readable += configuration.inputs.map { $0.path + suffix }
      }
    }
    plugin.prepare()
    try serve(needs, plan.options, profile: plan.profileDigest.hex) {
      try read(job, try begun ?? plugin.init(configuration: configuration).reader(from: job.start))
    }
  }

  /// The plugins that read containers in containers, in an order of their own.
  private static func containers(
    _ plugins: [String: any SourcePlugin.Type]
  ) -> [any SourcePlugin.Type] {
    plugins.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Gives the rights away, greets, works, and says that it was all.
  private static func serve(
    _ needs: Sandbox.Needs,
    _ options: SourcePlan.Options,
    profile: String,
    _ work: () throws -> Void
  ) throws {
    ProcessUsage.keepLargeBuffers()
    let status = ProcessUsage.statusFile()
    let level: String
    do throws(Sandbox.Failure) {
      level = try Sandbox.enter(needs, allowsWeaker: options.allowsUnsandboxed)
    } catch {
      throw IngestError(.refused, error.description)
    }
    try send(
      WorkerFrame.bytes(
        .hello,
        [
          "sandbox": .string(level), "profile": .string(profile),
          "tool": .string(EpochBuilder.toolVersion),
        ]
      )
    )
    Sandbox.allowCPU(seconds: options.cpuSeconds)
    try work()
    try send(WorkerFrame.bytes(.end) { $0.write(status.map(ProcessUsage.peakBytes) ?? 0) })
  }

  private static func serve(
    _ job: AsideJob,
    _ plugins: [String: any SourcePlugin.Type]
  ) throws {
    var needs = Sandbox.Needs()
    switch job {
    case .inspect(let work):
      guard
        let plugin = work.options.external == nil ? plugins[work.plugin] : ExternalSource.self
      else { throw IngestError(.usage, "the plugin '\(work.plugin)' is not linked in") }
      plugin.prepare()
      var configuration = SourceConfiguration(inputs: work.inputs)
      configuration.extraFormats = work.options.extraFormats
      configuration.budget = work.options.budget
      configuration.mapping.text = work.textField
      configuration.external = work.options.external
      configuration.containers = containers(plugins)
      configuration.allowsUnsandboxed = work.options.allowsUnsandboxed
      let begun =
        configuration.external == nil
        ? nil : try plugin.init(configuration: configuration).reader(from: nil)
      if begun == nil { needs.readable = work.inputs.filter { $0.skipped == nil }.map(\.path) }
      let inspection = Inspection(
        plugin: plugin,
        configuration: configuration,
        profile: NormalizationProfile(work.profile),
        reader: begun
      )
      try serve(needs, job.options, profile: "") {
        let isWhole = try inspection.run(from: work.place, limit: work.limit) { line in
          try send(WorkerFrame.bytes(.item) { line.encode(into: &$0) })
          Sandbox.allowCPU(seconds: job.options.cpuSeconds)
        }
        if !isWhole { try send(WorkerFrame.bytes(.item) { _ in }) }
      }
    case .normalize(let work):
      try serve(needs, job.options, profile: "") {
        let normalizer = Normalizer(NormalizationProfile(work.profile))
        let content: [UInt8]
        do throws(NormalizationError) {
          let record = try normalizer.normalize(
            work.bytes[...],
            mediaType: work.mediaType,
            charset: work.charset
          )
          content =
            switch record.content {
            case .payload: work.bytes
            case .buffer: normalizer.buffer
            }
        } catch {
          throw Self.refusal(error, work)
        }
        try send(WorkerFrame.bytes(.item) { $0.write(content) })
      }
    case .robots(let work):
      try serve(needs, job.options, profile: "") {
        let rules = RobotsRules(RobotsFile(work.bytes), agent: work.agent)
        for address in work.addresses {
          let answer = RobotsAnswer(rules, on: address)
          try send(WorkerFrame.bytes(.item) { $0.write(CanonicalJSON.encode(answer.json)) })
        }
      }
    case .sitemap(let work):
      try serve(needs, job.options, profile: "") {
        let sitemap = Sitemap(work.bytes)
        func sendItem(_ json: JSONValue) throws {
          try send(WorkerFrame.bytes(.item) { $0.write(CanonicalJSON.encode(json)) })
        }
        for entry in sitemap.entries { try sendItem(SitemapListing.Entry(entry).json) }
        try sendItem(SitemapListing(sitemap).json)
      }
    }
  }

  private static func refusal(
    _ error: NormalizationError,
    _ work: AsideJob.Normalizing
  ) -> IngestError {
    switch error {
    case .rejected(let code, let detail):
      IngestError(.badData, "\(work.place): \(code): \(detail)")
    case .unwanted(let type):
      IngestError(
        .badData,
        "\(work.place): \(work.profile.rawValue) has no normal form for \(type); pass --media-type if that is wrong"
      )
    }
  }

  private static func read(
    _ job: WorkerJob,
    _ reader: any MemberReader
  ) throws {
    let plan = job.plan
    let assignment = LicenseAssignment(plan, asOf: job.asOf)
    let (keepsContent, seconds) = (job.keepsContent, plan.options.cpuSeconds)
    let pipeline = BatchPipeline(threads: job.threads, memberGoal: job.memberGoal) {
      BatchProcessor(plan, assignment: assignment, keepsContent: keepsContent)
    }
    try pipeline.run(reader, firstOrdinal: job.firstOrdinal) { batch in
      try send(WorkerFrame.bytes(.batch) { batch.encode(into: &$0) })
      Sandbox.allowCPU(seconds: seconds)
    }
  }
}
