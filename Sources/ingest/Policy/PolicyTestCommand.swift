internal import ArgumentParser
internal import Files
internal import Ingestion
internal import Manifests

/// `ingest policy test POLICY...`: the cases beside a policy.
struct PolicyTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Try policies on their cases: default.policy on default.cases beside it.",
    discussion: """
      A case is a license with its basis, term, place and preference, and the decision that
      its author expects. Exit 65 when a policy decides otherwise.

      EXAMPLES
        ingest policy test manifests/policies/default.policy
      """
  )
  @Argument(help: "Policies.")
  var files: [String]
  @Option(name: .long, help: "The cases; by default beside the policy.")
  var cases: String?

  func run() async throws {
    try await Terminal.run {
      var failures = 0
      for file in files {
        let policy = try PolicyReading.read(file)
        let path = cases ?? Self.casesPath(of: file)
        let found = try PolicyCases.decode(
          InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1),
          file: path
        )
        for one in found.cases {
          guard let failure = one.failure(under: policy.policy) else { continue }
          failures += 1
          Terminal.note(
            Terminal.escaped("\(path):\(one.position.line): '\(one.name)': \(failure)")
          )
        }
        Terminal.print("\(file): \(found.cases.count) cases, \(failures) decided otherwise")
      }
      if failures > 0 { throw ExitCode(ExitStatus.badData.rawValue) }
    }
  }

  private static func casesPath(of file: String) -> String {
    (file.hasSuffix(".policy") ? String(file.dropLast(".policy".count)) : file) + ".cases"
  }
}
