import CanonicalCoding
import Files
import Testing
import _TestSupport

/// Plan, shard, merge: the same roots as one scan, whatever the order, the number of attempts and the machine.
@Suite struct ShardTests {
  /// A source of many inputs, so that it has several shards.
  private func prepare(_ folder: String) throws -> Workbench {
    let bench = try Workbench(folder)
    let rows = try bench.read("sources/corpus/policy.jsonl")
    for number in 0..<6 {
      // The last two are the same: their shards differ in nothing but their place.
      let blank = [UInt8](repeating: 0x20, count: min(number, 4))
      try bench.write(rows + blank, "sources/corpus/copy-\(number).jsonl")
    }
    try bench.write("no row\n", "sources/corpus/damaged.jsonl")
    try bench.edit(
      "corpus.manifest",
      "\"sources/corpus/policy.jsonl\"",
      "\"sources/corpus/*.jsonl\""
    )
    try bench.edit("corpus.manifest", "confidential: true", "confidential: false")
    return bench
  }

  private func plan(_ bench: Workbench, _ more: String...) throws -> Int {
    let result = try Command.run(
      Command.ingest,
      ["plan", "--source", "corpus.manifest", "--shard-bytes", "500000", "--json"] + more,
      folder: bench.folder
    )
    #expect(result.status == 0, "\(result.errors)")
    let json = try JSONParser.parse(Array(result.output.utf8.dropLast()))
    return Int(json.object?["shards"]?.text ?? "") ?? 0
  }

  private let file = "policy-corpus.plan.json"
  /// The first of two shards with the same bytes.
  private let twins = 4

  @Test func `shards in any order, twice, merged give the commitment of one scan`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      let allowed = ["--allow-rejected", "1", "--store", "whole"]
      let whole = try bench.scan(["corpus.manifest"], allowed)
      let side = try bench.scan(
        ["corpus.manifest"],
        ["--allow-rejected", "1", "--store", "side", "--jobs", "3"]
      )
      #expect(side["sources"] == whole["sources"])
      let count = try plan(bench)
      #expect(count > 2)
      for ordinal in Array((0..<count).reversed()) + [1] {
        let result = try bench.run(
          "shard",
          "--plan",
          file,
          "--ordinal",
          "\(ordinal)",
          "--out",
          "out",
          "--jobs",
          "\(1 + ordinal % 2)"
        )
        #expect(result.status == 0, "\(result.errors)")
      }
      // An engine that ran a shard on two machines delivers two receipts.
      _ = try bench.run("shard", "--plan", file, "--ordinal", "0", "--out", "twice")
      let refused = try bench.run("merge", "--plan", file, "out", "twice", "--store", "merged")
      #expect(refused.status == 65 && refused.errors.contains("1 of "), "\(refused.errors)")
      let merged = try bench.run(
        "merge",
        "--plan",
        file,
        "out",
        "twice",
        "--store",
        "merged",
        "--allow-rejected",
        "1",
        "--json",
        "--quiet"
      )
      #expect(merged.status == 0, "\(merged.errors)")
      let json = try JSONParser.parse(Array(merged.output.utf8.dropLast()))
      #expect(json["sources"] == whole["sources"])
      #expect(json["combined"] == whole["combined"])
      #expect(try bench.run("audit", "--store", "merged", "--quiet").status == 0)
      #expect(try bench.run("fsck", "--store", "merged").status == 0)
    }
  }

  @Test func `a plan and its receipts are the same bytes on every run`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      _ = try plan(bench)
      let first = try bench.read(file)
      _ = try Command.shell("touch sources/corpus/*", folder: folder)
      _ = try plan(bench)
      #expect(try bench.read(file) == first)
      for out in ["one", "two"] {
        let result = try bench.run("shard", "--plan", file, "--ordinal", "0", "--out", out)
        #expect(result.status == 0, "\(result.errors)")
      }
      let differences = try Command.shell(
        "for f in rows.irf ledger.jsonl leaves.bin; do cmp $(find one -name $f) $(find two -name $f) || exit 1; done",
        folder: folder
      )
      #expect(differences.status == 0, "\(differences.output)")
    }
  }

  @Test func `missing, foreign, differing and damaged shards are refused by name`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      let count = try plan(bench)
      for ordinal in 0..<count {
        _ = try bench.run("shard", "--plan", file, "--ordinal", "\(ordinal)", "--out", "out")
      }
      func merge(_ paths: String...) throws -> Command.Result {
        try Command.run(
          Command.ingest,
          ["merge", "--plan", file, "--store", "m", "--allow-rejected", "1", "--quiet"] + paths,
          folder: folder
        )
      }
      func shell(_ line: String) throws { _ = try Command.shell(line, folder: folder) }
      func refused(_ word: String, _ result: Command.Result) {
        #expect(result.status == 65, "\(word): \(result.status)")
        #expect(result.errors.contains(word), "\(word): \(result.errors)")
      }
      // A folder's own name says that a shard is unfinished, never the path to it.
      try shell("mkdir x.part-1; cp -r out x.part-1/out")
      #expect(try bench.run("merge", "--plan", file, "x.part-1/out", "--store", "p").status == 65)
      try shell("cp -r out less; rm -r less/*/1")
      refused("no receipt for shard 1", try merge("less"))
      // Two shards in each other's place.
      try shell(
        "cp -r out swap; r0=$(find swap -path '*/0/*' -name receipt.json); r1=$(find swap -path '*/1/*' -name receipt.json); sed -i 's/\"ordinal\":\"0\"/\"ordinal\":\"1\"/' $r0; sed -i 's/\"ordinal\":\"1\"/\"ordinal\":\"0\"/' $r1"
      )
      refused("over other inputs", try merge("swap"))
      try shell(
        "cp -r out twin; r0=$(find twin -path '*/\(twins)/*' -name receipt.json); r1=$(find twin -path '*/\(twins + 1)/*' -name receipt.json); sed -i 's/\"ordinal\":\"\(twins)\"/\"ordinal\":\"\(twins + 1)\"/' $r0; sed -i 's/\"ordinal\":\"\(twins + 1)\"/\"ordinal\":\"\(twins)\"/' $r1"
      )
      refused("rows of another shard", try merge("twin"))
      try shell(
        "cp -r out lie; r=$(find lie -path '*/0/*' -name receipt.json); sed -i 's/\"skipped\":\"0\"/\"skipped\":\"7\"/' $r"
      )
      refused("nondeterministic shard 0", try merge("out", "lie"))
      refused("do not give the counts", try merge("lie"))
      for name in ["rows.irf", "ledger.jsonl", "leaves.bin"] {
        try shell(
          "rm -rf bad; cp -r out bad; f=$(find bad -name \(name) -size +0 | sort | head -1); printf x | dd of=$f bs=1 seek=20 conv=notrunc status=none"
        )
        refused("has another digest", try merge("bad"))
      }
      try shell(
        "rm -rf bad; cp -r out bad; d=$(dirname $(find bad -path '*/0/*' -name receipt.json)); printf '\\377' | dd of=$d/leaves.bin bs=1 seek=70 conv=notrunc status=none; s=$(sha256sum < $d/leaves.bin | cut -c1-64); python3 - $d/receipt.json $s <<'END'\nimport json, sys\np, s = sys.argv[1:]\nr = json.load(open(p)); r['hashed']['leaves']['sha256'] = s\njson.dump(r, open(p, 'w'), sort_keys=True, separators=(',', ':'))\nEND"
      )
      refused("another leaf hash", try merge("bad"))
      let left = try Command.run(
        Command.ingest,
        ["status", "--store", "m", "--json"],
        folder: folder
      )
      #expect(!left.output.contains("policy-corpus"), "nothing of a refused merge stays")
      try shell("printf ' ' >> sources/corpus/copy-0.jsonl")
      let changed = try bench.run("shard", "--plan", file, "--ordinal", "0", "--out", "again")
      #expect(changed.status == 69, "\(changed.errors)")
      #expect(changed.output.contains("\"kind\":\"ShardFailure\""))
      #expect(try bench.run("shard", "--plan", file, "--ordinal", "99", "--out", "o").status == 64)
      try shell("sed 's/\"asOf\"/\"as\"/' \(file) > broken.json")
      #expect(try bench.run("merge", "--plan", "broken.json", "out").status == 65)
    }
  }

  @Test func `a confidential source has the same leaves with the key at the shard or at the merge`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      try bench.edit("corpus.manifest", "confidential: false", "confidential: true")
      let count = try plan(bench)
      let whole = try bench.scan(
        ["corpus.manifest"],
        ["--store", "whole", "--allow-rejected", "1"]
      )
      for (out, key) in [
        ("with", "--salt-key-fd 9 9< whole/keys/salt-policy-corpus.key"), ("without", ""),
      ] {
        for ordinal in 0..<count {
          let result = try Command.shell(
            "'\(Command.ingest)' shard --plan \(file) --ordinal \(ordinal) --out \(out) \(key)",
            folder: folder
          )
          #expect(result.status == 0, "\(result.errors)")
        }
        let leaves = try Command.shell("find \(out) -name leaves.bin | wc -l", folder: folder)
        #expect(leaves.output.hasPrefix(out == "with" ? "\(count)" : "0"))
        _ = try Command.shell(
          "mkdir -p s-\(out)/keys && cp whole/keys/* s-\(out)/keys/",
          folder: folder
        )
        let merged = try bench.run(
          "merge",
          "--plan",
          file,
          out,
          "--store",
          "s-\(out)",
          "--allow-rejected",
          "1",
          "--json",
          "--quiet"
        )
        #expect(merged.status == 0, "\(merged.errors)")
        let json = try JSONParser.parse(Array(merged.output.utf8.dropLast()))
        #expect(json["sources"] == whole["sources"], "\(out)")
      }
      // Another key: the shard's leaf hashes are not those of the store.
      let other = try bench.run(
        "merge",
        "--plan",
        file,
        "with",
        "--store",
        "other",
        "--allow-rejected",
        "1",
        "--quiet"
      )
      #expect(other.status == 65 && other.errors.contains("another salt key"), "\(other.errors)")
    }
  }
}
