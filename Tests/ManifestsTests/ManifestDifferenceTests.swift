import Manifests
import Testing
import _TestSupport

/// What changed between two versions of a manifest, in words, with the lines of both.
@Suite struct ManifestDifferenceTests {
  private func manifest(_ changes: [(String, String)] = []) throws -> SourceManifest {
    var text = String(decoding: try Fixture.bytes("manifests/crawl.manifest"), as: UTF8.self)
    for (from, to) in changes {
      #expect(text.contains(from), "\(from)")
      text = text.replacing(from, with: to)
    }
    return try SourceManifest.decode(Array(text.utf8), file: "m")
  }

  @Test func `comments and quotes change nothing`() throws {
    let changed = try manifest([
      ("# crawl.manifest", "# another comment"), ("version: \"11", "version: '11"),
      ("20922\"", "20922'"),
    ])
    let difference = ManifestDifference(try manifest(), changed)
    #expect(difference.isSame)
    #expect(difference.changes.isEmpty)
  }

  @Test func `each change has its words and its line`() throws {
    let old = try manifest()
    let new = try manifest([
      ("until: null", "until: \"2027-01-01\""), ("jurisdiction: [any]", "jurisdiction: [EU]"),
      ("title: The Debian", "title: A Debian"),
    ])
    let found = ManifestDifference(old, new).changes
    #expect(
      found.map(\.path) == [
        "source.title", "license.jurisdiction[0]", "license.jurisdiction[0]", "license.term.until",
      ] || found.count == 4
    )
    let term = try #require(found.first { $0.path == "license.term.until" })
    #expect(term.sentence == "last valid day of the license: 2027-01-01 was added")
    #expect(term.newLine == 43)
    let title = try #require(found.first { $0.path == "source.title" })
    #expect(title.sentence.hasPrefix("title: was The Debian"))
    #expect(title.oldLine == 7)
  }

  @Test func `an override that moves is no change, one that is narrowed is`() throws {
    let more =
      "overrides:\n  - match: {host: example.org}\n    exclude: {reason: opt-out, reference: T-1, received: \"2026-11-01\"}\n"
    let a = try manifest([("overrides:\n", more)])
    let difference = ManifestDifference(try manifest(), a)
    #expect(difference.changes.count == 1)
    #expect(difference.changes.first?.old == nil)
    let b = try manifest([("overrides:\n", more.replacing("T-1", with: "T-2"))])
    let narrowed = ManifestDifference(a, b)
    #expect(narrowed.changes.map(\.path) == ["overrides[0].exclude.reference"])
  }
}
