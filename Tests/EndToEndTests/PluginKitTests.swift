import CanonicalCoding
import Files
import Testing
import _TestSupport

/// `ingest plugin`: what the author of a plugin is given, and what is said of a plugin that is not as it must be.
@Suite struct PluginKitTests {
  private func bench(_ folder: String, plugin: String) throws -> Workbench {
    try PluginProgramTests().bench(folder, plugin: plugin)
  }

  private func ingest(_ bench: Workbench, _ arguments: [String]) throws -> Command.Result {
    try PluginProgramTests().ingest(bench, arguments)
  }

  @Test func `plugins are listed with version and digest, and one that does not start is named`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try bench(folder, plugin: "tickets")
      _ = try ingest(bench, ["plugin", "new", "tickets", "--out", "plugins"])
      let listed = try ingest(bench, ["plugin", "list", "--plugins", "plugins", "--json"])
      #expect(listed.status == 0, "\(listed.errors)")
      let lines = try listed.output.split(separator: "\n").map {
        try JSONParser.parse(Array($0.utf8))
      }
      let names = lines.compactMap { $0.object?["name"]?.text }
      #expect(names == ["licensed-archive", "private-corpus", "web-crawl", "tickets"])
      #expect(lines.last?.object?["version"]?.text == "0.1.0")
      #expect(lines.last?.object?["sha256"]?.text?.count == 64)
      try bench.write("#!/no/such/program\n", "plugins/ingest-source-gone")
      try bench.write("#!/usr/bin/env no-such-program\n", "plugins/ingest-source-lost")
      let broken = try ingest(bench, ["plugin", "list", "--plugins", "plugins"])
      #expect(broken.status == 65 && broken.output.contains("tickets  0.1.0"), "\(broken.output)")
      for name in ["gone", "lost"] {
        #expect(broken.errors.contains("plugin '\(name)'"), "\(broken.errors)")
      }
      for name in ["web-crawl", "-a", "A", "a/b", ""] {
        #expect(
          try ingest(bench, ["plugin", "new", name, "--out", "plugins"]).status == 64,
          "\(name)"
        )
      }
      #expect(try ingest(bench, ["plugin", "new", "tickets", "--out", "plugins"]).status == 64)
      #expect(try ingest(bench, ["plugin", "check", "web-crawl", "data.manifest"]).status == 64)
      #expect(try ingest(bench, ["plugin", "check", "nobody", "data.manifest"]).status == 78)
    }
  }

  @Test func `the conformance kit finds what a plugin does wrong`() throws {
    let template = try Fixture.withFolder { folder in
      let bench = try bench(folder, plugin: "bad")
      _ = try ingest(bench, ["plugin", "new", "bad", "--out", "plugins"])
      return String(decoding: try bench.read("plugins/ingest-source-bad"), as: UTF8.self)
    }
    for (from, to, words) in [
      ("", "", ""),
      (#"VERSION = "0.1.0""#, #"import os; VERSION = "0.%d" % os.getpid()"#, "it was version"),
      (
        #"line.rstrip(b"\r\n"))"#,
        #"line.rstrip(b"\r\n") + b"%d" % __import__("time").monotonic_ns())"#, "two runs"
      ),
      (##"f"#L{ordinal}""##, ##""#L1""##, "comes twice"),
      ("file.seek(offset)", "file.seek(0)", "from the checkpoint"),
      (
        "ordinal += 1\n", "ordinal += 1; line.decode('ascii')\n",
        "exit 1"
      ),
      (
        "    send(DONE",
        "    import signal; signal.signal(signal.SIGPIPE, signal.SIG_IGN)\n    send(DONE",
        ""
      ),
      (
        "def record(head, body=b\"\"):\n",
        "def record(head, body=b\"\"):\n    try: sys.stdout.buffer.flush()\n    except OSError: __import__('time').sleep(99)\n",
        "went on for more than 5 s"
      ),
    ] {
      try Fixture.withFolder { folder in
        let bench = try bench(folder, plugin: "bad")
        let lines = (0..<3000).map { "line \($0)" }.joined(separator: "\n")
        try bench.write(lines, "data/a.txt")
        #expect(from.isEmpty || template.contains(from), "\(from)")
        try bench.write(
          from.isEmpty ? template : template.replacing(from, with: to),
          "plugins/ingest-source-bad"
        )
        _ = try Command.shell("chmod 755 plugins/*", folder: folder)
        let result = try ingest(
          bench,
          ["plugin", "check", "bad", "--plugins", "plugins", "data/a.txt", "--cpu-seconds", "5"]
        )
        if words.isEmpty {
          #expect(result.status == 0, "\(to): \(result.output) \(result.errors)")
        } else {
          #expect(
            result.status == 65 && result.output.contains(words),
            "\(to): \(result.output) \(result.errors)"
          )
        }
      }
    }
  }
}
