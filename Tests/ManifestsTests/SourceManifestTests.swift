import CanonicalCoding
import Manifests
import Merkle
import Testing
import _TestSupport

@Suite struct SourceManifestTests {
  private func text(_ name: String = "crawl") throws -> String {
    String(decoding: try Fixture.bytes("manifests/\(name).manifest"), as: UTF8.self)
  }

  private func findings(_ text: String) -> [ManifestFinding] {
    do {
      _ = try SourceManifest.decode(Array(text.utf8), file: "m")
      return []
    } catch {
      return error.findings
    }
  }

  @Test func `the manifests of this repository are accepted`() throws {
    for name in ["crawl", "archive", "corpus"] { #expect(findings(try text(name)) == []) }
    _ = try PolicyFile.decode(Fixture.bytes("manifests/policies/default.policy"), file: "p")
  }

  /// What a person gets wrong, and the code and field that say so.
  static let mistakes: [(from: String, to: String, code: String, field: String)] = [
    ("  title:", "  titel:", "unknown-key", "source.titel"),
    ("apiVersion: ingest/v1", "apiVersion: ingest/v2", "api-version", "apiVersion"),
    ("kind: SourceManifest", "kind: Manifest", "kind", "kind"),
    ("id: handbook-crawl", "id: Handbook Crawl", "source-id", "source.id"),
    ("id: handbook-crawl", "id: hаndbook", "source-id", "source.id"),
    ("plugin: web-crawl", "plugin: web-craw", "plugin-unknown", "source.plugin"),
    ("modality: [text]", "modality: [texts]", "enum", "source.modality"),
    ("languages: [en]", "languages: [e]", "language", "source.languages"),
    ("recordUnit: page", "recordUnit: \"\"", "text-length", "input.recordUnit"),
    (
      "profile: html-text-v1", "profile: html-text-v2", "profile-unknown", "input.normalize.profile"
    ),
    ("sources/crawl/*.warc.gz", "../crawl/*.warc.gz", "path", "input.paths"),
    ("sources/crawl/*.warc.gz", "/etc/passwd", "path", "input.paths"),
    (
      "concluded: CC-BY-SA-3.0 OR GPL-2.0-or-later", "concluded: CC-BY-SA-3.O", "expression",
      "license.concluded"
    ),
    (
      "concluded: CC-BY-SA-3.0 OR GPL-2.0-or-later", "concluded: CC-BY-SA-3.0 OR", "expression",
      "license.concluded"
    ),
    (
      "from: \"2026-11-20\", to: \"2026-11-20\"", "from: \"2026-11-21\", to: \"2026-11-20\"",
      "date-order", "input.collected.to"
    ),
    (
      "to: \"2026-11-20\", ongoing: false", "to: \"2026-11-31\", ongoing: false", "date",
      "input.collected.to"
    ),
    ("ongoing: false", "ongoing: no", "bool", "input.collected.ongoing"),
    (
      "  attribution: {", "  texts: {../../etc/x: a.txt}\n  attribution: {", "license-ref",
      "license.texts.../../etc/x"
    ),
    (
      "  attribution: {", "  texts: {MIT: a.txt}\n  attribution: {", "license-ref",
      "license.texts.MIT"
    ),
    ("purpose: Language-model pre-training\n", "", "required", "purpose"),
    ("confidential: false", "confidential: maybe", "bool", "confidential"),
    ("robotsTxt: honored", "robotsTxt: honoured", "enum", "crawler.behavior.robotsTxt"),
    (
      "onUnknownPreference: review", "onUnknownPreference: ask", "enum",
      "crawler.onUnknownPreference"
    ),
    (
      "reason: other, reference", "reason: whatever, reference", "enum",
      "overrides[0].exclude.reason"
    ),
    ("match: {host: gnu.org}", "match: {host: gnu.org, path: x}", "override", "overrides[0].match"),
    (
      "attribution: {required: true, text: \"The", "attribution: {required: true, note: \"The",
      "unknown-key", "license.attribution.note"
    ),
    ("jurisdiction: [any]", "jurisdiction: [Germany]", "country", "license.jurisdiction"),
    (
      "personalData: {present: possible, basis: published by its authors,",
      "personalData: {present: possible,", "required", "personalData.basis"
    ),
    ("sha256: 2787", "sha256: 278X", "hex", "license.evidence[0].sha256"),
    ("policy: policies/default.policy", "policy: ../default.policy", "path", "policy"),
    (
      "homepage: https://debian-handbook.info/", "homepage: https://debian handbook.info/", "uri",
      "source.homepage"
    ),
    (
      "  evidence:\n    - {kind: copyright file, uri: sources/crawl/LICENSE,",
      "  obligations:\n    - {id: x, uri: sources/crawl/LICENSE,", "evidence-missing",
      "license.evidence"
    ),
  ]

  @Test(arguments: mistakes)
  func `each mistake is named with its line, column, code and field`(
    _ mistake: (from: String, to: String, code: String, field: String)
  ) throws {
    let good = try text()
    #expect(good.contains(mistake.from), "the fixture has changed: \(mistake.from)")
    let range = try #require(good.firstRange(of: mistake.from))
    let found = findings(good.replacingCharacters(in: range, with: mistake.to))
    #expect(
      found.contains { $0.code == "manifest.\(mistake.code)" && $0.field == mistake.field },
      "\(found.map(\.description))"
    )
    for finding in found {
      #expect(finding.line >= 1 && finding.column >= 1 && !finding.sentence.isEmpty)
    }
  }

  @Test func `a misspelled key is answered with the nearest, and all errors come at once`() throws {
    let found = findings(
      try text().replacing("steward:", with: "stewart:").replacing("purpose:", with: "purpos:")
    )
    #expect(
      found.contains {
        $0.field == "parties.stewart" && $0.sentence.contains("did you mean steward")
      }
    )
    #expect(found.contains { $0.field == "purpos" && $0.sentence.contains("did you mean purpose") })
    #expect(found.contains { $0.field == "parties.steward" && $0.code == "manifest.required" })
  }

  @Test(arguments: [
    ("a: &x 1\nb: *x\n", "anchor"), ("a: [*x]\n", "anchor"), ("? &a b\n: c\n", "anchor"),
    ("a: !!str b\n", "tag"), ("a: !x b\n", "tag"), ("%YAML 1.2\n---\na: b\n", "directive"),
    ("a: b\n---\nc: d\n", "documents"), ("\u{FEFF}a: b\n", "bom"),
    ("a: b\na: c\n", "duplicate-key"), ("<<: {a: b}\n", "merge-key"), ("a: [b\n", "yaml"),
    ("a: \"\u{202E}b\"\n", "bidi"), ("a: \"\\u0007\"\n", "control"), ("- \n", "null"),
    ("", "empty"),
  ])
  func `YAML that can mean two things is refused`(_ yaml: String, _ code: String) {
    #expect(findings(yaml).first?.code == "manifest.\(code)")
  }

  @Test func `hostile sizes and depths end in an error, not in a crash`() {
    #expect(findings(String(repeating: "a", count: 1 << 21)).first?.code == "manifest.size")
    #expect(!findings(String(repeating: "[", count: 100_000)).isEmpty)
    #expect(
      findings("a: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)).first?
        .code == "manifest.depth"
    )
    var laughs = "a0: &a0 [x]\n"
    for level in 1...30 {
      laughs +=
        "a\(level): &a\(level) ["
        + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",") + "]\n"
    }
    #expect(findings(laughs).first?.code == "manifest.anchor")
  }

  @Test func `plain scalars are text: Norway stays Norway and a version keeps its zero`() throws {
    let yaml = try text().replacing("version: \"11.20220922\"", with: "version: 2026.10").replacing(
      "country: FR",
      with: "country: NO"
    )
    let manifest = try SourceManifest.decode(Array(yaml.utf8), file: "m")
    #expect(manifest.version == "2026.10")
    #expect(manifest.typedForm["parties"]["owner"]["country"].text == "NO")
    #expect(manifest.typedForm["license"]["term"].object?["until"] == nil)
    #expect(manifest.typedForm["confidential"].boolean == false)
  }

  @Test func `license entries follow from the manifest alone, and equal grants share one`() throws {
    let grant = "\n    license: {concluded: MIT, basis: license}"
    let yaml = try text().replacing(
      "overrides:",
      with: "overrides:\n  - match: {host: a.example}\(grant)\n  - match: {host: b.example}\(grant)"
    )
    let entries = LicenseEntries(try SourceManifest.decode(Array(yaml.utf8), file: "m"))
    #expect(entries.entries.map(\.expression) == ["CC-BY-SA-3.0 OR GPL-2.0-or-later", "MIT"])
    #expect(entries.indexOfOverride == [1, 1, nil])
  }

  @Test func `a policy with a misspelled key or an impossible waiver is refused`() throws {
    let good = String(
      decoding: try Fixture.bytes("manifests/policies/default.policy"),
      as: UTF8.self
    )
    let cases: [(String, String, String)] = [
      ("category: share-alike", "categroy: share-alike", "policy.unknown-key"),
      ("category: share-alike", "category: share-alik", "policy.category"),
      ("then: review", "then: maybe", "policy.enum"),
      ("id: no-nd", "id: no-nc", "policy.rule-twice"),
      (
        "rules:",
        "waivers: [{id: W, source: handbook-crawl, rule: no-nc, by: x, on: \"2026-01-01\", reason: r, expires: \"2027-01-01\"}]\nrules:",
        "policy.waiver-on-deny"
      ),
      (
        "rules:",
        "waivers: [{id: W, source: handbook-crawl, rule: nothing, by: x, on: \"2026-01-01\", reason: r, expires: \"2027-01-01\"}]\nrules:",
        "policy.waiver-rule"
      ),
      ("default: review", "defaults: review", "policy.required"),
    ]
    for (from, to, code) in cases {
      do {
        _ = try PolicyFile.decode(Array(good.replacing(from, with: to).utf8), file: "p")
        Issue.record("\(to) is accepted")
      } catch {
        #expect(error.findings.contains { $0.code == code }, "\(error.findings.map(\.description))")
      }
    }
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
