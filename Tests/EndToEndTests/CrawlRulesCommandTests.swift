import Testing
import _TestSupport

/// `ingest robots` and `ingest sitemap`, as an operator asks them.
@Suite struct CrawlRulesCommandTests {
  private static let file =
    "User-agent: *\nDisallow: /private\nAllow: /private/ok\nCrawl-delay: 1.5\n\nUser-agent: other\nDisallow: /\u{1B}[2J\n"

  @Test func `the verdict comes with its line, as text, as JSON and as exit code`() throws {
    try Fixture.withFolder { folder in
      try Fixture.write(Self.file, folder + "/robots.txt")
      func ask(_ arguments: String...) throws -> Command.Result {
        try Command.run(
          Command.ingest,
          ["robots", "--agent", "ingestbot"] + arguments,
          folder: folder
        )
      }
      let allowed = try ask("--file", "robots.txt", "https://x.example/private/ok/1", "/")
      #expect(
        allowed.status == 0 && allowed.output.contains("line 3: Allow: /private/ok"),
        "\(allowed.errors)"
      )
      let refused = try ask("--file", "robots.txt", "/", "https://x.example/private/x", "--json")
      #expect(refused.status == 1)
      #expect(
        refused.output == """
          {"allowed":true,"crawlDelayMilliseconds":"1500","named":false,"training":"unknown","trainingLines":[],"url":"/"}
          {"allowed":false,"crawlDelayMilliseconds":"1500","line":"2","named":false,"rule":"Disallow: /private","training":"unknown","trainingLines":[],"url":"https://x.example/private/x"}

          """
      )
      let piped = try Command.run(
        Command.ingest,
        ["robots", "--agent", "other", "/\u{1B}[2Jx"],
        folder: folder,
        input: Array(Self.file.utf8)
      )
      #expect(
        piped.status == 1 && piped.output.contains("line 7") && !piped.output.contains("\u{1B}")
      )
    }
  }

  @Test func `an agent that is no product token and a call without address are usage errors`()
    throws
  {
    for arguments in [
      ["--agent", "a b", "/"], ["--agent", "", "/"], ["--agent", "a/1.0", "/"], ["--agent", "a"],
      ["/"],
    ] {
      #expect(try Command.run(Command.ingest, ["robots"] + arguments).status == 64, "\(arguments)")
    }
  }

  @Test
  func
    `a sitemap is listed from a file or a pipe, compressed or not, and damage is exit 65 behind what it lists`()
    throws
  {
    try Fixture.withFolder { folder in
      let page = "<url><loc>https://x.example/a</loc><lastmod>2026-01-02</lastmod></url>"
      try Fixture.write("<urlset>\(page)</urlset>", folder + "/sitemap.xml")
      _ = try Command.shell("gzip -k sitemap.xml", folder: folder)
      for name in ["sitemap.xml", "sitemap.xml.gz"] {
        let plain = try Command.run(Command.ingest, ["sitemap", name], folder: folder)
        #expect(
          plain.status == 0 && plain.output == "https://x.example/a\t2026-01-02\n",
          "\(plain.errors)"
        )
      }
      let damaged = try Command.run(
        Command.ingest,
        ["sitemap", "--json"],
        folder: folder,
        input: Array("<urlset>\(page)\n<url><loc>\u{202E}x</loc></url><url>".utf8)
      )
      #expect(
        damaged.status == 65
          && damaged.errors.contains("xml-syntax: line 2; 1 entries stand before it")
      )
      #expect(
        damaged.output == """
          {"lastmod":"2026-01-02","loc":"https://x.example/a"}
          {"cut":false,"damage":"xml-syntax: line 2","entries":"1","invalid":"1","kind":"urlset"}

          """,
        "\(damaged.output)"
      )
      #expect(
        try Command.run(Command.ingest, ["sitemap", "none.xml"], folder: folder).status == 74
      )
    }
  }
}
