import CanonicalCoding
import Files
import Testing
import _TestSupport

/// A store with one epoch of three sources, a training run that was fed from it, and the run's proof.
struct ProvenanceBench {
  let bench: Workbench

  init() throws {
    let folder = "/tmp/ingest-provenance-\(Hex.encode(try SystemRandom.bytes(6)))"
    bench = try Workbench(folder)
    _ = try bench.scan(["crawl.manifest", "archive.manifest", "corpus.manifest"])
    try ok(
      "feed",
      "--policy",
      "policies/training.policy",
      "--out",
      "run",
      "--quiet",
      "--seed",
      "4711",
      "--seed-fixed",
      "a draw of lots after the epoch was signed"
    )
    try ok("prove", "link", "--profile", "KB5-UD100-L1")
    try prove("proof.bin", "--by", "license", "--claim", "BSD-3-Clause records 216..216")
  }

  func ok(_ arguments: String...) throws {
    let result = try Command.run(Command.ingest, arguments, folder: bench.folder)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
  }

  @discardableResult
  func prove(_ out: String, _ more: String..., run: String = "run") throws -> Command.Result {
    try Command.run(
      Command.ingest,
      [
        "prove", "provenance", "--receipt", run, "--policy", "policies/training.policy",
        "--profile", "KB5-UD100-L1", "--out", out,
      ] + more,
      folder: bench.folder
    )
  }

  /// The verdict as JSON, with the exit code.
  func verify(_ file: String, _ more: [String] = []) throws -> (status: Int32, json: JSONValue) {
    let standard =
      more.contains("--manifest") ? [] : ["--manifest", ".ingest/combined.commit.json"]
    let policy = more.contains("--policy") ? [] : ["--policy", "policies/training.policy"]
    let result = try Command.run(
      Command.ingest,
      ["verify", file, "--json"] + standard + policy + more,
      folder: bench.folder
    )
    let json = try? JSONParser.parse(Array(result.output.utf8.dropLast()))
    return (result.status, json ?? .string(result.errors))
  }

  /// Expects that a file is refused with a code.
  func refuses(
    _ code: String,
    _ file: String = "proof.bin",
    _ more: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (status, json) = try verify(file, more)
    #expect(status == 65, "\(json)", sourceLocation: sourceLocation)
    #expect(json["code"].text == code, "\(json)", sourceLocation: sourceLocation)
  }
}

/// A bundle taken apart.
struct TornBundle {
  var header: [UInt8]
  var proofs: [[UInt8]] = []

  init(_ bytes: [UInt8]) throws {
    var rest = bytes.dropFirst(8)
    func part() -> [UInt8] {
      let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      defer { rest = rest.dropFirst(4 + length) }
      return Array(rest.dropFirst(4).prefix(length))
    }
    header = part()
    while !rest.isEmpty { proofs.append(part()) }
  }

  var bytes: [UInt8] {
    func varlen(_ bytes: [UInt8]) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes
    }
    return Array("IPRB".utf8) + [1, 0, 0, 0] + varlen(header) + proofs.flatMap(varlen)
  }
}
