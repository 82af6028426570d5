internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Manifests

/// `ingest policy check FILE...`.
struct PolicyCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check policies: every error with line, column and fix; contradictions, dead rules.",
    discussion: """
      Exit 78 when a policy is refused. Warnings do not refuse: a rule that a stricter one
      always overrules, a rule that can never hold, a waiver with nothing to lift.

      EXAMPLES
        ingest policy check manifests/policies/*.policy
      """
  )
  @Argument(help: "Policies.")
  var files: [String]
  @Flag(name: .long, help: "One JSON object with all findings.")
  var json = false

  func run() async throws {
    try await Terminal.run {
      var findings: [ManifestFinding] = []
      for file in files {
        do {
          let policy = try PolicyReading.read(file)
          findings += policy.warnings
          if !json {
            Terminal.print(
              "\(file): ok, policy \(policy.policy.id) \(policy.policy.version), \(policy.policy.rules.count) rules, \(policy.policy.waivers.count) waivers, sha256 \(policy.digest.hex)"
            )
          }
        } catch let error as ManifestError {
          findings += error.findings
        }
      }
      let hasErrors = findings.contains { $0.severity == .error }
      if json {
        Terminal.print(json: [
          "ok": .bool(!hasErrors), "findings": .array(findings.map(CheckCommand.json)),
        ])
      } else {
        for finding in findings { Terminal.note(Terminal.escaped(finding.description)) }
      }
      if hasErrors { throw ExitCode(ExitStatus.badManifest.rawValue) }
    }
  }
}

/// Reads policies where commands name them.
enum PolicyReading {
  static func read(_ file: String) throws -> PolicyFile {
    try PolicyFile.decode(
      InputFile.contents(of: file, limit: YAMLReader.sizeLimit + 1),
      file: file
    )
  }
}
