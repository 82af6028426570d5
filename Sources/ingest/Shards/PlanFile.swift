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
  func load() throws -> ScanPlan {
    do {
      let plan = try ScanPlan(
        InputFile.contents(of: plan, limit: ScanPlan.byteLimit),
        folder: folder ?? FilePaths.folder(of: plan)
      )
      let plugin = plan.source.manifest.plugin
      guard Ingest.plugins[plugin]?.version == plan.pluginVersion else {
        throw IngestError(
          .refused,
          "the plan was made with version \(plan.pluginVersion) of \(plugin), this build has \(Ingest.plugins[plugin]?.version ?? "none"); use one build everywhere"
        )
      }
      return plan
    } catch let error as FileError where error.isMissing {
      throw IngestError(.unavailable, "\(error); make the plan: ingest plan --source FILE")
    }
  }
}
