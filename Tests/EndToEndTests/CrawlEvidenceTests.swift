import CanonicalCoding
import Files
import Testing
import _TestSupport

/// What sites say about training, from the wire to the leaf and to legal.
@Suite struct CrawlEvidenceTests {
  private static let reserved = [
    "/aitxt", "/header", "/meta", "/noai", "/paid", "/rsl", "/tdm/x", "/tdmheader", "/tdmmeta",
    "/usage",
  ]

  @Test func `every signal against training keeps its page out, and is shown with its place`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest("site", seeds: [bench.address("signals")])
      let run = try bench.crawl("site", "--quiet")
      #expect(run.status == 0, "\(run.errors)")
      let report = try bench.report("site")
      let listed = report["reservedTraining"].elements?.compactMap { $0["url"].text } ?? []
      #expect(listed == Self.reserved.map { bench.address("signals", $0) }, "\(listed)")
      let shown = try bench.run("reservations", "site", "--json")
      #expect(shown.status == 1, "\(shown.errors)")
      let entries = try shown.output.split(separator: "\n").map {
        try JSONParser.parse(Array($0.utf8))
      }
      #expect(entries.count == Self.reserved.count)
      #expect(entries.allSatisfy { $0["prevailed"] == "reservation" })
      for (path, name, place) in [
        ("/usage", "content-usage", "robots.txt line 3"), ("/header", "content-usage", "header"),
        ("/noai", "x-robots-tag", "header"), ("/tdmheader", "tdm-reservation", "header"),
        ("/tdm/x", "tdm-reservation", "tdmrep.json"), ("/aitxt", "ai.txt", "ai.txt line 2"),
        ("/rsl", "rsl", "license"), ("/paid", "rsl", "license"), ("/meta", "meta robots", "page"),
        ("/tdmmeta", "meta tdm-reservation", "page"),
      ] {
        let entry = entries.first { $0["url"] == .string(bench.address("signals", path)) }
        let said = entry?["signals"].elements?.first { $0["train"] == "disallowed" }
        #expect(
          said?["name"] == .string(name) && said?["in"] == .string(place),
          "\(path): \(entry ?? .null)"
        )
      }
      let conflicts = try bench.run("reservations", "site", "--conflicts")
      #expect(
        conflicts.status == 0 && conflicts.output.contains("no record"),
        "\(conflicts.output)"
      )
    }
  }

  @Test
  func `a file about training that has moved is read where it may be asked for, and nowhere else`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest("site", seeds: [bench.address("moved")])
      #expect(try bench.crawl("site", "--quiet").status == 0)
      let asked = try bench.log().filter { !$0.isAnswer }.map { $0.site + $0.path }
      #expect(asked.contains("moved/tdm.json") && !asked.contains("moved/private/ai.txt"))
      #expect(!asked.contains { $0.hasPrefix("plain") }, "\(asked)")
      let reserved = try bench.report("site")["reservedTraining"].elements ?? []
      #expect(reserved.map { $0["url"] } == [.string(bench.address("moved", "/kept"))])
      let why = try bench.run("explain", "site:0")
      #expect(why.output.contains("asked: ai.txt: not asked: robots.txt"), "\(why.output)")
      #expect(why.output.contains("asked: license: 301"), "\(why.output)")
    }
  }

  @Test func `a contract prevails over what a publisher says to all, and each conflict is listed`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest("site", seeds: [bench.address("signals")], basis: "contract")
      #expect(try bench.crawl("site", "--quiet").status == 0)
      let conflicts = try bench.run("reservations", "site", "--conflicts", "--json")
      let entries = try conflicts.output.split(separator: "\n").map {
        try JSONParser.parse(Array($0.utf8))
      }
      #expect(conflicts.status == 1 && entries.count == Self.reserved.count, "\(conflicts.errors)")
      #expect(
        entries.allSatisfy {
          $0["prevailed"] == "contract" && $0["terms"] == "CC-BY-4.0, basis contract"
        }
      )
      #expect(entries.allSatisfy { $0["signals"].elements?.isEmpty == false })
    }
  }

  @Test func `why a page was taken is answered offline, and a changed archive is found`() throws {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest("site", seeds: [bench.address("signals")])
      #expect(try bench.crawl("site", "--quiet").status == 0)
      let why = try bench.run("explain", "site:0", "--json")
      let answer = try JSONParser.parse(Array(why.output.utf8.dropLast()))
      let steps = answer["steps"].elements?.compactMap(\.text) ?? []
      #expect(why.status == 0, "\(why.errors)")
      #expect(steps.contains("robots.txt: allowed, line 2: Allow: /"), "\(steps)")
      #expect(
        steps.contains { $0.hasPrefix("replayed: the same verdict (site/signals/") },
        "\(steps)"
      )
      #expect(
        steps.contains { $0.contains("from 127.0.0.2 by examplebot/1 (+https://example.org/bot)") }
      )
      let descriptor = try bench.run("show", "site:0", "--json")
      for name in ["crawl", "robots-txt", "tdmrep", "ai-txt", "rsl", "http-head", "warc-head"] {
        #expect(descriptor.output.contains("\"\(name)\""), "\(name): \(descriptor.output)")
      }
      // Robots.txt as it was archived is another one.
      let archive = try #require(try bench.archives("site", "signals").first)
      var bytes = try InputFile.contents(of: archive, limit: 1 << 24)
      bytes[bytes.count / 4] ^= 1
      try Fixture.write(bytes, archive)
      let changed = try bench.run("explain", "site:0")
      #expect(!changed.output.contains("replayed: the same"), "\(changed.output)")
    }
  }

  @Test func `the next version asks what has changed, and buries what is gone`() throws {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      let crawl = ["onRemoved": "tombstone"]
      try bench.manifest("site", seeds: [bench.address("changing")], crawl: crawl)
      #expect(try bench.crawl("site", "--quiet").status == 0)
      #expect(try bench.report("site")["total"]["pages"] == "6")
      try Fixture.write("2", folder + "/server.log.version")
      try bench.manifest("site", seeds: [bench.address("changing")], crawl: crawl, version: "2")
      let again = try bench.crawl("site", "--quiet")
      #expect(again.status == 0, "\(again.errors)")
      let report = try bench.report("site")
      // `/` and `/stays` and `/reserves` by their tags, `/tagless` by its payload.
      #expect(report["total"]["unchanged"] == "4" && report["total"]["pages"] == "1", "\(report)")
      #expect(report["total"]["others"]["status-410"] == "1")
      // What a page said when it was sent still holds when it is not sent again.
      #expect(report["reservedTraining"].elements?.count == 1)
      let status = try JSONParser.parse(
        Array(try bench.run("status", "--json").output.utf8.dropLast())
      )
      let source = status["sources"].elements?.first
      #expect(source?["tombstones"] == "1", "\(status)")
      #expect(source?["counts"]["excluded"]["withdrawal"] == "1", "\(status)")
      let proof = try bench.run("proof", "difference", "1", "2")
      #expect(proof.status == 0, "\(proof.errors)")
      try Fixture.write(proof.outputBytes, folder + "/difference.json")
      let verified = try bench.run(
        "verify",
        "difference.json",
        "--key",
        ".ingest/keys/registry.pem"
      )
      #expect(
        verified.status == 0 && verified.output.contains("withdrawal"),
        "\(verified.output)\(verified.errors)"
      )
    }
  }
}
