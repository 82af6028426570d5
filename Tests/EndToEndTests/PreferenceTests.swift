import CanonicalCoding
import Testing
import _TestSupport

@Suite struct PreferenceTests {
  @Test func `what a page's head says about training counts as its headers' word would`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      for (name, head) in [
        ("a", "<meta name=robots content='noindex, noai'>"),
        ("b", "<meta name=tdm-reservation content=1>"), ("c", "<meta name=robots content=noindex>"),
        ("d", "<meta name=tdm-reservation content=0>"),
        ("e", "<!-- <meta name=robots content=noai> -->"),
      ] {
        try bench.write("<title>\(name)</title>\(head)<p>Page \(name)", "\(name).html")
      }
      let lines = String(decoding: try bench.read("corpus.manifest"), as: UTF8.self).split(
        separator: "\n",
        omittingEmptySubsequences: false
      )
      let manifest = lines.compactMap { line in
        switch line.split(separator: ":").first?.filter({ $0 != " " }) {
        case "paths": "  paths: [\"*.html\"]"
        case "format": "  format: text"
        case "recordUnit": "  recordUnit: file"
        case "normalize": "  normalize: {profile: html-text-v1}"
        case "fields": nil
        default: String(line)
        }
      }
      try bench.write(manifest.joined(separator: "\n"), "pages.manifest")
      let outcome = try bench.scan(["pages.manifest"])
      let commit = try JSONParser.parse(try bench.read(".ingest/combined.commit.json"))
      let source = commit["sources"].elements?.first
      let said = ["allowed": "0", "disallowed": "0", "unknown": "3"] as JSONValue
      #expect(source?["licenses"].elements?.first?["preference"] == said, "\(outcome)")
      // The policy of the manifest keeps what was refused out, and the ledger says which.
      #expect(source?["counts"]["excluded"]["opt-out"] == "2")
      for page in ["a.html", "b.html"] {
        let why = try bench.run("explain", page)
        #expect(
          why.status == 77 && why.output.contains("preference disallowed"),
          "\(page): \(why.output)\(why.errors)"
        )
      }
    }
  }
}
