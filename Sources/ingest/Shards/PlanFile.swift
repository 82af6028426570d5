internal import ArgumentParser
internal import Files
internal import Ingestion

/// The plan that a command works by.
struct PlanFile: ParsableArguments {
  @Option(name: .long, help: "The plan's file.")
  var plan: String
  @Option(name: .long, help: "Where the inputs lie; by default the plan's folder.")
  var folder: String?

  /// Reads the plan.
  ///
  /// - Parameter workers: how workers are shut in, and where plugins are looked for; `nil` where nothing is read.
  /// - Returns: the plan, whose plugin is the one that is here.
  /// - Throws: `IngestError` 77 where another plugin would read, 69 for a plan that is not there.
  func load(_ workers: SourcePlan.Options? = nil) throws -> ScanPlan {
    do {
      var plan = try ScanPlan(
        InputFile.contents(of: plan, limit: ScanPlan.byteLimit),
        folder: folder ?? FilePaths.folder(of: plan)
      )
      if let workers { try plan.source.adopt(workers) }
      let own = try plan.source.pluginIdentity(of: Ingest.plugins)
      guard own == plan.plugin else {
        throw IngestError(
          .refused,
          "the plan was made with version \(plan.plugin.version) of \(plan.plugin.name), here is \(own.version)\(own.sha256 == plan.plugin.sha256 ? "" : " with another executable"); use one build everywhere"
        )
      }
      return plan
    } catch let error as FileError where error.isMissing {
      throw IngestError(.unavailable, "\(error); make the plan: ingest plan --source FILE")
    }
  }
}
