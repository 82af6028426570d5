internal import ArgumentParser
internal import CanonicalCoding
internal import Ingestion
internal import PluginBridge
internal import SourceAPI

/// `ingest plugin list`: who reads sources here.
struct PluginListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "The plugins that are there, with version and digest; each is asked who it is."
  )

  @Flag(name: .long, help: "One JSON object a line.")
  var json = false
  @OptionGroup var workers: WorkerOptions

  func run() async throws {
    try await Terminal.run {
      for (name, plugin) in Ingest.plugins.sorted(by: { $0.key < $1.key }) {
        show(name: name, version: plugin.version, sha256: nil, place: "linked in")
      }
      let options = workers.options()
      var failure: IngestError?
      for name in options.pluginFolders.names where Ingest.plugins[name] == nil {
        do throws(IngestError) {
          guard let plugin = try options.with(plugin: name).externalPlugin else { continue }
          let identity = plugin.identity
          show(name: name, version: identity.version, sha256: identity.sha256, place: plugin.path)
        } catch {
          Terminal.note(error.description)
          failure = error
        }
      }
      if let failure {
        throw IngestError(failure.status, "not every plugin can be used; the others are listed")
      }
    }
  }

  private func show(name: String, version: String, sha256: String?, place: String) {
    guard json else {
      Terminal.print("\(name)  \(version)  \(sha256 ?? "-")  \(place)")
      return
    }
    Terminal.print(json: [
      "name": .string(name), "version": .string(version),
      "sha256": sha256.map(JSONValue.string) ?? .null, "place": .string(place),
    ])
  }
}
