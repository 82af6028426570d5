import CanonicalCoding
import Files
import Testing
import _TestSupport

/// `ingest verify --leaf`: one record against its original, for every kind of locator.
@Suite struct LeafCheckTests {
  @Test func `a record is derived again from its place in every kind of container`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try Command.shell(
        "cd sources/crawl && gzip -dc handbook.warc.gz | gzip -c > h && mv h handbook.warc.gz",
        folder: folder
      )
      let manifests = ["crawl.manifest", "archive.manifest", "corpus.manifest"]
      for isSingleStream in [true, false] {
        if !isSingleStream {
          try Fixture.copy(Fixture.path("manifests/sources/crawl"), bench.path("sources/crawl"))
        }
        let store = "store-\(isSingleStream)"
        _ = try bench.scan(manifests, ["--store", store])
        for record in [
          "handbook-crawl:0", "handbook-crawl:126", "flask-archive:0", "flask-archive:215",
          "policy-corpus:0", "policy-corpus:322",
        ] {
          let result = try bench.run("verify", "--leaf", record, "--store", store, "--json")
          #expect(result.status == 0, "\(record): \(result.errors)")
          let json = try JSONParser.parse(Array(result.output.utf8.dropLast()))
          let locator = json["locator"].text ?? ""
          let byLocator = try bench.run("verify", "--leaf", locator, "--store", store, "--json")
          #expect(byLocator.output == result.output, "\(locator)")
        }
      }
    }
  }

  @Test func `an original that changed, ended or is gone is refused, and digests are named`() throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try bench.scan(["corpus.manifest"])
      let path = "sources/corpus/policy.jsonl"
      let lines = String(decoding: try bench.read(path), as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false)
      var changed = lines
      changed[4] = Substring(changed[4].replacing("the", with: "teh"))
      try bench.write(changed.joined(separator: "\n"), path)
      let other = try bench.run("verify", "--leaf", "4")
      #expect(other.status == 65 && other.errors.contains("committed was"), "\(other.errors)")
      #expect(try bench.run("verify", "--leaf", "3").status == 0)
      try bench.write(lines[..<10].joined(separator: "\n"), path)
      let ended = try bench.run("verify", "--leaf", "200")
      #expect(ended.status == 65 && ended.errors.contains("no longer has"), "\(ended.errors)")
      _ = try Command.shell("rm '\(path)'", folder: folder)
      #expect([69, 78].contains(try bench.run("verify", "--leaf", "3").status))
      #expect(try bench.run("verify", "--leaf", "no such record").status == 65)
      #expect(try bench.run("verify").status == 64)
    }
  }
}
