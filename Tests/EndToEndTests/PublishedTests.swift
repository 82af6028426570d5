import CanonicalCoding
import Files
import Testing
import _TestSupport

/// What a store shows to the world, and what the world can see when two stores contradict each other.
@Suite struct PublishedTests {
  /// Names and lengths of all files below a folder, in byte order.
  private func shape(_ folder: String) throws -> [String] {
    let result = try Command.shell(
      "find . -type f -printf '%P %s\\n' | LC_ALL=C sort",
      folder: folder
    )
    return result.output.split(separator: "\n").map(String.init)
  }

  @Test func `tiles of two corpora of one number of records have the same names and lengths`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      var shapes: [[String]] = []
      for (name, text) in [("a", "x"), ("b", String(repeating: "a longer record ", count: 60))] {
        try bench.write(
          (0..<700).map { "{\"id\": \"\($0)\", \"text\": \"\(text) \($0)\"}" }.joined(
            separator: "\n"
          ) + "\n",
          "rows.jsonl"
        )
        try Fixture.copy(bench.path("corpus.manifest"), bench.path("\(name).manifest"))
        let manifest = String(decoding: try bench.read("corpus.manifest"), as: UTF8.self)
        let paths = try #require(manifest.split(separator: "\n").first { $0.contains("paths:") })
        try bench.write(
          manifest.replacing(paths, with: "  paths: [rows.jsonl]"),
          "\(name).manifest"
        )
        let outcome = try bench.scan(["\(name).manifest"], ["--store", name])
        let id = try #require(outcome["sources"].elements?.first?["id"].text)
        for tiles in ["tile", "tile-poseidon2"] {
          shapes.append(try shape(bench.path("\(name)/sources/\(id)/\(tiles)")))
        }
      }
      #expect(shapes.count == 4)
      #expect(shapes[0].count > 3 && shapes[0] == shapes[2] && shapes[1] == shapes[3])
    }
  }

  @Test
  func `two copies of a store that both go on are a fork that anyone sees who has both epochs`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try bench.scan(["crawl.manifest"])
      try Fixture.copy(bench.store, bench.path("copy"))
      _ = try bench.scan(["archive.manifest"])
      _ = try bench.scan(["corpus.manifest"], ["--store", "copy"])
      let ours = ".ingest/epochs/2/combined.commit.json"
      let theirs = "copy/epochs/2/combined.commit.json"
      let key = ["--key", ".ingest/keys/registry.pem"]
      func verify(_ files: String...) throws -> Command.Result {
        try Command.run(Command.ingest, ["verify"] + files + key, folder: folder)
      }
      for file in [ours, theirs, ".ingest/epochs/1/combined.commit.json"] {
        #expect(try verify(file).status == 0, "\(file)")
      }
      let both = try verify(ours, theirs)
      #expect(
        both.status == 65 && both.output.contains("a fork; keep both files"),
        "\(both.output)"
      )
      // The chain is compared too: what epoch 3 names as epoch 2.
      try bench.edit("archive.manifest", "purpose:", "# a change\npurpose:")
      _ = try bench.scan(["crawl.manifest", "archive.manifest", "corpus.manifest"])
      let chain = try verify(".ingest/combined.commit.json", theirs, "--json")
      #expect(chain.status == 65 && chain.output.contains("\"fork\""), "\(chain.output)")
      let sound = try verify(".ingest/combined.commit.json", ours)
      #expect(sound.status == 0, "\(sound.output)")
      // Another registry has the same numbers and another key.
      _ = try bench.scan(["crawl.manifest"], ["--store", "other"])
      let first = ".ingest/epochs/1/combined.commit.json"
      let other = try verify(
        first,
        "other/epochs/1/combined.commit.json",
        "--key",
        "other/keys/registry.pem"
      )
      #expect(other.status == 0, "\(other.output)")
    }
  }

  @Test func `a result that standard output does not take is exit 74`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try bench.scan(["archive.manifest"])
      for arguments in [
        "status", "show 0 --json", "proof inclusion 0", "canonicalize .ingest/combined.commit.json",
      ] {
        let result = try Command.shell(
          "'\(Command.ingest)' \(arguments) > /dev/full",
          folder: folder
        )
        #expect(result.status == 74, "\(arguments): \(result.status)")
        #expect(result.errors.contains("standard output"), "\(arguments): \(result.errors)")
      }
    }
  }
}
