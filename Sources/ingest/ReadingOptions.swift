internal import ArgumentParser
internal import Files
internal import Ingestion
internal import PluginBridge
internal import SourceAPI

/// How workers are shut in, for commands that read sources.
struct WorkerOptions: ParsableArguments {
  @Flag(
    name: .long,
    help: "Read although this kernel lacks Landlock or seccomp: a parser could do what you can."
  )
  var allowUnsandboxed = false
  @Option(name: .long, help: "Seconds of CPU time that one batch may take.")
  var cpuSeconds: UInt64 = 60
  @Option(
    name: .long,
    help:
      "A folder with plugins, ingest-source-NAME; may be given several times. Also INGEST_PLUGINS."
  )
  var plugins: [String] = []
  @Option(
    name: .long,
    help: "A file or folder that plugins may read beside their inputs; may be given several times."
  )
  var pluginRead: [String] = []

  /// Where plugins are looked for: the folders of the command line, then those of the environment.
  var pluginFolders: PluginFolders {
    let more = environmentValue("INGEST_PLUGINS") ?? ""
    return PluginFolders(
      plugins + more.split(separator: ":").map(String.init),
      readable: pluginRead,
      searchPath: environmentValue("PATH") ?? ""
    )
  }

  func validate() throws {
    guard (1...86_400).contains(cpuSeconds) else {
      throw ValidationError("--cpu-seconds is 1 to 86400")
    }
  }

  /// What is the same for all sources.
  func options() -> SourcePlan.Options {
    var options = SourcePlan.Options()
    options.allowsUnsandboxed = allowUnsandboxed
    options.cpuSeconds = cpuSeconds
    options.pluginFolders = pluginFolders
    return options
  }
}

/// What a source may cost, and which formats are read beyond the usual ones; what is read follows from it.
struct ReadingOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "Read this archive format too (7z, rar, rar5, cpio, iso, ar); may be given several times."
  )
  var allowFormat: [String] = []
  @Option(name: .long, help: "Bytes that one container may give, inflated (64 GiB).")
  var maxContainerBytes: UInt64?
  @Option(name: .long, help: "Bytes out for each byte in, after the first MiB (200).")
  var maxRatio: UInt64?
  @Option(name: .long, help: "Bytes of one record that is held and made text (8 MiB).")
  var maxHeldBytes: UInt64?
  @Option(name: .long, help: "Bytes of a WARC or HTTP header (64 KiB).")
  var maxHeaderBytes: UInt64?
  @Option(name: .long, help: "Bytes of a member's name (4096).")
  var maxNameBytes: UInt64?
  @Option(name: .long, help: "Bytes of a line or row (8 MiB).")
  var maxLineBytes: UInt64?
  @Option(name: .long, help: "Containers in containers, the input counted (3).")
  var maxDepth: UInt64?
  @Option(name: .long, help: "Members of one container (10,000,000).")
  var maxMembers: UInt64?
  @OptionGroup var workers: WorkerOptions

  /// The options as a plan keeps them.
  ///
  /// - Throws: `IngestError` 64 for a limit that cannot be.
  func options() throws(IngestError) -> SourcePlan.Options {
    var options = workers.options()
    options.extraFormats = Set(allowFormat)
    let given = [
      "container-bytes": maxContainerBytes, "ratio": maxRatio, "held-bytes": maxHeldBytes,
      "header-bytes": maxHeaderBytes, "name-bytes": maxNameBytes, "line-bytes": maxLineBytes,
      "depth": maxDepth, "members": maxMembers,
    ]
    for limit in DecodeBudget.limits {
      guard let value = given[limit.name] ?? nil else { continue }
      guard limit.range.contains(value) else {
        throw IngestError(
          .usage,
          "--max-\(limit.name) is \(limit.range.lowerBound) to \(limit.range.upperBound)"
        )
      }
      limit.set(&options.budget, value)
    }
    return options
  }
}
