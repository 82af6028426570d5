internal import ArgumentParser
internal import CanonicalCoding
internal import Ingestion

/// `ingest fsck`: the store against itself.
struct FsckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fsck",
    abstract: "Check the store alone: segments, leaves, tiles, roots, epochs, signatures.",
    discussion: """
      EXAMPLES
        ingest fsck
        ingest fsck --store registry --json
      """
  )

  @Flag(name: .long, help: "One JSON object.")
  var json = false
  @OptionGroup var options: StoreOptions

  func run() async throws {
    try await Terminal.run {
      let problems = try StoreCheck(try options.open(), plugins: Ingest.plugins).problems()
      if json {
        Terminal.print(json: [
          "ok": .bool(problems.isEmpty), "problems": .array(problems.map(JSONValue.string)),
        ])
      } else {
        for problem in problems { Terminal.note("ingest: \(Terminal.escaped(problem))") }
        if problems.isEmpty { Terminal.print("\(options.folder): ok") }
      }
      if !problems.isEmpty { throw ExitCode(ExitStatus.badData.rawValue) }
    }
  }
}
