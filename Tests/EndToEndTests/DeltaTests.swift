import CanonicalCoding
import Files
import Testing
import _TestSupport

/// A source that changes from version to version: what stays keeps its leaf, what goes leaves a tombstone, what comes is
/// appended; and anybody can check that nothing else happened.
@Suite struct DeltaTests {
  /// Ten texts, one a file, committed and signed as version 1.
  private func prepare(_ folder: String) throws -> Workbench {
    let bench = try Workbench(folder)
    _ = try Command.shell(
      "mkdir texts; for n in 0 1 2 3 4 5 6 7 8 9; do echo \"text number $n\" > texts/$n.txt; done",
      folder: folder
    )
    for (from, to) in [
      ("sources/corpus/policy.jsonl", "texts/*.txt"), ("format: jsonl", "format: text"),
      ("  fields: {text: text, id: id, url: url, license: license}\n", ""),
      ("version: \"4.6.2.0\"", "version: \"1\""), ("GPL-2.0-or-later", "CC0-1.0"),
    ] { try bench.edit("corpus.manifest", from, to) }
    let text = String(decoding: try bench.read("corpus.manifest"), as: UTF8.self)
    let start = try #require(text.range(of: "overrides:"))
    let end = try #require(text.range(of: "personalData:"))
    try bench.write(
      text.replacingCharacters(in: start.lowerBound..<end.lowerBound),
      "corpus.manifest"
    )
    _ = try bench.scan(["corpus.manifest"])
    return bench
  }

  private func version(_ bench: Workbench, _ old: String, _ new: String) throws {
    try bench.edit("corpus.manifest", "version: \"\(old)\"", "version: \"\(new)\"")
  }

  private func source(_ bench: Workbench, _ more: [String] = []) throws -> JSONObject {
    try bench.scan(["corpus.manifest"], more)["sources"].elements?.first?.object ?? JSONObject()
  }

  private func verify(_ bench: Workbench, _ file: String) throws -> Command.Result {
    try bench.run("verify", file, "--key", ".ingest/keys/registry.pem")
  }

  private func proof(_ bench: Workbench, _ kind: String, _ old: Int, _ new: Int) throws
    -> Command.Result
  {
    let result = try bench.run("proof", kind, "\(old)", "\(new)")
    try bench.write(result.output, "\(kind).json")
    return result
  }

  @Test func `a removal before 1970 is refused, because a tombstone has no such day`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      try bench.edit("corpus.manifest", "2022-12-17", "1950-01-01")
      let before = ["run", "--source", "corpus.manifest", "--quiet", "--store", "old"]
      #expect(try Command.run(Command.ingest, before, folder: folder).status == 0)
      _ = try Command.shell("rm texts/2.txt", folder: folder)
      try version(bench, "1", "2")
      let refused = try Command.run(Command.ingest, before, folder: folder)
      #expect(refused.status == 64)
      #expect(refused.errors.contains("pass --as-of"), "\(refused.errors)")
      let dated = try Command.run(
        Command.ingest,
        before + ["--as-of", "2026-11-20"],
        folder: folder
      )
      #expect(dated.status == 0, "\(dated.errors)")
    }
  }

  @Test
  func `what is gone becomes a tombstone, what is new is appended, and the difference is proved`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      _ = try Command.shell(
        "rm texts/2.txt texts/7.txt; echo changed > texts/5.txt; echo new > texts/10.txt; echo new > texts/a.txt",
        folder: folder
      )
      // The same version with other bytes is damage until somebody says otherwise.
      let refused = try bench.run("run", "--source", "corpus.manifest", "--quiet")
      #expect(
        refused.status == 69 && refused.errors.contains("source.version"),
        "\(refused.errors)"
      )
      try version(bench, "1", "2")
      let second = try source(bench)
      #expect(second["size"]?.text == "13" && second["tombstones"]?.text == "3", "\(second)")
      let counts = second["counts"]?.object
      #expect(counts?["records"]?.text == "10" && counts?["members"]?.text == "13", "\(second)")
      #expect(counts?["excluded"]?.object?["other"]?.text == "3", "\(second)")
      #expect(try source(bench) == second, "nothing more to do")
      // The same files with other times are the same source; fewer of them are damage again.
      _ = try Command.shell("touch texts/*.txt; mv texts/9.txt nine", folder: folder)
      let gone = try bench.run("run", "--source", "corpus.manifest", "--quiet")
      #expect(
        gone.status == 69 && gone.errors.contains("1 committed records are gone"),
        "\(gone.errors)"
      )
      _ = try Command.shell("mv nine texts/9.txt", folder: folder)
      #expect(try source(bench) == second)
      #expect(try proof(bench, "consistency", 1, 2).errors.contains("proof difference 1 2"))
      #expect(try proof(bench, "difference", 1, 2).status == 0)
      let verdict = try verify(bench, "difference.json")
      #expect(
        verdict.status == 0 && verdict.output.contains("in its place but 3"),
        "\(verdict.output)"
      )
      #expect(verdict.output.contains("leaf 2 of source 'policy-corpus': removed on"))
      for command in [
        ["fsck"], ["audit"], ["verify", "--leaf", "texts/a.txt"],
        ["verify", "--leaf", "texts/9.txt"],
        ["duplicates"], ["duplicates", "--near"],
        ["feed", "--policy", "policies/training.policy", "--out", "run", "--quiet"],
        [
          "feed", "--policy", "policies/training.policy", "--out", "mixed", "--seed", "7",
          "--quiet",
        ],
      ] {
        let result = try Command.run(Command.ingest, command, folder: folder)
        #expect(result.status == 0, "\(command): \(result.errors)")
      }
      let shown = try bench.run("show", "2")
      #expect(shown.output.contains("removed: other"), "\(shown.output)")
      for command in [["proof", "inclusion", "2"], ["verify", "--leaf", "2"]] {
        let result = try Command.run(Command.ingest, command, folder: folder)
        #expect(result.status == 65 && result.errors.contains("is a tombstone"), "\(result.errors)")
      }
      #expect(
        try bench.run("explain", "2").output.contains("tombstone stands in the place of leaf 2")
      )
      let record = try bench.run("proof", "inclusion", "texts/a.txt")
      try bench.write(record.output, "inclusion.json")
      #expect(try verify(bench, "inclusion.json").status == 0)
      // A text comes back, and one that came is gone again.
      _ = try Command.shell(
        "echo 'text number 2' > texts/2.txt; rm texts/a.txt texts/0.txt",
        folder: folder
      )
      try version(bench, "2", "3")
      let third = try source(bench)
      #expect(third["size"]?.text == "14" && third["tombstones"]?.text == "5", "\(third)")
      for old in [1, 2] {
        #expect(try proof(bench, "difference", old, 3).status == 0)
        let verdict = try verify(bench, "difference.json")
        #expect(
          verdict.status == 0 && verdict.output.contains("but \(old == 1 ? 4 : 2)"),
          "\(verdict.output)"
        )
      }
      #expect(try bench.run("audit").status == 0)
      #expect(try bench.run("fsck").status == 0)
      // The order is looked after, too.
      let order = ".ingest/sources/policy-corpus/order-2"
      var bytes = try bench.read(order)
      bytes[7] ^= 1
      try bench.write(bytes, order)
      let checked = try bench.run("fsck")
      #expect(
        checked.status == 65 && (checked.output + checked.errors).contains("order of its records"),
        "\(checked.output)"
      )
      bytes[7] ^= 1
      try bench.write(bytes, order)
      let old = try bench.run("proof", "difference", "1", "2")
      #expect(old.status == 65 && old.errors.contains("newest epoch"), "\(old.errors)")
    }
  }

  @Test func `a difference proof in which anything is altered is refused`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      _ = try Command.shell("rm texts/3.txt; echo new > texts/b.txt", folder: folder)
      try version(bench, "1", "2")
      _ = try source(bench)
      #expect(try proof(bench, "difference", 1, 2).status == 0)
      let made = try Command.shell(
        """
        python3 - <<'END'
        import copy, json
        good = json.load(open('difference.json'))
        s = next(i for i, s in enumerate(good['sources']) if s['removed'])
        def flip(t): return ('0' if t[0] != '0' else '1') + t[1:]
        def write(name, f):
            bad = copy.deepcopy(good); f(bad, bad['sources'][s]); json.dump(bad, open('bad-%s.json' % name, 'w'))
        write('leaf', lambda b, x: x['removed'][0].update(leaf='4'))
        write('far', lambda b, x: x['removed'][0].update(leaf='18446744073709551615'))
        write('reason', lambda b, x: x['removed'][0].update(reason='erasure'))
        write('day', lambda b, x: x['removed'][0].update(day='2020-01-01'))
        write('former', lambda b, x: x['removed'][0].update(sha256Leaf=flip(x['removed'][0]['sha256Leaf'])))
        write('former2', lambda b, x: x['removed'][0].update(poseidon2Leaf='0' + x['removed'][0]['poseidon2Leaf'][1:-1] + ('0' if x['removed'][0]['poseidon2Leaf'][-1] != '0' else '1')))
        write('hidden', lambda b, x: x.update(removed=[]))
        write('twice', lambda b, x: x['removed'].append(x['removed'][0]))
        for kind in ('sha256Nodes', 'poseidon2Nodes'):
            write(kind + '-less', lambda b, x: x[kind].pop())
            write(kind + '-more', lambda b, x: x[kind].append(x[kind][0]))
            write(kind + '-swap', lambda b, x: x[kind].__setitem__(slice(0, 2), x[kind][1::-1]))
        write('source', lambda b, x: b['sources'].remove(x))
        write('again', lambda b, x: b['sources'].append(x))
        write('epochs', lambda b, x: b.update(old=b['new'], new=b['old']))
        write('same', lambda b, x: b.update(old=b['new']))
        write('form', lambda b, x: x.update(more='1'))
        END
        ls bad-*.json
        """,
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      let files = made.output.split(separator: "\n").map(String.init)
      #expect(files.count == 19)
      for file in files {
        let verdict = try verify(bench, file)
        #expect(
          verdict.status == 65 && verdict.output.contains("REFUSED"),
          "\(file): \(verdict.output)"
        )
      }
    }
  }

  @Test
  func `a consent that was withdrawn is a tombstone with that reason, and its place does not move`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      try bench.edit("corpus.manifest", "confidential: true", "confidential: false")
      let first = try bench.scan(["corpus.manifest"])["sources"].elements?.first
      try bench.write("policy-0007\npolicy-0100\n", "withdrawn.txt")
      try bench.edit(
        "corpus.manifest",
        "personalData: {present: \"no\"",
        "consent: {kind: consent, document: {uri: sources/corpus/LICENSE, sha256: 1d5cfc61eb87cdb7f376782f251e53a36c197aa07039f2124d0f812875b13425}, withdrawals: withdrawn.txt}\npersonalData: {present: \"no\""
      )
      try version(bench, "4.6.2.0", "4.6.2.1")
      let second = try bench.scan(["corpus.manifest"])["sources"].elements?.first?.object
      #expect(second?["size"] == first?.object?["size"])
      #expect(second?["tombstones"]?.text == "2", "\(String(describing: second))")
      let counts = second?["counts"]?.object
      #expect(counts?["members"] == first?.object?["counts"]?.object?["members"])
      #expect(counts?["excluded"]?.object?["withdrawal"]?.text == "2")
      #expect(try proof(bench, "difference", 1, 2).status == 0)
      let verdict = try verify(bench, "difference.json")
      #expect(
        verdict.status == 0 && verdict.output.contains("reason withdrawal"),
        "\(verdict.output)"
      )
      #expect(try bench.run("audit").status == 0)
      #expect(try bench.run("fsck").status == 0)
    }
  }

  @Test
  func `a delta that is killed leaves the signed version, and the next run makes the same epoch`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try Command.shell(
        "mkdir texts; for n in $(seq 1 4000); do echo \"text number $n\" > texts/$n.txt; done",
        folder: folder
      )
      for (from, to) in [
        ("sources/corpus/policy.jsonl", "texts/*.txt"), ("format: jsonl", "format: text"),
        ("  fields: {text: text, id: id, url: url, license: license}\n", ""),
        ("confidential: true", "confidential: false"),
      ] { try bench.edit("corpus.manifest", from, to) }
      _ = try bench.scan(["corpus.manifest"])
      _ = try Command.shell(
        "cp -r .ingest clean; rm texts/1*.txt; for n in $(seq 5000 6000); do echo \"text number $n\" > texts/$n.txt; done",
        folder: folder
      )
      try version(bench, "4.6.2.0", "4.6.2.1")
      let clean = try source(bench, ["--store", "clean"])
      for delay in [0.02, 0.06, 0.1, 0.15, 0.2, 0.3] {
        _ = try bench.run("run", "--source", "corpus.manifest", "--quiet", killAfter: delay)
        let checked = try bench.run("fsck")
        #expect(checked.status == 0, "\(delay): \(checked.output) \(checked.errors)")
      }
      #expect(try source(bench, ["--jobs", "2"]) == clean)
      #expect(try bench.run("audit").status == 0)
    }
  }

  @Test func `tombstones are linked, and a run over what is left is proved`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      _ = try Command.shell("rm texts/3.txt texts/4.txt; echo new > texts/b.txt", folder: folder)
      try version(bench, "1", "2")
      _ = try source(bench)
      for command in [
        ["feed", "--policy", "policies/training.policy", "--out", "run", "--quiet"],
        ["prove", "link"],
        [
          "prove", "provenance", "--receipt", "run", "--policy", "policies/training.policy",
          "--out",
          "proof.bin",
        ],
        [
          "verify", "proof.bin", "--manifest", ".ingest/combined.commit.json", "--policy",
          "policies/training.policy", "--key", ".ingest/keys/registry.pem",
        ],
      ] {
        let result = try Command.run(Command.ingest, command, folder: folder)
        #expect(result.status == 0, "\(command): \(result.output) \(result.errors)")
      }
    }
  }
}

extension String {
  /// The text without a range of itself.
  fileprivate func replacingCharacters(in range: Range<String.Index>) -> String {
    String(self[..<range.lowerBound] + self[range.upperBound...])
  }
}
