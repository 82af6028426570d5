import CanonicalCoding
import Files
import Testing
import _TestSupport

@Suite struct ProofExampleTests {
  @Test func `the proof engine's example is proven, verified elsewhere, and refused when altered`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let made = try bench.run("prove", "--example", "range", "--count", "40", "--out", "p.json")
      #expect(made.status == 0, "\(made.errors)")
      #expect(
        made.errors.contains("proved: somebody knows 40 numbers")
          && made.errors.contains("not externally")
      )
      let valid = try bench.run("verify", "p.json")
      #expect(valid.status == 0)
      #expect(valid.output.contains("VALID: example proof: somebody knows 40 numbers"))
      let text = String(decoding: try bench.read("p.json"), as: UTF8.self)
      let sum = try #require(try JSONParser.parse(Array(text.utf8).dropLast())["sum"].text)
      let other = try #require(UInt64(sum)) + 1
      for (old, new, code) in [
        ("\"sum\":\"\(sum)\"", "\"sum\":\"\(other)\"", "statementDigestMismatch"),
        ("\"count\":\"40\"", "\"count\":\"41\"", "statementDigestMismatch"),
        ("\"count\":\"40\"", "\"count\":\"0\"", "form"),
        ("\"example\":\"range\"", "\"example\":\"other\"", "form"),
        ("\"proof\":\"SVBS", "\"proof\":\"AVBS", "unsupportedVersion"),
      ] {
        try bench.write(text.replacing(old, with: new), "q.json")
        let refused = try bench.run("verify", "q.json", "--json")
        #expect(refused.status == 65)
        #expect(refused.output.contains("\"code\":\"\(code)\""), "\(refused.output)")
      }
      for bad in [
        ["--example", "other"], ["--example", "range", "--count", "0"],
        ["--example", "range", "--workers", "0"],
      ] {
        let usage = try Command.run(Command.ingest, ["prove"] + bad, folder: folder)
        #expect(usage.status == 64)
      }
      // A verifier in Python, written from docs/proof-system.md alone.
      let other128 = try bench.run(
        "prove",
        "--example",
        "range",
        "--count",
        "300",
        "--profile",
        "KB5-UD128-L1",
        "--out",
        "r.json"
      )
      #expect(other128.status == 0)
      let folded = try bench.run(
        "prove",
        "--example",
        "range",
        "--profile",
        "KB5-UD128-W",
        "--count",
        "40",
        "--workers",
        "2",
        "--explain",
        "--out",
        "w.json"
      )
      #expect(folded.status == 0)
      #expect(
        folded.errors.contains("VALUES: 40 rows of 3 secret columns, 1 rules, 3 messages a row")
      )
      #expect(folded.errors.contains("The witness obeys every rule in every row"))
      try bench.write(text.replacing("\"sum\":\"\(sum)\"", with: "\"sum\":\"\(other)\""), "q.json")
      let independent = try Command.shell(
        "python3 '\(Fixture.path("Tests/independent/verify_range.py"))' p.json r.json w.json q.json",
        folder: folder
      )
      #expect(
        independent.output == "valid\nvalid\nvalid\nstatementDigestMismatch\n",
        "\(independent.errors)"
      )
      let table = try bench.run("soundness", "--profile", "KB5-UD128-L1")
      #expect(table.output.contains("proven (unique decoding), target 128 bits"))
    }
  }
  @Test func `a hostile proof takes no more memory than 64 MiB, and ends with the documented code`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      var names: [String] = []
      for profile in ["KB5-UD128-L1", "KB5-JB100-W"] {
        let made = try bench.run(
          "prove",
          "--example",
          "range",
          "--count",
          "8000",
          "--profile",
          profile,
          "--out",
          "p.json"
        )
        #expect(made.status == 0)
        let json = try JSONParser.parse(Array(try bench.read("p.json").dropLast()))
        let proof = try #require(json["proof"].text.flatMap(Base64.decode))
        let text = String(decoding: try bench.read("p.json"), as: UTF8.self)
        let encoded = try #require(json["proof"].text)
        var random = SeededRandom(seed: 77)
        var changed: [[UInt8]] = (0..<12).map { _ in
          var bytes = proof
          bytes[Int.random(in: 40..<bytes.count, using: &random)] ^= 1
          return bytes
        }
        // The end flipped: everything is read. Cut, doubled, and many times as long.
        changed.append(proof.dropLast() + [proof[proof.count - 1] ^ 1])
        changed.append(Array(proof.prefix(proof.count / 2)))
        changed.append(proof + proof)
        changed.append(proof + [UInt8](repeating: 0xFF, count: 4 << 20))
        for (index, bytes) in changed.enumerated() {
          let name = "\(profile)-\(index).json"
          try bench.write(text.replacing(encoded, with: Base64.encode(bytes)), name)
          names.append(name)
        }
      }
      let measure = """
        import resource, subprocess, sys
        for name in sys.argv[2:]:
            done = subprocess.run([sys.argv[1], "verify", name], capture_output=True)
            if done.returncode != 65:
                print(name, done.returncode)
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
        """
      let result = try Command.run(
        "/usr/bin/env",
        ["python3", "-c", measure, Command.ingest] + names,
        folder: folder
      )
      let mebibytes = try #require(
        Int(result.output.split(separator: "\n").joined()),
        "\(result.output) \(result.errors)"
      )
      #expect(mebibytes <= 64)
    }
  }
}
