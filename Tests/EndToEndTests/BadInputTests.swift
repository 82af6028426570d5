import CanonicalCoding
import Files
import Testing
import _TestSupport

/// What goes wrong, with the exit code and the words that the documentation promises.
@Suite struct BadInputTests {
  @Test
  func `damaged input names everything, signs nothing and exits 65, or signs within the allowance`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      var bytes = try bench.read("sources/crawl/handbook.warc.gz")
      bytes[bytes.count / 2] ^= 0xFF
      try bench.write(bytes, "sources/crawl/handbook.warc.gz")
      let first = try bench.run("run", "--source", "crawl.manifest", "--quiet", "--fail-fast")
      #expect(first.status == 65)
      #expect(first.errors.contains("stopped at the first rejected record"))
      #expect(first.errors.contains("handbook.warc.gz@"))
      let refused = try bench.run("--source", "crawl.manifest", "--quiet")
      #expect(refused.status == 65)
      #expect(
        refused.errors.contains("nothing is signed")
          && refused.errors.contains("--allow-rejected 1")
      )
      #expect(!FilePaths.exists(bench.path(".ingest/epochs")))
      let ledger = try bench.run("status", "--ledger", "handbook-crawl", "--store", ".ingest")
      let entries = ledger.output.split(separator: "\n").filter {
        !$0.contains("\"reason\":\"other\"")
      }
      #expect(entries.count == 1)
      let allowed = try bench.scan(["crawl.manifest"], ["--allow-rejected", "1"])
      #expect((allowed["sources"].elements ?? []).first?["counts"]["rejected"].text == "1")
      let inspected = try bench.run("inspect", "sources/crawl/handbook.warc.gz")
      #expect(inspected.status == 65)
      #expect(inspected.output.split(separator: "\n").count > 250)
    }
  }

  @Test func `a bad manifest exits 78 and names the place`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      try bench.edit("crawl.manifest", "basis: license", "basis: licence")
      for command in [["check", "crawl.manifest"], ["--source", "crawl.manifest"]] {
        let result = try Command.run(Command.ingest, command, folder: folder)
        #expect(result.status == 78)
        #expect(
          result.errors.contains("crawl.manifest:") && result.errors.contains("license.basis")
            && result.errors.contains("did you mean license?")
        )
      }
      let checked = try bench.run("check", "crawl.manifest", "archive.manifest", "--json")
      #expect(checked.status == 78)
      #expect(try JSONParser.parse(Array(checked.output.utf8.dropLast()))["ok"].boolean == false)
      #expect(try bench.run("check", "nothing.manifest").status == 78)
    }
  }

  @Test
  func `two sources of one id, two policies, a path that leads out and a changed document exit 78`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      try bench.write(try bench.read("archive.manifest"), "copy.manifest")
      let twice = try bench.run(
        "--source",
        "archive.manifest",
        "--source",
        "copy.manifest",
        "--quiet"
      )
      #expect(twice.status == 78 && twice.errors.contains("source-id-twice"))
      try bench.edit("copy.manifest", "id: flask-archive", "id: flask-copy")
      try bench.edit("copy.manifest", "policies/default.policy", "policies/other.policy")
      try bench.write(
        String(decoding: try bench.read("policies/default.policy"), as: UTF8.self).replacing(
          "version: \"1\"",
          with: "version: \"2\""
        ),
        "policies/other.policy"
      )
      #expect(
        try bench.run("--source", "archive.manifest", "--source", "copy.manifest", "--quiet").status
          == 78
      )
      #expect(try Command.shell("ln -s /etc sources/out", folder: folder).status == 0)
      try bench.edit("archive.manifest", "sources/archive/flask-3.1.2.tar.gz", "sources/out/passwd")
      let out = try bench.run("--source", "archive.manifest", "--quiet")
      #expect(out.status == 78 && out.errors.contains("leads out of the manifest's folder"))
      try bench.write("changed", "sources/crawl/LICENSE")
      let changed = try bench.run("check", "crawl.manifest")
      #expect(changed.status == 78 && changed.errors.contains("digest-differs"))
    }
  }

  @Test func `usage errors exit 64, a missing store 69, a second writer 75`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      for arguments in [
        ["--frobnicate"], ["run"], ["--source", "crawl.manifest", "--as-of", "today"],
        ["verify", "x", "--threshold", "0"], ["proof", "consistency", "2", "1"],
      ] {
        #expect(
          try Command.run(Command.ingest, arguments, folder: folder).status == 64,
          "\(arguments)"
        )
      }
      #expect(try bench.run("status").status == 69)
      #expect(try bench.run("inspect", "nothing").status == 69)
      _ = try bench.scan(["archive.manifest"])
      let holder = try FileLock(bench.path(".ingest/lock"))
      let second = try bench.run("--source", "archive.manifest", "--quiet")
      #expect(second.status == 75 && second.errors.contains("locked by another writer"))
      withExtendedLifetime(holder) {}
    }
  }

  @Test func `a tampered store is found by fsck with the file, and nothing is signed over it`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try bench.scan(["archive.manifest"])
      let segments = bench.path(".ingest/sources/flask-archive/segments")
      let name = String(
        decoding: try #require(try FolderWalk.entries(of: segments).first).name,
        as: UTF8.self
      )
      let good = try bench.read(".ingest/sources/flask-archive/segments/\(name)")
      var random = SeededRandom(seed: 4)
      for _ in 0..<12 {
        var bad = good
        bad[Int.random(in: 0..<bad.count, using: &random)] ^=
          1 << UInt8.random(in: 0..<8, using: &random)
        try bench.write(bad, ".ingest/sources/flask-archive/segments/\(name)")
        let found = try bench.run("fsck", "--store", ".ingest")
        #expect(found.status == 65 && found.errors.contains(name))
      }
      let run = try bench.run("--source", "crawl.manifest", "--quiet")
      #expect(run.status == 65)
      try bench.write(good, ".ingest/sources/flask-archive/segments/\(name)")
      #expect(try bench.run("fsck", "--store", ".ingest").status == 0)
      for tile in ["tile/0/000.p/216", "tile-poseidon2/0/000.p/216"] {
        let path = ".ingest/sources/flask-archive/\(tile)"
        let whole = try bench.read(path)
        var bad = whole
        bad[40] ^= 1
        try bench.write(bad, path)
        #expect(try bench.run("fsck", "--store", ".ingest").status == 65)
        try bench.write(whole, path)
      }
    }
  }

  @Test
  func `a tampered manifest, an unknown signer and a foreign file are refused with their reason`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try bench.scan(["archive.manifest"])
      let verdict = { (file: String, key: String) -> (Int32, String) in
        let result = try bench.run("verify", file, "--key", key, "--json")
        return (
          result.status,
          try JSONParser.parse(Array(result.output.utf8.dropLast()))["code"].text ?? ""
        )
      }
      let key = ".ingest/keys/registry.pem"
      let commit = String(decoding: try bench.read(".ingest/combined.commit.json"), as: UTF8.self)
      let envelope = try bench.read(".ingest/combined.commit.dsse.json")
      try bench.write(envelope, "t.commit.dsse.json")
      // The envelope names combined.commit.json; a copy under that name beside it is what is checked.
      try bench.write(envelope, "t/combined.commit.dsse.json")
      try bench.write(
        commit.replacing("\"records\":\"216\"", with: "\"records\":\"217\""),
        "t/combined.commit.json"
      )
      #expect(try verdict("t/combined.commit.dsse.json", key) == (65, "books-open"))
      try bench.write(
        commit.replacing("2026-11-20T00:00:00Z", with: "2026-11-20T00:00:01Z"),
        "t/combined.commit.json"
      )
      #expect(try verdict("t/combined.commit.dsse.json", key) == (65, "subject-mismatch"))
      try bench.write(commit + "\n", "t/combined.commit.json")
      #expect(try verdict("t/combined.commit.json", key) == (65, "not-canonical"))
      #expect(try bench.run("key", "new", "--name", "stranger", "--store", "other").status == 0)
      #expect(
        try verdict(".ingest/combined.commit.dsse.json", "other/keys/stranger.pem") == (
          65, "threshold"
        )
      )
      try bench.write("{\"a\":1}", "x.json")
      #expect(try verdict("x.json", key) == (65, "unknown-kind"))
      try bench.write("not json", "x.json")
      #expect(try verdict("x.json", key) == (65, "json-syntax"))
    }
  }

  @Test
  func
    `every field of an inclusion proof is altered, and each time the verifier refuses for the named reason`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try bench.scan(["archive.manifest"])
      let proof = try JSONParser.parse(
        Array(
          try bench.run("proof", "inclusion", "100", "--store", ".ingest").output.utf8.dropLast()
        )
      )
      let object = try #require(proof.object)
      func flipped(_ text: String) -> String { (text.first == "0" ? "1" : "0") + text.dropFirst() }
      func changed(_ name: String, _ value: JSONValue?) -> JSONValue {
        var copy = object
        copy[name] = value
        return .object(copy)
      }
      let leaf = try #require(object["leaf"]?.text)
      let path = try #require(object["sha256Path"]?.elements)
      let second = try #require(object["poseidon2Path"]?.elements)
      let table: [(JSONValue, String)] = [
        (changed("index", "101"), "root-mismatch"), (changed("index", "216"), "index-out-of-range"),
        (changed("index", "0100"), "proof-form"),
        (changed("leaf", .string(flipped(leaf))), "leaf-form"),
        (changed("leaf", .string(String(leaf.dropLast(2)) + "01")), "root-mismatch"),
        (changed("source", "other"), "unknown-source"),
        (changed("sha256Path", .array(Array(path.dropLast()))), "path-length"),
        (changed("sha256Path", .array(path + path.prefix(1))), "path-length"),
        (changed("sha256Path", .array([path[1], path[0]] + path.dropFirst(2))), "root-mismatch"),
        (changed("poseidon2Path", .array(Array(second.dropLast()))), "path-length"),
        (
          changed("poseidon2Path", .array([second[1], second[0]] + second.dropFirst(2))),
          "root-mismatch"
        ),
        (
          changed(
            "poseidon2Path",
            .array([.string(String(repeating: "f", count: 64))] + second.dropFirst())
          ), "proof-form"
        ),
        (changed("signed", nil), "proof-form"), (changed("extra", "x"), "proof-form"),
        (changed("kind", "ConsistencyProof"), "proof-form"),
      ]
      for (json, code) in table {
        try bench.write(CanonicalJSON.encode(json), "p.json")
        let result = try bench.run(
          "verify",
          "p.json",
          "--key",
          ".ingest/keys/registry.pem",
          "--json"
        )
        #expect(result.status == 65)
        #expect(try JSONParser.parse(Array(result.output.utf8.dropLast()))["code"].text == code)
      }
    }
  }

  @Test func `a disk that fills up exits 74, and the next run ends in the identical root`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let clean = try bench.scan(["archive.manifest"], ["--store", "clean"])
      for limit in [40, 90, 140] {
        // RLIMIT_FSIZE stands for a full disk: the write fails with EFBIG in the middle of a file.
        let result = try Command.shell(
          "trap '' XFSZ; ulimit -f \(limit); exec '\(Command.ingest)' --source archive.manifest --store full\(limit) --quiet",
          folder: folder
        )
        #expect([74, 0].contains(result.status), "\(result.status) \(result.errors)")
        let later = try bench.scan(["archive.manifest"], ["--store", "full\(limit)"])
        #expect(later["combined"] == clean["combined"])
      }
    }
  }
}
