import CanonicalCoding
import Files
import Testing
import _TestSupport

/// Exports say what was committed, and a change of any of them is seen.
@Suite struct ExportTests {
  private func export(_ bench: Workbench, _ to: String, _ more: [String] = []) throws
    -> Command.Result
  {
    try Command.run(
      Command.ingest,
      ["export", "--all", to, "--profile", "summary.profile"] + more,
      folder: bench.folder
    )
  }

  private static let exports = [
    "combined.croissant.json", "combined.spdx3.json", "combined.cdx16.json", "combined.cdx17.json",
    "combined.commit.dsse.json", "combined.commit.cose", "combined.decisions.jsonl",
    "combined.prov-meta.json", "combined.eu-summary.json", "combined.eu-summary.md",
    "combined.ab2013.md", "NOTICE", "README.md",
  ]

  @Test func `all formats are written twice with the same bytes, and agree with the commitment`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench.committed(folder)
      for name in ["a", "b"] { #expect(try export(bench, name).status == 0) }
      for name in Self.exports {
        #expect(try bench.read("a/\(name)") == bench.read("b/\(name)"), "\(name)")
      }
      let verified = try bench.run("verify", "a", "--key", ".ingest/keys/registry.pem")
      #expect(verified.status == 0, "\(verified.output)")
      #expect(verified.output.contains("13 exports agree"))
      // The manifest of the confidential source is not for the public.
      #expect(!FilePaths.exists(bench.path("a/sources/policy-corpus/source.manifest")))
      for name in Self.exports {
        let text = String(decoding: try bench.read("a/\(name)"), as: UTF8.self)
        #expect(!text.contains("Debian Policy Manual, by section"), "\(name)")
        #expect(!text.contains("sources/corpus"), "\(name)")
      }
      #expect(try export(bench, "c", ["--with-confidential"]).status == 0)
      let whole = try bench.run("verify", "c")
      #expect(whole.output.contains("11 of them byte for byte"), "\(whole.output)")
    }
  }

  @Test func `a single format goes to standard output`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench.committed(folder)
      for format in [
        "croissant", "spdx3", "cyclonedx-1.6", "cyclonedx-1.7", "dsse", "decisions", "prov-meta",
        "eu-summary", "ab2013", "notice", "dataset-card", "cose",
      ] {
        let result = try bench.run("export", "--format", format, "--profile", "summary.profile")
        #expect(result.status == 0, "\(format): \(result.errors)")
        #expect(!result.outputBytes.isEmpty)
      }
      #expect(try bench.run("export", "--format", "pdf").status == 64)
      _ = try Command.shell("rm summary.profile", folder: folder)
      let refused = try bench.run("export", "--format", "croissant")
      #expect(refused.status == 65)
      #expect(refused.errors.contains("--profile"))
      #expect(try bench.run("export", "--format", "notice").status == 0)
    }
  }

  /// What an export could say wrongly, and the code of the finding; validators of the formats accept nearly all of it.
  static let damage: [(file: String, from: String, to: String, code: String)] = [
    ("combined.croissant.json", "licenses/BSD-3-Clause.html", "licenses/MIT.html", "license"),
    (
      "combined.croissant.json", "https://spdx.org/licenses/BSD-3-Clause.html", "NOT A LICENSE",
      "license-missing"
    ),
    (
      "combined.croissant.json", "\"name\": \"Handbook, framework and policy\"", "\"name\": \"\"",
      "name"
    ),
    ("combined.croissant.json", "\"ing:records\": \"216\"", "\"ing:records\": \"217\"", "differs"),
    (
      "combined.spdx3.json", "\"simplelicensing_licenseExpression\": \"BSD-3-Clause\"",
      "\"simplelicensing_licenseExpression\": \"((not valid\"", "expression"
    ),
    ("combined.spdx3.json", "hasConcludedLicense", "hasDeclaredLicense", "license-missing"),
    ("combined.spdx3.json", "\"algorithm\": \"other\"", "\"algorithm\": \"sha256\"", "differs"),
    (
      "combined.spdx3.json", "\"dataset_datasetSize\": 1410098", "\"dataset_datasetSize\": 1410099",
      "differs"
    ),
    (
      "combined.cdx16.json", "\"expression\": \"BSD-3-Clause\"",
      "\"expression\": \"this is (not valid\"", "expression"
    ),
    (
      "combined.cdx16.json", "\"expression\": \"BSD-3-Clause\"", "\"expression\": \"MIT\"",
      "license"
    ),
    ("combined.cdx17.json", "\"value\": \"216\"", "\"value\": \"1\"", "differs"),
    (
      "combined.cdx17.json", "\"acknowledgement\": \"concluded\"",
      "\"acknowledgement\": \"declared\"", "license-missing"
    ),
    ("combined.prov-meta.json", "\"BSD-3-Clause\"", "\"MIT\"", "license"),
    (
      "combined.eu-summary.json", "\"less than 1 billion tokens\"",
      "\"more than 10 trillion tokens\"", "differs"
    ),
    ("combined.eu-summary.json", "\"records\": \"216\"", "\"records\": \"0\"", "differs"),
    ("combined.eu-summary.md", "commitSha256: ", "commitSha256: 0", "digest"),
    ("NOTICE", "flask-archive: 216 records", "flask-archive: 215 records", "differs"),
    ("NOTICE", "Pallets", "Palettes", "differs"),
    ("combined.ab2013.md", "216", "217", "differs"),
    ("README.md", "216", "217", "differs"),
    ("combined.decisions.jsonl", "\"review\"", "\"allow\"", "digest"),
    ("combined.commit.dsse.json", "\"payload\":\"ey", "\"payload\":\"ez", "form"),
  ]

  @Test func `what a validator does not see, our own check sees`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench.committed(folder)
      #expect(try export(bench, "out").status == 0)
      for (file, from, to, code) in Self.damage {
        let good = try bench.read("out/\(file)")
        let text = String(decoding: good, as: UTF8.self)
        #expect(text.contains(from), "\(file) has no \(from)")
        try bench.write(text.replacing(from, with: to), "out/\(file)")
        let verified = try bench.run("verify", "out")
        #expect(verified.status == 65, "\(file): \(to)")
        let isNamed =
          verified.output.contains("\(file): export.\(code):")
          || verified.output.contains("\(file): export.differs:")
        #expect(isNamed, "\(file), \(to): \(verified.output)")
        try bench.write(good, "out/\(file)")
      }
      var cose = try bench.read("out/combined.commit.cose")
      for place in [0, 5, 40, cose.count / 2, cose.count - 1] {
        cose[place] ^= 1
        try bench.write(cose, "out/combined.commit.cose")
        #expect(try bench.run("verify", "out").status == 65, "byte \(place)")
        cose[place] ^= 1
      }
      try bench.write(Array(cose.dropLast()), "out/combined.commit.cose")
      #expect(try bench.run("verify", "out").status == 65)
    }
  }

  /// Texts that would be something else than text where they are not escaped.
  static let hostile = [
    "<script>alert(1)</script>", "\\\"><img src=x onerror=alert(1)>", "=HYPERLINK(1)", "| a | b |",
    "[x](javascript:alert(1))", "# heading", "*/ ---", "- !!python/object:x {a: b}", "&lt;b&gt;",
    "`rm`",
  ]

  @Test func `hostile texts are texts in every export and every page`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let text = Self.hostile.joined(separator: " ")
      var manifest = String(decoding: try bench.read("archive.manifest"), as: UTF8.self)
      for (from, to) in [
        ("title: Flask 3.1.2, source distribution", "title: \"T \(text)\""),
        ("name: Pallets, type", "name: \"O \(text)\", type"),
        ("purpose: Language-model pre-training", "purpose: \"P \(text)\""),
        ("id: BSD-3-Clause as published", "id: \"A \(text)\""),
        ("licensor: Pallets", "licensor: \"L \(text)\""),
        ("text: \"Flask, (c) 2010 Pallets, BSD-3-Clause\"", "text: \"N \(text)\""),
        ("version: \"3.1.2\"", "version: \"<b>1</b>\""),
      ] {
        #expect(manifest.contains(from), "\(from)")
        manifest = manifest.replacing(from, with: to)
      }
      try bench.write(manifest, "archive.manifest")
      try bench.edit(
        "policies/default.policy",
        "reason: Permission is general.",
        "reason: \"R \(text)\""
      )
      let scanned = try bench.run("--source", "archive.manifest", "--quiet")
      #expect(scanned.status == 0, "\(scanned.errors)")
      #expect(try export(bench, "out").status == 0)
      #expect(try bench.run("verify", "out").status == 0)
      #expect(try bench.run("report", "--out", "report").status == 0)
      for page in ["report/report.html", "report/sources/flask-archive.html"] {
        let html = String(decoding: try bench.read(page), as: UTF8.self)
        for markup in ["<script", "<img", "<b>1</b>"] {
          #expect(!html.contains(markup), "\(page) has \(markup)")
        }
        #expect(html.contains("&lt;script&gt;"), "\(page)")
      }
      for page in ["README.md", "combined.ab2013.md", "combined.eu-summary.md"] {
        let text = String(decoding: try bench.read("out/\(page)"), as: UTF8.self)
        for markup in ["<script", "<img", "<b>", "](javascript", "\n# heading", "| a | b |"] {
          #expect(!text.contains(markup), "\(page) has \(markup)")
        }
      }
      // What YAML would take for a type or a key is a quoted text on the card.
      let card = String(decoding: try bench.read("out/README.md"), as: UTF8.self)
      let front = try #require(card.split(separator: "---\n").first)
      #expect(!front.contains("python/object"))
    }
  }

  @Test(arguments: [
    (
      "namespace: https://data.example.org/registry", "namespace: javascript:alert(1)",
      "profile.namespace"
    ),
    (
      "namespace: https://data.example.org/registry", "namespace: https://data.example.org/",
      "profile.namespace"
    ),
    ("country: DE", "country: Germany", "profile.country"),
    ("metadataLicense: CC0-1.0", "metadataLicense: CC0-1.O", "profile.expression"),
    ("title: Handbook, framework and policy\n", "", "profile.required"),
    ("model:", "modle:", "profile.unknown-key"),
    ("publicSources: [flask-archive]", "publicSources: [nobody]", "export.profile"),
  ])
  func `a profile that is wrong is refused with its place`(
    _ from: String,
    _ to: String,
    _ code: String
  ) throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      #expect(try bench.run("--source", "archive.manifest", "--quiet").status == 0)
      try bench.edit("summary.profile", from, to)
      let refused = try bench.run("export", "--format", "croissant", "--profile", "summary.profile")
      #expect(refused.status == 78 || refused.status == 65)
      #expect(refused.errors.contains(code), "\(refused.errors)")
    }
  }
}
