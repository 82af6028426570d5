internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import PluginBridge
internal import SourceAPI

/// `ingest plugin check`: the conformance kit, for the author of a plugin.
struct PluginCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Run a plugin over files of its kind and say what is not as it must be.",
    discussion: """
      The files should have some thousand records, so that resuming is tried at many
      places. They are read many times; nothing is committed.

      EXAMPLES
        ingest plugin check tickets --plugins plugins export.txt
        ingest plugin check parquet --plugins python --text-field body rows.parquet

      EXIT CODES
        0 it conforms · 65 it does not: one line says what · 69 no such file
      """
  )

  @Argument(help: "The plugin's name.")
  var name: String
  @Argument(help: "Files that it reads.")
  var files: [String]
  @Option(name: .long, help: "The field or column that holds the text.")
  var textField: String?
  @Flag(name: .long, help: "One JSON object a line.")
  var json = false
  @OptionGroup var workers: WorkerOptions

  func run() async throws {
    try await Terminal.run {
      guard let plugin = try workers.options().with(plugin: name).externalPlugin else {
        throw IngestError(
          .usage,
          "'\(name)' is linked in; the tests of this repository check it"
        )
      }
      var inputs: [SourceConfiguration.Input] = []
      for file in files { inputs += try Inspection.inputs(of: file) }
      var configuration = SourceConfiguration(inputs: inputs)
      configuration.external = plugin
      configuration.mapping.text = textField
      configuration.allowsUnsandboxed = workers.allowUnsandboxed
      configuration.silenceSeconds = workers.cpuSeconds
      let check = PluginCheck(plugin, configuration)
      var found = 0
      for property in PluginCheck.properties {
        let findings = try property.run(check)
        found += findings.count
        show(property.sentence, findings)
      }
      if !json {
        Terminal.print(
          "\(name) \(plugin.identity.version)  sha256 \(plugin.identity.sha256)  peak memory \(ProcessUsage.ofChildren.peakBytes >> 20) MiB"
        )
      }
      guard found == 0 else {
        throw IngestError(
          .badData,
          "plugin '\(name)' does not conform: \(found) finding\(found == 1 ? "" : "s"); docs/plugin-protocol.md says what is asked of a plugin"
        )
      }
    }
  }

  private func show(_ sentence: String, _ findings: [String]) {
    if json {
      Terminal.print(json: [
        "property": .string(sentence), "findings": .array(findings.map(JSONValue.string)),
      ])
      return
    }
    Terminal.print("\(findings.isEmpty ? "ok  " : "FAIL") \(sentence)")
    for finding in findings { Terminal.print("     \(finding)") }
  }
}
