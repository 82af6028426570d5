import CanonicalCoding
import Files
import Testing
import _TestSupport

/// Several workers on one source: what comes early waits, and nothing of it is read twice after a kill.
@Suite struct WorkersTests {
  /// A source of 24 inputs, of which two workers get three shards or more.
  private func prepare(_ folder: String) throws -> Workbench {
    let bench = try Workbench(folder)
    let rows = try bench.read("sources/corpus/policy.jsonl")
    for number in 0..<24 {
      let own = Array("{\"id\":\"\(number)\",\"text\":\"first of input \(number)\"}\n".utf8)
      try bench.write(own + rows, "sources/corpus/copy-\(100 + number).jsonl")
    }
    try bench.edit(
      "corpus.manifest",
      "\"sources/corpus/policy.jsonl\"",
      "\"sources/corpus/*.jsonl\""
    )
    try bench.edit("corpus.manifest", "confidential: true", "confidential: false")
    return bench
  }

  @Test func `any number of workers gives the same source, and leaves no rows behind`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      let one = try bench.scan(["corpus.manifest"], ["--store", "one"])
      for jobs in [2, 3, 7] {
        let store = "jobs-\(jobs)"
        let several = try bench.scan(["corpus.manifest"], ["--store", store, "--jobs", "\(jobs)"])
        #expect(several["combined"] == one["combined"], "\(jobs) jobs")
        #expect(!FilePaths.exists(bench.path("\(store)/sources/policy-corpus/ahead")))
      }
      #expect(try bench.run("audit", "--store", "jobs-3", "--jobs", "2", "--quiet").status == 0)
    }
  }

  @Test
  func `rows that came early are used after a kill, unless they are damaged or of other rules`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      let one = try bench.scan(["corpus.manifest"], ["--store", "one"])
      let ahead = "two/sources/policy-corpus/ahead"
      // Killed when rows wait: the loop ends with the file that was seen.
      let killed = try Command.shell(
        "'\(Command.ingest)' --source corpus.manifest --quiet --store two --jobs 3 >/dev/null 2>&1 & p=$!; until [ -n \"$(find \(ahead) -name '*.rows' -size +200k 2>/dev/null)\" ]; do kill -0 $p || break; sleep 0.001; done; kill -9 $p; sleep 0.1; find \(ahead) -name '*.rows' -size +200k",
        folder: folder
      )
      guard !killed.output.isEmpty else {
        print("skipped: the run was over before it could be killed")
        return
      }
      _ = try Command.shell("cp -r two damaged; cp -r two other", folder: folder)
      let resumed = try bench.scan(["corpus.manifest"], ["--store", "two", "--jobs", "3"])
      #expect(resumed["combined"] == one["combined"])
      _ = try Command.shell(
        "for f in \(ahead.replacing("two", with: "damaged"))/*.rows; do printf damaged | dd of=$f bs=1 seek=5000 conv=notrunc status=none; done",
        folder: folder
      )
      let mended = try bench.scan(["corpus.manifest"], ["--store", "damaged", "--jobs", "3"])
      #expect(mended["combined"] == one["combined"])
      // Another limit is another reading: the rows that wait are of no use to it.
      let other = try bench.scan(
        ["corpus.manifest"],
        ["--store", "other", "--jobs", "3", "--max-line-bytes", "2000000"]
      )
      #expect(other["combined"] == one["combined"])
    }
  }

  @Test func `databases are read by many workers at once on a machine that is short of processors`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let text = String(decoding: try bench.read("corpus.manifest"), as: UTF8.self)
        .replacing("policy.jsonl", with: "policy.sqlite")
        .replacing("format: jsonl", with: "format: sql\n  sql: {table: section, key: number}")
      try bench.write(text, "corpus.manifest")
      // Without its event loop, which only begins under load, libdispatch ended one worker in ten.
      let runs = try Command.shell(
        "seq 60 | xargs -P 8 -I{} '\(Command.ingest)' run --source corpus.manifest --store store-{} --quiet",
        folder: folder
      )
      #expect(runs.status == 0, "\(runs.errors)")
      #expect(runs.output.split(separator: "\n").count { $0.contains("records 323 ") } == 60)
    }
  }
}
