import CanonicalCoding
import Files
import Testing
import _TestSupport

/// Licenses and policies on the command line: what is printed, and with which exit code.
@Suite struct PolicyCommandTests {
  private func run(_ folder: String, _ arguments: String...) throws -> Command.Result {
    try Command.run(Command.ingest, arguments, folder: folder)
  }

  @Test func `expressions are checked one by one, and bad ones name their place`() throws {
    try Fixture.withFolder { folder in
      let good = try run(folder, "license", "check", "mit and (apache-2.0 or cc-by-nc-sa-4.0)")
      #expect(good.status == 0)
      #expect(good.output.contains("MIT AND (Apache-2.0 OR CC-BY-NC-SA-4.0)"))
      #expect(good.output.contains("non-commercial, share-alike"))
      let bad = try run(folder, "license", "check", "MIT", "Apache-2.O")
      #expect(bad.status == 65)
      #expect(bad.errors.contains("did you mean Apache-2.0?"))
      let deep =
        String(repeating: "(", count: 10_000) + "MIT" + String(repeating: ")", count: 10_000)
      #expect(try run(folder, "license", "check", deep).status == 65)
      let hostile = try run(folder, "license", "check", "MIT \u{1B}[31m\u{202E}")
      #expect(hostile.status == 65)
      #expect(!hostile.errors.contains("\u{1B}"))
      #expect(!hostile.errors.contains("\u{202E}"))
      let deprecated = try run(folder, "license", "check", "GPL-2.0+")
      #expect(deprecated.output.contains("GPL-2.0-or-later"))
      #expect(deprecated.output.contains("warning"))
      #expect(try run(folder, "license", "explain", "odbl-1.0").output.contains("share-alike"))
      #expect(try run(folder, "license", "explain", "LicenseRef-x").status == 65)
      #expect(try run(folder, "license", "--version").output.contains("3.29.0"))
    }
  }

  @Test func `a policy is checked, compiled, tried and compared`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let policy = "policies/default.policy"
      #expect(try bench.run("policy", "check", policy, "policies/training.policy").status == 0)
      #expect(try bench.run("policy", "test", policy).status == 0)
      try bench.edit("policies/default.cases", "expect: deny", "expect: allow")
      let failed = try bench.run("policy", "test", policy)
      #expect(failed.status == 65)
      #expect(failed.errors.contains("allow expected, deny decided"))
      #expect(
        try bench.run("--source", "crawl.manifest", "--source", "archive.manifest", "--quiet")
          .status == 0
      )
      #expect(try bench.run("policy", "compile", policy, "--out", "rows.jsonl").status == 0)
      #expect(try bench.read("rows.jsonl") == bench.read(".ingest/combined.decisions.jsonl"))
      let named = try bench.run(
        "policy",
        "compile",
        policy,
        "archive.manifest",
        "crawl.manifest",
        "--as-of",
        "2026-11-20",
        "--json"
      )
      let json = try JSONParser.parse(Array(named.output.utf8.dropLast())).object
      #expect(json?["rows"]?.elements?.count == 4)
      let changed = try bench.run("policy", "diff", policy, "policies/training.policy", "--json")
      let difference = try JSONParser.parse(Array(changed.output.utf8.dropLast())).object
      let records = difference?["changes"]?.elements?.compactMap { $0.object?["records"]?.text }
        .compactMap { Int($0) }.reduce(0, +)
      let listed = try bench.run("policy", "diff", policy, "policies/training.policy", "--records")
      #expect(records == 127)
      #expect(listed.output.split(separator: "\n").count == 127)
      try bench.edit(policy, "then: allow", "then: alow")
      let wrong = try bench.run("policy", "check", policy)
      #expect(wrong.status == 78)
      #expect(wrong.errors.contains("did you mean allow?"))
    }
  }

  @Test func `records without a license stop a run unless they are allowed by number`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      try bench.edit("archive.manifest", "concluded: BSD-3-Clause", "concluded: NOASSERTION")
      try bench.edit("archive.manifest", "  declared: BSD-3-Clause", "  declared: NOASSERTION")
      let refused = try bench.run("--source", "archive.manifest", "--quiet")
      #expect(refused.status == 65)
      #expect(refused.errors.contains("216 records have no license"))
      #expect(
        try bench.run("--source", "archive.manifest", "--quiet", "--allow-unlicensed", "215").status
          == 65
      )
      #expect(
        try bench.run("--source", "archive.manifest", "--quiet", "--allow-unlicensed", "216").status
          == 0
      )
    }
  }

  @Test func `what files declare is counted beside what was concluded`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try Command.shell(
        "mkdir t; echo '// SPDX-License-Identifier: MIT' > t/a.txt; echo hello > t/b.txt; echo terms > t/LICENSE; tar czf sources/archive/flask-3.1.2.tar.gz t",
        folder: folder
      )
      #expect(try bench.run("--source", "archive.manifest", "--quiet").status == 0)
      #expect(try bench.run("report", "--out", "report").status == 0)
      let html = String(decoding: try bench.read("report/report.html"), as: UTF8.self)
      #expect(html.contains("MIT (header)"))
      #expect(html.contains("NOT what was concluded"))
      #expect(html.contains("license file"))
      let shown =
        try bench.run("show", "flask-archive:0").output
        + bench.run("show", "flask-archive:1").output + bench.run("show", "flask-archive:2").output
      #expect(shown.contains("license-header"))
    }
  }

  @Test func `thousands of overrides are looked up, in the order that they stand in`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      var more = ""
      for number in 0..<1500 {
        let digest = String(repeating: "0", count: 60) + String(10_000 + number).dropFirst()
        more +=
          "  - match: {sha256: \(digest)}\n    exclude: {reason: opt-out, reference: T-\(number), received: \"2026-11-01\"}\n"
      }
      let content = try #require(
        try { () throws -> String? in
          #expect(
            try bench.run("--source", "crawl.manifest", "--quiet", "--store", "probe").status == 0
          )
          return try bench.run("show", "0", "--store", "probe").output.split(separator: "\n")
            .first { $0.hasPrefix("content sha256") }?.split(separator: " ").last.map(String.init)
        }()
      )
      more +=
        "  - match: {host: \"*.0.1\"}\n    license: {concluded: MIT, basis: license, attribution: {required: false}}\n"
      more +=
        "  - match: {sha256: \(content)}\n    license: {concluded: CC0-1.0, basis: license, attribution: {required: false}}\n"
      try bench.edit("crawl.manifest", "overrides:\n", "overrides:\n" + more)
      let scanned = try bench.run("--source", "crawl.manifest", "--quiet")
      #expect(scanned.status == 0, "\(scanned.errors)")
      // The host's override stands first, so that it counts although the digest's matches too.
      let explained = try bench.run("explain", "0")
      #expect(
        explained.output.contains("MIT, by rule override 1500")
          || explained.output.contains("CC0-1.0, by rule override 1501"),
        "\(explained.output)"
      )
    }
  }
}
