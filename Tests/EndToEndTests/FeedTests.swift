import CanonicalCoding
import Files
import Manifests
import Merkle
import Testing
import _TestSupport

/// The feed: what reaches a training program, in which order, and what the receipt says of it.
@Suite struct FeedTests {
  private func records(_ output: [UInt8]) throws -> [JSONValue] {
    // Feed lines hold numbers, which our strict parser keeps exact.
    try output.split(separator: 0x0A).map { try JSONParser.parse(Array($0)) }
  }

  private func bench(_ folder: String) throws -> Workbench {
    let bench = try Workbench(folder)
    _ = try bench.scan(["crawl.manifest", "archive.manifest", "corpus.manifest"])
    return bench
  }

  @Test
  func `what is fed is what the policy allows, in the registry's order, and hashes to the leaves`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try bench(folder)
      let result = try bench.run("feed", "--policy", "policies/training.policy")
      #expect(result.status == 0)
      let records = try records(result.outputBytes)
      #expect(records.count == 343)
      #expect(records.enumerated().allSatisfy { $1["position"].integer == $0 })
      #expect(
        Set(records.compactMap { $0["source"].text }) == ["flask-archive", "handbook-crawl"]
      )
      for record in records {
        let text = try #require(record["text"].text)
        #expect(SHA256Hash.of(Array(text.utf8)).hex == record["sha256"].text)
      }
      // The same with more workers, and as text.
      let again = try bench.run("feed", "--policy", "policies/training.policy", "--jobs", "3")
      #expect(again.outputBytes == result.outputBytes)
      let text = try bench.run("feed", "--policy", "policies/training.policy", "--format", "text")
      #expect(text.output.contains("Version 3.1.2"))
    }
  }

  @Test
  func `a drawn order follows from the seed and the registry, and parts hold the same as a stream`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try bench(folder)
      let feed = [
        "feed", "--policy", "policies/training.policy", "--seed", "4711", "--part-size", "100",
      ]
      func run(_ more: String...) throws -> Command.Result {
        let result = try Command.run(Command.ingest, feed + more, folder: folder)
        #expect(result.status == 0, "\(result.errors)")
        return result
      }
      let stream = try run()
      _ = try run("--out", "run", "--json")
      var joined: [UInt8] = []
      for part in 0..<4 { joined += try bench.read("run/parts/part-00000\(part).jsonl") }
      #expect(joined == stream.outputBytes)
      #expect(stream.errors.contains("nobody says how the seed was fixed"))
      // The permutation is the documented one.
      let committed = try records(
        try bench.run("feed", "--policy", "policies/training.policy").outputBytes
      )
      let receipt = try TrainingReceipt(try bench.read("run/receipt.json"))
      let order = TrainingOrder.permutation(count: 343, combined: receipt.combined, seed: "4711")
      #expect(
        try records(joined).map { $0["sha256"].text }
          == order.map { committed[Int($0)]["sha256"].text }
      )
      // Shares of a stream are the parts that a reader would take.
      let shares = try (0..<3).map { try records(run("--shard", "\($0)/3").outputBytes) }
      #expect(shares.map(\.count) == [143, 100, 100])
      #expect(try records(run("--start", "340").outputBytes).count == 3)
      // Another seed is another run.
      let other = try Command.run(
        Command.ingest,
        ["feed", "--policy", "policies/training.policy", "--seed", "4712", "--out", "run"],
        folder: folder
      )
      #expect(other.status == 64)
      #expect(other.errors.contains("choose another folder"))
    }
  }

  @Test func `the receipt binds order and content, and the roots are those of the training leaves`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try bench(folder)
      let result = try bench.run(
        "feed",
        "--policy",
        "policies/training.policy",
        "--out",
        "run",
        "--quiet"
      )
      #expect(result.status == 0)
      let receipt = try TrainingReceipt(try bench.read("run/receipt.json"))
      let key = try bench.read("run/private/run.key")
      let records = try records(try bench.read("run/parts/part-000000.jsonl"))
      let order = try bench.read("run/private/order.bin")
      let leaves = try records.enumerated().map { position, record in
        let text = try #require(record["text"].text)
        let entry = order[52 * position..<52 * (position + 1)]
        let words = entry.suffix(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return TrainingLeaf(
          contentDigest: .of(Array(text.utf8)),
          position: UInt64(position),
          contentByteCount: UInt64(text.utf8.count),
          wordCount: words,
          salt: TrainingLeaf.salt(runKey: key, position: UInt64(position))
        )
      }
      #expect(receipt.sha256Root == CompactRange<SHA256TreeHasher>.root(of: leaves.map(\.sha256)))
      #expect(
        receipt.poseidon2Root == CompactRange<Poseidon2TreeHasher>.root(of: leaves.map(\.poseidon2))
      )
      let part = try JSONParser.parse(try bench.read("run/private/receipt.private.json"))
      let totals = (part["licenses"].elements ?? []).map { $0["records"].integer ?? 0 }
      #expect(totals.reduce(0, +) == 343)
      // Nothing of it is in the public head.
      #expect(
        !String(decoding: try bench.read("run/receipt.json"), as: UTF8.self).contains("flask")
      )
    }
  }

  @Test func `a damaged source record stops the feed with its locator`() throws {
    try Fixture.withFolder { folder in
      let bench = try bench(folder)
      // One byte inside a page, outside of every header; the member's own checksum sees it.
      var crawl = try bench.read("sources/crawl/handbook.warc.gz")
      crawl[crawl.count / 2] ^= 0x10
      try bench.write(crawl, "sources/crawl/handbook.warc.gz")
      let result = try bench.run(
        "feed",
        "--policy",
        "policies/training.policy",
        "--out",
        "run",
        "--quiet"
      )
      #expect(result.status == 65, "\(result.errors)")
      #expect(result.errors.contains("is not what was committed"))
      #expect(result.errors.contains("handbook.warc.gz@"))
      #expect(!FilePaths.exists(bench.path("run/receipt.json")))
    }
  }

  @Test func `a feed that is killed goes on, and its parts are the same`() throws {
    try Fixture.withFolder { folder in
      let bench = try bench(folder)
      for (name, more) in [("plain", []), ("drawn", ["--seed", "1"])] {
        let feed =
          ["feed", "--policy", "policies/training.policy", "--part-size", "16", "--quiet"] + more
        let whole = try Command.run(
          Command.ingest,
          feed + ["--out", "\(name)-whole"],
          folder: folder
        )
        #expect(whole.status == 0)
        var (killed, wait) = (0, 0.004)
        while true {
          let result = try Command.run(
            Command.ingest,
            feed + ["--out", "\(name)-torn"],
            folder: folder,
            killAfter: wait
          )
          if !result.wasKilled {
            #expect(result.status == 0, "\(result.errors)")
            break
          }
          (killed, wait) = (killed + 1, wait * 1.2)
        }
        #expect(killed > 2)
        for part in 0..<22 {
          let digits = part < 10 ? "0\(part)" : "\(part)"
          let file = "parts/part-0000\(digits).jsonl"
          #expect(try bench.read("\(name)-torn/\(file)") == bench.read("\(name)-whole/\(file)"))
        }
        #expect(
          try bench.read("\(name)-torn/private/order.bin")
            == bench.read("\(name)-whole/private/order.bin")
        )
      }
    }
  }

  @Test func `shards of a drawn order that are read side by side are one run with one receipt`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try bench(folder)
      let feed =
        "\(Command.ingest) feed --policy policies/training.policy --seed 7 --part-size 20 --receipt run --quiet"
      // A pipeline, because its members run side by side; what fails says so in a file.
      let line = (0..<3).map {
        "{ \(feed) --shard \($0)/3 > shard-\($0) || echo \($0) >> failed; }"
      }
      let result = try Command.shell(line.joined(separator: " | "), folder: folder)
      #expect(!FilePaths.exists(bench.path("failed")), "\(result.errors)")
      var positions: [Int] = []
      for shard in 0..<3 {
        positions += try records(try bench.read("shard-\(shard)")).compactMap {
          $0["position"].integer
        }
      }
      #expect(positions.sorted() == Array(0..<343))
      let linked = try bench.run("prove", "link", "--profile", "KB5-UD100-L1")
      #expect(linked.status == 0)
      let proof = try bench.run(
        "prove",
        "provenance",
        "--receipt",
        "run",
        "--policy",
        "policies/training.policy",
        "--profile",
        "KB5-UD100-L1",
        "--out",
        "proof.bin"
      )
      #expect(proof.status == 0, "\(proof.errors)")
    }
  }

  @Test func `a stream that cannot be written is an error, not a shorter feed`() throws {
    try Fixture.withFolder { folder in
      let bench = try bench(folder)
      let result = try Command.shell(
        "\(Command.ingest) feed --policy policies/training.policy --quiet > /dev/full",
        folder: bench.folder
      )
      #expect(result.status == 74, "\(result.errors)")
    }
  }

  @Test func `policy, day, use and exclusions decide, and nothing allowed exits 77`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      try bench.edit("archive.manifest", "until: \"2199-12-31\"", "until: \"2026-11-25\"")
      // An erased record: it never had a leaf, and no feed finds it.
      let text =
        "overrides:\n  - match: {path: \"**/CHANGES.rst\"}\n    exclude: {reason: erasure, reference: T-1, received: \"2026-11-19\"}\n"
      try bench.edit("archive.manifest", "personalData:", text + "personalData:")
      _ = try bench.scan(["archive.manifest"])
      func feed(_ more: String...) throws -> Command.Result {
        try Command.run(
          Command.ingest,
          ["feed", "--policy", "policies/default.policy"] + more,
          folder: folder
        )
      }
      let last = try feed("--as-of", "2026-11-25")
      #expect(last.status == 0, "\(last.errors)")
      #expect(!last.output.contains("stream_with_context`` does not fail inside async views"))
      for (more, status) in [
        (["--as-of", "2026-11-26"], Int32(77)), (["--use", "redistribute"], 77),
        (["--select", "license=MIT"], 77), (["--select", "colour=red"], 64),
        (["--as-of", "26-11-2026"], 64), (["--use", "sing"], 64), (["--shard", "3/3"], 64),
        (["--seed", "1", "--order", "committed"], 64), (["--out", "x", "--start", "1"], 64),
      ] {
        let result = try Command.run(
          Command.ingest,
          ["feed", "--policy", "policies/default.policy"] + more,
          folder: folder
        )
        #expect(result.status == status, "\(more): \(result.errors)")
      }
      // Revoked after the commit: the next epoch's manifest says so, and the feed of the old one is over.
      try bench.edit(
        "archive.manifest",
        "confidential: false",
        "review: {status: revoked, by: Legal, on: \"2026-11-20\", reason: The supplier withdrew.}\nconfidential: false"
      )
      let again = try bench.run("--source", "archive.manifest", "--quiet", "--as-of", "2026-11-20")
      #expect(again.status != 0)
      #expect(try feed("--as-of", "2026-11-25").status != 0)
    }
  }

  @Test func `selections narrow what is read`() throws {
    try Fixture.withFolder { folder in
      let bench = try bench(folder)
      for (select, count) in [
        ("source=flask-archive", 216), ("source=flask-archive|handbook-crawl", 343),
        ("mediaType=text/html", 127 + 30), ("words>=2000, source=flask-archive", 16),
        ("license=BSD-3-Clause, bytes<=100000000", 216), ("bytes>=1, words=0", 0),
      ] {
        let result = try bench.run(
          "feed",
          "--policy",
          "policies/training.policy",
          "--select",
          select
        )
        if count == 0 {
          #expect(result.status == 77)
        } else if select.hasPrefix("mediaType") {
          let types = try records(result.outputBytes).filter {
            $0["source"].text == "handbook-crawl"
          }
          #expect(types.count == 127)
        } else {
          #expect(try records(result.outputBytes).count == count, "\(select)")
        }
      }
    }
  }

  @Test func `the reader in Python shares a run out, checks it, and notes batches in the receipt`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try bench(folder)
      let fed = try bench.run(
        "feed",
        "--policy",
        "policies/training.policy",
        "--out",
        "run",
        "--quiet",
        "--part-size",
        "25"
      )
      #expect(fed.status == 0)
      let result = try Command.run(
        "/usr/bin/env",
        ["python3", Fixture.path("Tests/independent/read_run.py"), "run"],
        folder: folder
      )
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("343 records in 4 readers"))
      let receipt = try TrainingReceipt(try bench.read("run/receipt.json"))
      let part = try bench.read("run/private/receipt.private.json")
      #expect(receipt.privatePart == .of(part))
      #expect((try JSONParser.parse(part)["batches"].elements ?? []).count == 4)
      // The receipt with batches is the one that is proven; after that it does not change.
      for arguments in [
        ["prove", "link", "--profile", "KB5-UD100-L1"],
        [
          "prove", "provenance", "--receipt", "run", "--policy", "policies/training.policy",
          "--profile", "KB5-UD100-L1", "--out", "proof.bin",
        ],
        [
          "verify", "proof.bin", "--manifest", ".ingest/combined.commit.json", "--policy",
          "policies/training.policy", "--receipt", "run/receipt.json",
        ],
      ] {
        let result = try Command.run(Command.ingest, arguments, folder: folder)
        #expect(result.status == 0, "\(result.errors)")
      }
      let late = try Command.run(
        "/usr/bin/env",
        ["python3", Fixture.path("Tests/independent/read_run.py"), "run"],
        folder: folder
      )
      #expect(late.status == 1)
      #expect(late.errors.contains("is proven already"))
    }
  }
}
