import CanonicalCoding
import Files
import Merkle
import Testing
import _TestSupport

/// The page that a lawyer reads: form, safety, and that its figures are those that were committed.
@Suite struct ReportTests {
  private static let check = """
    import html5lib, sys
    for path in sys.argv[1:]:
        parser = html5lib.HTMLParser(strict=False)
        tree = parser.parse(open(path, "rb").read())
        assert not parser.errors, (path, parser.errors[:3])
        for element in tree.iter():
            tag = str(element.tag).rsplit("}", 1)[-1]
            assert tag not in ("script", "iframe", "object", "embed", "link", "form", "base", "img"), tag
            for name, value in element.attrib.items():
                assert not name.startswith("on") and name != "style", name
                assert name != "src", value
                if name == "href":
                    assert value.startswith(("#", "sources/", "../report.html")), value
        ids = [e.attrib["id"] for e in tree.iter() if "id" in e.attrib]
        assert len(ids) == len(set(ids)), "an id stands twice"
        print(path.rsplit("/", 1)[-1], len(ids))
    """

  @Test
  func `pages have no script, no style of others, no parse error, and links that lead somewhere`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      for name in ["crawl", "archive", "corpus"] {
        #expect(try bench.run("--source", "\(name).manifest", "--quiet").status == 0)
      }
      for out in ["a", "b"] {
        #expect(
          try bench.run("report", "--out", out, "--key", ".ingest/keys/registry.pem").status == 0
        )
      }
      let pages = [
        "report.html", "sources/handbook-crawl.html", "sources/flask-archive.html",
        "sources/policy-corpus.html",
      ]
      for page in pages { #expect(try bench.read("a/\(page)") == bench.read("b/\(page)")) }
      let checked = try Command.run(
        "/usr/bin/python3",
        ["-c", Self.check] + pages.map { bench.path("a/\($0)") }
      )
      #expect(checked.status == 0, "\(checked.errors)")
      let html = String(decoding: try bench.read("a/report.html"), as: UTF8.self)
      // The policy of the page names its own style sheet, and nothing else.
      let style = try #require(
        html.split(separator: "<style>").last?.split(separator: "</style>").first
      )
      let digest = Base64.encode(SHA256Hash.of(Array(style.utf8)).bytes)
      #expect(
        html.contains(
          "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'"
        )
      )
      // Every link to a line has that line.
      for link in html.split(separator: "href=\"").dropFirst().map({ $0.prefix { $0 != "\"" } })
      where link.contains("#L") {
        let parts = link.split(separator: "#")
        let page = String(decoding: try bench.read("a/\(parts[0])"), as: UTF8.self)
        #expect(page.contains("id=\"\(parts[1])\""), "\(link)")
      }
      let manifest = String(decoding: try bench.read("crawl.manifest"), as: UTF8.self)
      let line =
        1
        + (manifest.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
          $0.contains("concluded:")
        } ?? 0)
      #expect(html.contains("sources/handbook-crawl.html#L\(line)"))
      #expect(html.contains("? REVIEW"))
      #expect(html.contains("216"))
      #expect(html.contains("This is not legal advice"))
    }
  }

  @Test func `what blocks and what ends comes first`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      try bench.edit("archive.manifest", "until: \"2199-12-31\"", "until: \"2027-01-10\"")
      let scanned = try bench.run(
        "--source",
        "archive.manifest",
        "--quiet",
        "--as-of",
        "2026-11-20"
      )
      #expect(scanned.status == 0, "\(scanned.errors)")
      #expect(try bench.run("report", "--out", "a").status == 0)
      let soon = String(decoding: try bench.read("a/report.html"), as: UTF8.self)
      #expect(soon.contains("2027-01-10"))
      #expect(soon.contains("the license ends; then: denied"))
      #expect(
        try bench.run("--source", "archive.manifest", "--quiet", "--as-of", "2027-02-01").status
          == 0
      )
      #expect(try bench.run("report", "--out", "b").status == 0)
      let over = String(decoding: try bench.read("b/report.html"), as: UTF8.self)
      #expect(try bench.run("diff", "2", "1").output.contains("OLDER"))
      #expect(over.contains("✕ DENY"))
      #expect(over.contains("built-in:term"))
      #expect(over.contains("the license ended"))
      #expect(over.contains("Changes since epoch 1"))
    }
  }

  @Test func `two histories of one number are a fork, and a summary that is due is said`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      func export(_ store: String) throws -> Command.Result {
        #expect(
          try bench.run("--source", "archive.manifest", "--quiet", "--store", store).status == 0
        )
        return try bench.run(
          "export",
          "--all",
          "out-\(store)",
          "--profile",
          "summary.profile",
          "--store",
          store,
          "--fail-on-overdue"
        )
      }
      #expect(try export("a").status == 0)
      try bench.edit("archive.manifest", "purpose: Language-model pre-training", "purpose: Other")
      try bench.edit(
        "summary.profile",
        "smallEnterprise",
        "lastSummary: \"2026-05-20\"\nsmallEnterprise"
      )
      let overdue = try export("b")
      #expect(overdue.status == 77)
      #expect(overdue.errors.contains("was due on 2026-11-20"), "\(overdue.errors)")
      let forked = try bench.run("diff", "out-a", "out-b")
      #expect(forked.status == 65)
      #expect(forked.output.contains("FORK"))
      #expect(forked.output.contains("purpose: was Language-model pre-training, is now Other"))
    }
  }
}
