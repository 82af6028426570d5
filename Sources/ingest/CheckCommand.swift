internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Manifests

/// `ingest check FILE...`: manifests alone.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract:
      "Check source manifests without touching data: every error with line, column, field and fix; against the store too, where there is one.",
    discussion: """
      EXAMPLES
        ingest check manifests/crawl.manifest
        ingest check --store /srv/registry manifests/crawl.manifest
        ingest check --json manifests/*.manifest | jq '.findings[]'
      """
  )

  @Argument(help: "Source manifests.")
  var files: [String]
  @Option(
    name: .long,
    help: "A store to compare with; by default .ingest beside the manifest, if it is there."
  )
  var store: String?
  @Flag(name: .long, help: "One JSON object with all findings.")
  var json = false
  @OptionGroup var workers: WorkerOptions

  func run() async throws {
    try await Terminal.run {
      var findings: [ManifestFinding] = []
      var ids: [String: String] = [:]
      for file in files {
        do {
          let manifest = try SourcePlan.readManifest(file, plugins: workers.pluginFolders.names)
          findings +=
            try manifest.warnings
            + ManifestFiles.check(manifest, folder: FilePaths.folder(of: file))
          findings += try policyFindings(manifest, file)
          findings += try historyFindings(manifest, file)
          if let other = ids.updateValue(file, forKey: manifest.id) {
            findings.append(
              ManifestFinding(
                file: file,
                line: 1,
                column: 1,
                code: "manifest.source-id-twice",
                field: "source.id",
                sentence: "'\(manifest.id)' is also the id of \(other); give one of them another"
              )
            )
          }
          if !json, !findings.contains(where: { $0.file == file && $0.severity == .error }) {
            Terminal.print(
              "\(file): ok, source \(manifest.id), license \(manifest.license.concluded.normalized)"
            )
          }
        } catch let error as ManifestError {
          findings += error.findings
        }
      }
      let hasErrors = findings.contains { $0.severity == .error }
      if json {
        Terminal.print(json: ["ok": .bool(!hasErrors), "findings": .array(findings.map(Self.json))])
      } else {
        for finding in findings { Terminal.note(Terminal.escaped(finding.description)) }
      }
      if hasErrors { throw ExitCode(ExitStatus.badManifest.rawValue) }
    }
  }

  /// What the store holds against this version; nothing where there is no store.
  private func historyFindings(_ manifest: SourceManifest, _ file: String) throws
    -> [ManifestFinding]
  {
    let folder = store ?? FilePaths.join(FilePaths.folder(of: file), ".ingest")
    guard store != nil || FilePaths.isFolder(folder) else { return [] }
    return try ManifestHistory.findings(
      manifest,
      file: file,
      store: Store(folder, isWriter: false)
    )
  }

  private func policyFindings(_ manifest: SourceManifest, _ file: String) throws
    -> [ManifestFinding]
  {
    let folder = FilePaths.folder(of: file)
    let path = FilePaths.join(folder, manifest.policy)
    guard FilePaths.isInside(path, folder: folder) else {
      return [
        ManifestFinding(
          file: file,
          line: 1,
          column: 1,
          code: "manifest.path",
          field: "policy",
          sentence: "'\(manifest.policy)' is no file below the manifest's folder"
        )
      ]
    }
    do {
      _ = try PolicyFile.decode(
        InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1),
        file: path
      )
      return []
    } catch let error as ManifestError {
      return error.findings
    }
  }

  static func json(_ finding: ManifestFinding) -> JSONValue {
    [
      "file": .string(finding.file), "line": .count(finding.line), "column": .count(finding.column),
      "code": .string(finding.code), "field": .string(finding.field),
      "sentence": .string(finding.sentence),
      "severity": .string(finding.severity.rawValue),
    ]
  }
}
