import CanonicalCoding
import Files
import Testing
import _TestSupport

/// A copy of the repository's manifests with their data, and the program run over it.
struct Workbench {
  let folder: String

  init(_ folder: String) throws {
    self.folder = folder
    try Fixture.copy(Fixture.path("manifests"), folder)
  }

  func path(_ name: String) -> String { FilePaths.join(folder, name) }
  var store: String { path(".ingest") }

  @discardableResult
  func run(_ arguments: String..., input: [UInt8]? = nil, killAfter: Double? = nil) throws
    -> Command.Result
  {
    try Command.run(Command.ingest, arguments, folder: folder, input: input, killAfter: killAfter)
  }

  /// Scans and gives the JSON object.
  func scan(_ manifests: [String], _ more: [String] = []) throws -> JSONValue {
    let result = try Command.run(
      Command.ingest,
      ["run"] + manifests.flatMap { ["--source", $0] } + ["--json", "--quiet"] + more,
      folder: folder
    )
    guard result.status == 0 else {
      Issue.record("exit \(result.status): \(result.errors)")
      return .null
    }
    return try JSONParser.parse(Array(result.output.utf8.dropLast()))
  }

  /// A bench whose three sources are committed and signed.
  static func committed(_ folder: String) throws -> Workbench {
    let bench = try Workbench(folder)
    let names = ["crawl", "archive", "corpus"].flatMap { ["--source", "\($0).manifest"] }
    let scanned = try Command.run(Command.ingest, names + ["--quiet"], folder: folder)
    #expect(scanned.status == 0, "\(scanned.errors)")
    return bench
  }

  func read(_ name: String) throws -> [UInt8] {
    try InputFile.contents(of: path(name), limit: 1 << 28)
  }
  func write(_ text: String, _ name: String) throws { try Fixture.write(text, path(name)) }
  func write(_ bytes: [UInt8], _ name: String) throws { try Fixture.write(bytes, path(name)) }

  /// Changes a text file.
  func edit(_ name: String, _ from: String, _ to: String) throws {
    let text = String(decoding: try read(name), as: UTF8.self)
    #expect(text.contains(from), "\(name) has no '\(from)'")
    try write(text.replacing(from, with: to), name)
  }
}
