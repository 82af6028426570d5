internal import ArgumentParser
internal import Files
internal import Ingestion
internal import Manifests

/// `ingest plugin new`: a plugin that works, to begin with.
struct PluginNewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write a plugin that works, in Python: one record a line; change what it reads."
  )

  @Argument(help: "The name that manifests will give it: 1 to 32 of a-z, 0-9 and -.")
  var name: String
  @Option(name: .long, help: "The folder in which the plugin is written.")
  var out = "."

  func run() async throws {
    try await Terminal.run {
      guard SourceManifest.isPluginName(name), Ingest.plugins[name] == nil else {
        throw IngestError(
          .usage,
          "'\(name)' cannot name a plugin: 1 to 32 of a-z, 0-9 and -, and not the name of one that is linked in"
        )
      }
      let path = FilePaths.join(out, "ingest-source-\(name)")
      guard !FilePaths.exists(path) else {
        throw IngestError(.usage, "\(path): is there already; choose another name or folder")
      }
      do throws(FileError) {
        try DurableFile.makeFolder(out)
        try DurableFile.write(
          Array(PluginTemplate.python(name).utf8),
          to: path,
          mode: 0o755
        )
      } catch {
        throw IngestError(error)
      }
      Terminal.print(path)
      Terminal.note(
        "next: change what it reads, then: ingest plugin check \(name) --plugins \(out) FILE"
      )
    }
  }
}
