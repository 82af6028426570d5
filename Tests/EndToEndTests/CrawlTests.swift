import CanonicalCoding
import Files
import Testing
import _TestSupport

/// A crawl from its manifest to a signed epoch, and what an operator is told.
@Suite struct CrawlTests {
  @Test
  func
    `a site is crawled, archived, committed, and a second scan of the archive gives the same root`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest("site", seeds: [bench.address("plain")])
      let run = try bench.crawl("site")
      #expect(run.status == 0, "\(run.errors)")
      let report = try bench.report("site")
      #expect(report["total"]["pages"] == "121" && report["due"] == "0", "\(run.output)")
      #expect(report["total"]["others"]["robots"] == "1")
      #expect(report["total"]["others"]["redirect"] == "1")
      #expect(report["total"]["others"]["status-404"] == "1")
      let again = try bench.run(
        "--source",
        "site.manifest",
        "--store",
        "other",
        "--json",
        "--quiet"
      )
      let first = try bench.run("--source", "site.manifest", "--json", "--quiet")
      let roots = try [again, first].map {
        try JSONParser.parse(Array($0.output.utf8.dropLast()))["combined"]
      }
      #expect(roots[0] == roots[1] && roots[0]["sha256Root"] != .null)
      // A crawl that is complete fetches nothing more.
      let before = try bench.log().count
      let third = try bench.crawl("site", "--quiet")
      #expect(try third.status == 0 && bench.log().count == before, "\(third.errors)")
    }
  }

  @Test func `rules, one connection and pauses are kept, by the server's own log`() throws {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest(
        "site",
        seeds: [bench.address("plain"), bench.address("patient")],
        crawl: [
          "delay": "0.05", "include": "[\"\", \"p?\", busy, flaky, a, b, \"secret/*\"]",
        ]
      )
      let run = try bench.crawl("site", "--fetch-only", "--quiet")
      #expect(run.status == 0, "\(run.errors)")
      let log = try bench.log()
      #expect(!log.contains { $0.path.hasPrefix("/secret") })
      #expect(
        log.allSatisfy { $0.isAnswer || $0.agent == "examplebot/1 (+https://example.org/bot)" }
      )
      for (site, pause) in [("plain", 0.05), ("patient", 0.3)] {
        let own = log.filter { $0.site == site }
        #expect(Set(own.map(\.connection)).count == 1, "\(site)")
        let requests = own.filter { !$0.isAnswer }
        // The pauses of Crawl-delay hold from when it is known.
        for (a, b) in zip(own.filter(\.isAnswer).dropFirst(1), requests.dropFirst(2)) {
          #expect(b.time - a.time >= pause - 0.01, "\(site) \(a.path) \(b.path)")
        }
        #expect(requests.first?.path == "/robots.txt")
      }
      // What was in the way was tried again: 429 with its Retry-After, 500 twice.
      let report = try bench.report("site")
      #expect(report["hosts"]["patient.test"]["pages"] == "5", "\(report)")
      let busy = log.filter { $0.site == "patient" && $0.path == "/busy" && !$0.isAnswer }
      #expect(busy.count == 2 && busy[1].time - busy[0].time >= 1)
    }
  }

  @Test func `every answer of a robots.txt has the consequence that RFC 9309 gives it`() throws {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      for (site, status, pages, reason) in [
        ("robots500", 77, 0, "robots-unreachable"), ("robots429", 77, 0, "robots-unreachable"),
        ("robotscut", 77, 0, "robots-unreachable"), ("robots403", 77, 0, "robots-403"),
        ("robotsslow", 77, 0, "crawl-delay"),
        ("robotsloop", 0, 3, ""), ("robotshtml", 0, 3, ""), ("robotsendless", 0, 2, "robots"),
      ] {
        try bench.manifest(site, seeds: [bench.address(site)], crawl: ["patience": "1"])
        let run = try bench.crawl(site, "--fetch-only", "--quiet")
        #expect(Int(run.status) == status, "\(site): \(run.errors)")
        let report = try bench.report(site)
        #expect(report["total"]["pages"] == .string(String(pages)), "\(site): \(report)")
        if !reason.isEmpty {
          #expect(report["total"]["others"][reason] == "1", "\(site): \(report["total"])")
        }
        let asked = try bench.log().filter { $0.site == site && !$0.isAnswer }.map(\.path)
        if pages == 0 {
          #expect(asked.allSatisfy { $0.hasPrefix("/robots.txt") }, "\(site): \(asked)")
        }
        if site == "robotsloop" { #expect(asked.count { $0.hasPrefix("/robots.txt") } == 6) }
      }
      try bench.manifest(
        "willing",
        seeds: [bench.address("robots403")],
        crawl: ["robotsDenied": "allow"]
      )
      #expect(try bench.crawl("willing", "--fetch-only", "--quiet").status == 0)
    }
  }

  @Test func `scope, depth, budgets and parameters bound a crawl`() throws {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      for (name, crawl, pages) in [
        ("depth", ["depth": "0"], "1"), ("few", ["pages": "7"], "7"),
        ("bytes", ["bytes": "2000"], nil), ("only", ["include": "[\"\", \"p1*\"]"], nil),
        ("without", ["exclude": "[\"p*\"]"], "1"), ("single", ["pageBytes": "1024"], nil),
      ] as [(String, [String: String], String?)] {
        try bench.manifest(name, seeds: [bench.address("plain")], crawl: crawl)
        let run = try bench.crawl(name, "--fetch-only", "--quiet")
        let report = try bench.report(name)
        let found = report["total"]["pages"].integer ?? -1
        if let pages { #expect(found == Int(pages), "\(name): \(report["total"])") }
        #expect(run.status == 0 && found < 121, "\(name): \(run.errors) \(report["total"])")
      }
      #expect(try bench.report("few")["total"]["others"]["budget-pages"] != .null)
      #expect(try bench.report("bytes")["total"]["others"]["budget-bytes"] != .null)
      #expect(try bench.report("single")["total"]["others"]["budget-page"] != .null)
    }
  }

  @Test func `a manifest that cannot be crawled is refused before anything is asked`() throws {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      for (name, crawl, agent, code) in [
        ("nobody", [:], "examplebot/1", "user-agent"),
        ("token", [:], "1 (+https://x)", "user-agent"),
        ("number", ["depth": "-1"], "b/1 (+https://x)", "number"),
        ("zero", ["pages": "0"], "b/1 (+https://x)", "number"),
        ("pause", ["delay": "1.2345"], "b/1 (+https://x)", "number"),
        ("host", ["hosts": "[\"a b\"]"], "b/1 (+https://x)", "host"),
        ("type", ["mediaTypes": "[html]"], "b/1 (+https://x)", "media-type"),
        ("word", ["onRemoved": "burn"], "b/1 (+https://x)", "enum"),
        ("key", ["dpeth": "1"], "b/1 (+https://x)", "unknown-key"),
        ("map", ["sitemaps": "[\"ftp://x/\"]"], "b/1 (+https://x)", "uri"),
      ] as [(String, [String: String], String, String)] {
        try bench.manifest(name, seeds: [bench.address("plain")], crawl: crawl, agent: agent)
        let run = try bench.crawl(name)
        #expect(run.status == 78, "\(name): \(run.status) \(run.errors)")
        #expect(run.errors.contains("manifest.\(code)"), "\(name): \(run.errors)")
      }
      try bench.manifest("seed", seeds: ["http://u@x/"])
      #expect(try bench.crawl("seed").status == 78)
      try bench.manifest("bad-seed", seeds: ["http://x y/", "https://[::1"])
      #expect(try bench.crawl("bad-seed").status == 78)
      for arguments in [
        ["--allow-network", "10.0.0.0/33"], ["--allow-network", "localhost"], ["--resolve", "a:b"],
        ["--timeout", "0"],
      ] {
        let run = try Command.run(
          Command.ingest,
          ["crawl", "seed.manifest"] + arguments,
          folder: folder
        )
        #expect(run.status == 64, "\(arguments)")
      }
      #expect(try bench.log().isEmpty)
      let text = String(
        decoding: try InputFile.contents(of: folder + "/seed.manifest", limit: 1 << 20),
        as: UTF8.self
      )
      let lines = text.split(separator: "\n").filter {
        !$0.hasPrefix("crawl:") && !$0.hasPrefix("  ")
      }
      try Fixture.write(lines.joined(separator: "\n"), folder + "/none.manifest")
      let none = try bench.crawl("none")
      #expect(none.status == 78 && none.errors.contains("no section 'crawl'"), "\(none.errors)")
    }
  }

  @Test
  func
    `sitemaps are followed one index deep, in all their forms, and speak of no site that did not ask`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest(
        "site",
        seeds: [bench.address("maps")],
        crawl: ["hosts": "[maps.test, plain.test]", "discover": "[sitemaps]"]
      )
      #expect(try bench.crawl("site", "--fetch-only", "--quiet").status == 0)
      let asked = Set(try bench.log().filter { !$0.isAnswer }.map { "\($0.site)\($0.path)" })
      let pages = ["/", "/one?x=1", "/listed", "/item"].map { "maps\($0)" }
      #expect(asked.isSuperset(of: pages), "\(asked)")
      #expect(asked.contains("maps/nested.xml") && !asked.contains("maps/deep.xml"))
      #expect(!asked.contains { $0.hasPrefix("plain") }, "\(asked)")
      let report = try bench.report("site")
      #expect(report["total"]["pages"] == "4" && report["total"]["others"]["sitemap"] == "5")
      // Another source does not crawl into this folder.
      let text = String(
        decoding: try InputFile.contents(of: folder + "/site.manifest", limit: 1 << 20),
        as: UTF8.self
      )
      try Fixture.write(text.replacing("id: site", with: "id: other"), folder + "/other.manifest")
      let other = try bench.crawl("other")
      #expect(
        other.status == 78 && other.errors.contains("source 'site' is here"),
        "\(other.errors)"
      )
    }
  }

  @Test func `a host that asks to be left alone is left alone, also by the next run`() throws {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest("site", seeds: [bench.address("away"), bench.address("maps", "/one")])
      for _ in 0..<2 {
        let run = try bench.crawl("site")
        #expect(run.status == 75 && run.errors.contains("away.test until 20"), "\(run.errors)")
        #expect(!FilePaths.exists(folder + "/.ingest"), "what is not complete is not signed")
      }
      let asked = try bench.log().filter { $0.site == "away" && !$0.isAnswer }.map(\.path)
      #expect(asked.count == 5, "\(asked)")
      let report = try bench.report("site")
      #expect(report["due"] == "2" && report["hosts"]["maps.test"]["pages"] != "0", "\(report)")
    }
  }

  @Test func `two crawls of one folder do not run at once`() throws {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest("site", seeds: [bench.address("plain")])
      _ = try bench.crawl("site", "--fetch-only", "--quiet", killAfter: 0.15)
      let holder = try Server(
        "/usr/bin/env",
        [
          "python3", "-c",
          "import fcntl, sys, time; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(60)",
          folder + "/site/lock",
        ]
      )
      #expect(holder.greeting == "held")
      let run = try bench.crawl("site", "--quiet")
      #expect(run.status == 75 && run.errors.contains("locked"), "\(run.errors)")
    }
  }
}
