import CanonicalCoding
import Files
import Foundation
import Testing
import _TestSupport

/// The process is killed anywhere, and the next run ends in the root of a run that was never killed.
@Suite struct CrashTests {
  /// 50 kills in the short campaign, 1,000 in the long one.
  private var killCount: Int {
    ProcessInfo.processInfo.environment["INGEST_LONG"] == nil ? 50 : 1000
  }

  @Test func `after SIGKILL at random points every source ends in the identical root`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      // More to read, so that kills fall everywhere: the corpus as many inputs, three shards for two workers side by side.
      let rows = try bench.read("sources/corpus/policy.jsonl")
      for number in 0..<24 { try bench.write(rows, "sources/corpus/copy-\(100 + number).jsonl") }
      try bench.edit(
        "corpus.manifest",
        "\"sources/corpus/policy.jsonl\"",
        "\"sources/corpus/*.jsonl\""
      )
      try bench.edit("corpus.manifest", "confidential: true", "confidential: false")
      let manifests = ["crawl.manifest", "archive.manifest", "corpus.manifest"]
      let start = Date()
      let clean = try bench.scan(manifests, ["--store", "clean"])
      let whole = Date().timeIntervalSince(start)
      var random = SeededRandom(seed: 50)
      var kills = 0
      var rounds = 0
      while kills < killCount {
        rounds += 1
        let store = "store\(rounds)"
        // Several kills on one store, then a run to the end.
        for _ in 0..<5 where kills < killCount {
          let delay = Double.random(in: 0.005...(whole * 1.1), using: &random)
          let arguments =
            ["run"] + manifests.flatMap { ["--source", $0] } + [
              "--quiet", "--store", store, "--jobs", rounds % 2 == 0 ? "2" : "1",
            ]
          let result = try Command.run(Command.ingest, arguments, folder: folder, killAfter: delay)
          if result.wasKilled {
            kills += 1
          } else {
            #expect(result.status == 0, "\(result.errors)")
          }
        }
        let outcome = try bench.scan(manifests, ["--store", store])
        #expect(outcome["combined"] == clean["combined"], "seed 50, round \(rounds)")
        let check = try Command.run(Command.ingest, ["fsck", "--store", store], folder: folder)
        #expect(check.status == 0, "\(check.errors)")
        try FolderWalk.removeTree(bench.path(store))
      }
      print("\(kills) kills in \(rounds) stores, every root identical")
    }
  }

  @Test func `an error of any write, sync or rename exits 74 and loses nothing`() throws {
    guard try Command.shell("strace -o /dev/null true").status == 0 else {
      print("skipped: strace may not trace here")
      return
    }
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let clean = try bench.scan(["archive.manifest"], ["--store", "clean"])
      let long = ProcessInfo.processInfo.environment["INGEST_LONG"] != nil
      for (call, fault) in [
        ("fsync", "EIO"), ("write", "ENOSPC"), ("rename", "EIO"), ("fdatasync", "EIO"),
        ("pwrite64", "ENOSPC"), ("mkdir", "ENOSPC"),
      ] {
        for occurrence in long ? Array(1...60) : [1, 3, 8, 20] {
          let store = "\(call)-\(occurrence)"
          let trace =
            "strace -f -qq -o /dev/null -e trace=\(call) -e inject=\(call):error=\(fault):when=\(occurrence) '\(Command.ingest)' --source archive.manifest --quiet --store \(store)"
          let result = try Command.shell(trace, folder: folder)
          #expect(
            [0, 74].contains(result.status),
            "\(call) \(occurrence): \(result.status) \(result.errors)"
          )
          let later = try bench.scan(["archive.manifest"], ["--store", store])
          #expect(later["combined"] == clean["combined"], "\(call) \(occurrence)")
        }
      }
    }
  }

  @Test(arguments: ["error=EIO", "retval=0"])
  func `a read that fails, or gives nothing too early, is never taken for the end of the input`(
    fault: String
  ) throws {
    guard try Command.shell("strace -o /dev/null true").status == 0 else {
      print("skipped: strace may not trace here")
      return
    }
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let clean = try bench.scan(["crawl.manifest"], ["--store", "clean"])
      for occurrence in 1...14 {
        let store = "read-\(occurrence)"
        let result = try Command.shell(
          "strace -f -qq -o /dev/null -e trace=pread64 -e inject=pread64:\(fault):when=\(occurrence) '\(Command.ingest)' --source crawl.manifest --quiet --store \(store)",
          folder: folder
        )
        let roots = try bench.scan(["crawl.manifest"], ["--store", store])
        #expect(
          roots["combined"] == clean["combined"],
          "pread64 \(occurrence), first exit \(result.status)"
        )
        // 127: the loader could not read a library, and the program never began. What gives nothing may have been read twice.
        #expect(
          [74, 127].contains(result.status) || fault == "retval=0",
          "pread64 \(occurrence): \(result.status)"
        )
      }
    }
  }
}
