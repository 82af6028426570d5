import CanonicalCoding
import Files
import Testing
import _TestSupport

/// Somebody asks that a text be left out: it is found, it goes, and the answer can be checked without us.
@Suite struct ExclusionTests {
  private func digest(_ bench: Workbench, _ record: String) throws -> String {
    let shown = try bench.run("show", record).output
    let line = try #require(shown.split(separator: "\n").first { $0.hasPrefix("content sha256") })
    return String(line.split(separator: " ").last ?? "")
  }

  private func exclude(_ bench: Workbench, _ what: [String]) throws -> Command.Result {
    try Command.run(
      Command.ingest,
      [
        "exclude", "--reason", "erasure", "--reference", "GDPR-31", "--received", "2026-11-25",
        "--answer", "answer.json",
      ] + what,
      folder: bench.folder
    )
  }

  private func verify(_ bench: Workbench, _ file: String = "answer.json") throws -> Command.Result {
    try bench.run("verify", file, "--key", ".ingest/keys/registry.pem")
  }

  @Test func `a record goes, its answer holds, and the source is whole`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench.committed(folder)
      let content = try digest(bench, "handbook-crawl:5")
      let done = try exclude(bench, ["--sha256", content])
      #expect(done.status == 0, "\(done.errors)")
      #expect(done.output.contains("record 5 of source 'handbook-crawl' is a tombstone now"))
      let verified = try verify(bench)
      #expect(verified.status == 0, "\(verified.output)")
      for part in [
        "committed before: record 5", "tombstoned now: leaf 5, reason erasure, day 2026-11-25",
        "absent from epoch 2", "stated by the registry",
      ] {
        #expect(verified.output.contains(part), "\(part)")
      }
      #expect(try bench.run("audit", "handbook-crawl").status == 0)
      #expect(try bench.run("fsck").status == 0)
      #expect(try bench.run("explain", "handbook-crawl:5").output.contains("reason: erasure"))
      #expect(try bench.run("proof", "absence", content).status == 0)
      // Asked again, nothing is done twice.
      let again = try exclude(bench, ["--sha256", content])
      #expect(again.status == 0, "\(again.errors)")
      #expect(again.output.contains("epoch 2 stays the newest"))
      #expect(try FolderWalk.entries(of: bench.path("exclusions/handbook-crawl")).count == 1)
      // The same inputs in an empty store leave it out from the beginning.
      let fresh = try bench.run("--source", "crawl.manifest", "--quiet", "--store", "fresh")
      #expect(fresh.output.contains("records 126"), "\(fresh.output) \(fresh.errors)")
    }
  }

  @Test func `a text is found by its normal form, a host by its name`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench.committed(folder)
      let text = try bench.run("normalize", "sources/archive/LICENSE.txt").outputBytes
      // Another line end and a byte order mark: the normal form is the same.
      let crlf: [UInt8] =
        [0xEF, 0xBB, 0xBF]
        + text.flatMap { byte -> [UInt8] in byte == 0x0A ? [0x0D, 0x0A] : [byte] }
      try bench.write(crlf, "letter.txt")
      let found = try exclude(bench, ["--file", "letter.txt"])
      #expect(found.status == 0, "\(found.errors)")
      #expect(
        found.output.contains("of source 'flask-archive' is a tombstone now"),
        "\(found.output)"
      )
      #expect(try verify(bench).status == 0)
      let nobody = try exclude(bench, ["--host", "nobody.example", "--source", "handbook-crawl"])
      #expect(nobody.output.contains("nothing was removed"), "\(nobody.errors)")
      let all = try exclude(bench, ["--host", "*.0.0.1", "--source", "handbook-crawl"])
      #expect(all.status == 0, "\(all.errors)")
    }
  }

  @Test func `what nobody has is answered with absence alone`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench.committed(folder)
      try bench.write("a text that no source has\n", "letter.txt")
      let done = try exclude(bench, ["--file", "letter.txt"])
      #expect(done.status == 0, "\(done.errors)")
      #expect(done.output.contains("no committed record is what was asked for"))
      #expect(!FilePaths.exists(bench.path("exclusions")))
      let verified = try verify(bench)
      #expect(verified.status == 0)
      #expect(verified.output.contains("0 records were committed"))
      #expect(verified.output.contains("absent from epoch 2"))
    }
  }

  @Test func `a text that stands there is never proved absent`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench.committed(folder)
      #expect(try bench.run("proof", "absence", String(repeating: "0", count: 64)).status == 69)
      #expect(try bench.run("--source", "crawl.manifest", "--quiet", "--absence").status == 0)
      let content = try digest(bench, "handbook-crawl:5")
      let refused = try bench.run("proof", "absence", content)
      #expect(refused.status == 65)
      #expect(refused.errors.contains("handbook-crawl holds a live record"))
    }
  }

  @Test func `an answer that was bent anywhere is refused`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench.committed(folder)
      _ = try exclude(bench, ["--sha256", digest(bench, "handbook-crawl:5")])
      let good = try bench.read("answer.json")
      let answer = try #require(try JSONParser.parse(good).object)
      func bent(_ name: String, _ change: (JSONValue) -> JSONValue?) throws {
        var object = answer
        object[name] = change(try #require(answer[name]))
        try bench.write(CanonicalJSON.encode(object), "bent.json")
        #expect(try verify(bench, "bent.json").status == 65, "\(name)")
      }
      func first(_ value: JSONValue, _ name: String, _ text: String) -> JSONValue {
        guard var list = value.elements, var object = list.first?.object else { return value }
        object[name] = .string(text)
        list[0] = .object(object)
        return .array(list)
      }
      try bent("before") { first($0, "index", "6") }
      try bent("before") { first($0, "source", "flask-archive") }
      try bent("absent") { first($0, "contentSha256", String(repeating: "1", count: 64)) }
      try bent("removed") { _ in nil }
      try bent("kind") { _ in "Answer" }
      try bent("exclusions") { value in
        let text = String(decoding: CanonicalJSON.encode(value), as: UTF8.self)
        return try? JSONParser.parse(Array(text.replacing("\"sig\":\"", with: "\"sig\":\"AA").utf8))
      }
      var random = SeededRandom(seed: 11)
      for _ in 0..<60 {
        var bytes = good
        let place = Int(random.next() % UInt64(bytes.count - 1))
        bytes[place] ^= UInt8(1 << (random.next() % 7))
        guard bytes != good else { continue }
        try bench.write(bytes, "bent.json")
        let status = try verify(bench, "bent.json").status
        #expect(status == 65, "byte \(place)")
      }
    }
  }

  @Test func `a source that changed since is not touched`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench.committed(folder)
      let content = try digest(bench, "flask-archive:3")
      try bench.edit("archive.manifest", "purpose: Language-model pre-training", "purpose: Other")
      let refused = try exclude(bench, ["--sha256", content])
      #expect(refused.status == 69)
      #expect(refused.errors.contains("commit it first"))
      for bad in [["--sha256", "12"], ["--sha256", content, "--host", "x"], []] {
        #expect(try exclude(bench, bad).status == 64)
      }
    }
  }
}
