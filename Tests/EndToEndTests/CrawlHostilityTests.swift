import CanonicalCoding
import Files
import Testing
import _TestSupport

/// Servers that lie, stall, flood and point where nobody may go.
@Suite struct CrawlHostilityTests {
  /// What becomes of each path of the hostile site.
  private static let outcomes: [(path: String, reason: String)] = [
    ("bomb", "http-coding"), ("brotli-lies", "http-coding"), ("chunk-lies", "truncated-disconnect"),
    ("chunk-huge", "truncated-disconnect"), ("endless", "budget-page"),
    ("header-bomb", "header-limit"), ("header-line", "header-limit"), ("drip", "truncated-time"),
    ("drip-head", "timeout"), ("type-lies", "media-type image/png"),
    ("type-lies-back", "media-type image/png"), ("short", "truncated-disconnect"),
    ("no-head", "not-http"), ("redirects5", "redirect-limit"), ("to-file", "redirect-nowhere"),
    ("to-user", "redirect-nowhere"), ("length-twice", "truncated-disconnect"),
    ("location-bomb", "redirect-nowhere"),
  ]

  @Test func `whatever a server does costs its own page, and nobody behind our back is reached`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest(
        "site",
        seeds: [bench.address("hostile")],
        crawl: [
          "pageBytes": "1048576", "patience": "1",
          "hosts":
            "[hostile.test, 127.0.0.1, 169.254.169.254, \"[::ffff:7f00:1]\", canary.test, 0.0.0.0]",
        ]
      )
      let run = try bench.crawl("site", "--fetch-only", "--timeout", "2", "--slow-timeout", "1")
      #expect(run.status == 0, "\(run.errors)")
      let others = try bench.report("site")["total"]["others"]
      var expected: [String: Int] = [:]
      for (_, reason) in Self.outcomes { expected[reason, default: 0] += 1 }
      for (reason, count) in expected {
        #expect(others[reason].integer == count, "\(reason): \(others)")
      }
      // Redirects to this machine and to a metadata service: by number, by other spellings, by name.
      #expect(others["address-refused"] == "4", "\(others)")
      #expect(try bench.canaryCount() == 0)
      let report = try bench.report("site")
      // good, charset-lies, continue, deep, attributes, nul, the first page.
      #expect(report["total"]["pages"] == "7", "\(report)")
      for archive in try bench.archives("site", "pages") + bench.archives("site", "diagnostics") {
        let check = try bench.run("inspect", archive, "--json")
        #expect(check.status == 0 || check.status == 65, "\(check.errors)")
        #expect(!check.output.contains("warc-length") && !check.output.contains("digest-mismatch"))
      }
    }
  }

  @Test func `a host that fails again and again is left alone, and others are not`() throws {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest(
        "site",
        seeds: [bench.address("broken"), bench.address("maps")],
        crawl: ["patience": "1"]
      )
      let run = try bench.crawl("site", "--fetch-only", "--quiet")
      #expect(run.status == 0, "\(run.errors)")
      let report = try bench.report("site")
      #expect(report["due"] == "0" && report["hosts"]["maps.test"]["pages"] == "4", "\(report)")
      let broken = report["hosts"]["broken.test"]
      #expect(
        broken["pages"] == "1" && broken["others"]["host-parked"].integer ?? 0 >= 50,
        "\(broken)"
      )
      let asked = try bench.log().count { $0.site == "broken" && !$0.isAnswer }
      #expect(asked <= 16, "\(asked) requests to a host that fails")
    }
  }

  @Test func `words without end about training neither break an archive nor hide a refusal`() throws
  {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try bench.manifest("site", seeds: [bench.address("flood")], basis: "contract")
      let run = try bench.crawl("site", "--quiet")
      // Signed: no record's head is longer than is read.
      #expect(run.status == 0, "\(run.errors)")
      let shown = try bench.run("reservations", "site", "--json")
      let entries = try shown.output.split(separator: "\n").map {
        try JSONParser.parse(Array($0.utf8))
      }
      #expect(entries.count == 2, "\(shown.errors)")
      let page = entries.first { $0["url"] == .string(bench.address("flood")) }
      #expect(page?["signals"].elements?.first?["train"] == "disallowed")
      let why = try bench.run("explain", "site:0")
      #expect(why.output.contains("replayed: the same verdict"), "\(why.output.prefix(2000))")
    }
  }

  @Test func `a reader that dies of a page costs that page alone`() throws {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      // A token of its own: the readers of other tests live.
      try bench.manifest(
        "site",
        seeds: [bench.address("plain")],
        crawl: ["pages": "60", "delay": "0.03"],
        agent: "mortal/1 (+https://example.org/bot)"
      )
      let killer = try Server(
        "/bin/sh",
        [
          "-c",
          "echo go; for i in $(seq 40); do sleep 0.4; pkill -9 -f '[p]ages mortal ' && echo killed >> '\(folder)/kills'; done",
        ]
      )
      #expect(killer.greeting == "go")
      let run = try bench.crawl("site", "--fetch-only", "--quiet")
      #expect(run.status == 0, "\(run.errors)")
      let kills = try InputFile.contents(of: folder + "/kills", limit: 4096).count / 7
      let total = try bench.report("site")["total"]
      let died = total["others"]["reader-died"].integer ?? 0
      // One call may meet the old reader and the new one, and the last may not be written down yet.
      #expect(kills > 0 && died <= 2 * (kills + 1), "\(kills) kills, \(total)")
      #expect(total["pages"] == "60", "\(total)")
    }
  }

  @Test func `without permission nothing on this machine is asked, by any name`() throws {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      for (name, seed) in [
        ("by-number", "http://127.0.0.2:\(bench.port)/"), ("by-name", bench.address("plain")),
        ("octal", "http://0177.0.0.2:\(bench.port)/"),
        ("hexadecimal", "http://0x7f000002:\(bench.port)/"),
        ("mapped", "http://[::ffff:127.0.0.2]:\(bench.port)/"), ("zero", "http://0:\(bench.port)/"),
        ("localhost", "http://localhost:\(bench.port)/"),
        ("metadata", "http://169.254.169.254/latest/meta-data/"),
      ] {
        try bench.manifest(name, seeds: [seed], crawl: ["patience": "1"])
        let run = try Command.run(
          Command.ingest,
          [
            "crawl", "\(name).manifest", "--fetch-only", "--quiet", "--resolve",
            "plain.test:\(bench.port):127.0.0.2", "--timeout", "3",
          ],
          folder: folder
        )
        #expect(run.status == 77, "\(name): \(run.status) \(run.errors)")
        #expect(run.errors.contains("not a public address"), "\(name): \(run.errors)")
      }
      #expect(try bench.log().isEmpty)
    }
  }
}
