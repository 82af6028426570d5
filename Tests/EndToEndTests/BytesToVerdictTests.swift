import CanonicalCoding
import Files
import Testing
import _TestSupport

/// The whole system: from the bytes of real sources to a verdict that somebody else reaches offline.
@Suite struct BytesToVerdictTests {
  @Test
  func `three real sources become one signed epoch whose proofs others check without the store`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let outcome = try bench.scan(["crawl.manifest", "archive.manifest", "corpus.manifest"])
      #expect(
        (outcome["sources"].elements ?? []).map { $0["counts"]["records"].text } == [
          "127", "216", "323",
        ]
      )
      #expect(outcome["counts"]["records"].text == "666")
      // A second run changes nothing, and says so.
      let again = try bench.scan(["crawl.manifest", "archive.manifest", "corpus.manifest"])
      #expect(again["unchanged"].boolean == true)
      #expect(again["commitSha256"] == outcome["commitSha256"])
      let proof = try bench.run("proof", "inclusion", "handbook-crawl:17", "--store", ".ingest")
      try Fixture.withFolder { elsewhere in
        try Fixture.write(proof.outputBytes, "\(elsewhere)/proof.json")
        try Fixture.write(try bench.read(".ingest/keys/registry.pem"), "\(elsewhere)/key.pem")
        let verdict = try Command.run(
          Command.ingest,
          ["verify", "proof.json", "--key", "key.pem", "--json"],
          folder: elsewhere
        )
        #expect(verdict.status == 0)
        #expect(
          try JSONParser.parse(Array(verdict.output.utf8.dropLast()))["valid"].boolean == true
        )
      }
      for command in [
        ["fsck", "--store", ".ingest"], ["audit", "--quiet", "--store", ".ingest"],
        ["status", "--store", ".ingest"],
        ["verify", ".ingest/combined.commit.json", "--key", ".ingest/keys/registry.pem"],
      ] {
        let result = try Command.run(Command.ingest, command, folder: folder)
        #expect(result.status == 0, "\(command): \(result.errors)")
      }
      let canonical = try bench.run("canonicalize", ".ingest/combined.commit.json")
      #expect(canonical.outputBytes == (try bench.read(".ingest/combined.commit.json")))
    }
  }

  @Test func `the roots are those of the golden file, so that a change of any byte is seen`() throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let golden = try Fixture.json("Fixtures/vectors/source_roots.json")
      // The corpus is confidential: its leaves are salted with a key that differs in every store.
      let outcome = try bench.scan(["crawl.manifest", "archive.manifest"])
      for source in outcome["sources"].elements ?? [] {
        let id = source["id"].text ?? ""
        #expect(source["profile"]["sha256"] == golden[id]["profile"], "\(id)")
        #expect(source["sha256Root"] == golden[id]["sha256Root"], "\(id)")
        #expect(source["poseidon2Root"] == golden[id]["poseidon2Root"], "\(id)")
      }
    }
  }

  @Test func `one, two and five jobs give one root, in any store`() throws {
    var roots: Set<String> = []
    for jobs in ["1", "2", "5"] {
      try Fixture.withFolder { folder in
        let outcome = try Workbench(folder).scan(
          ["crawl.manifest", "archive.manifest"],
          ["--jobs", jobs]
        )
        roots.insert(
          outcome["combined"]["sha256Root"].text ?? ""
            + (outcome["combined"]["poseidon2Root"].text ?? "")
        )
      }
    }
    #expect(roots.count == 1)
  }

  @Test func `the same rows as JSONL and as SQLite have the same content digests`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      try bench.edit("corpus.manifest", "confidential: true", "confidential: false")
      _ = try bench.scan(["corpus.manifest"])
      let text = String(decoding: try bench.read("corpus.manifest"), as: UTF8.self)
        .replacing("sources/corpus/policy.jsonl", with: "sources/corpus/policy.sqlite").replacing(
          "format: jsonl",
          with: "format: sql\n  sql: {table: section, key: number}"
        )
        .replacing("id: policy-corpus", with: "id: policy-database")
      try bench.write(text, "database.manifest")
      _ = try bench.scan(["database.manifest"])
      for index in ["0", "99", "322"] {
        let show = { (source: String) in
          try JSONParser.parse(
            Array(
              try bench.run("show", "\(source):\(index)", "--json", "--store", ".ingest").output
                .utf8.dropLast()
            )
          )
        }
        #expect(
          try show("policy-corpus")["contentDigest"] == show("policy-database")["contentDigest"]
        )
        #expect(
          try show("policy-corpus")["payloadDigest"] != show("policy-database")["payloadDigest"]
        )
      }
    }
  }

  @Test func `a source that grows gives a new epoch that keeps every leaf, and says so in a proof`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      try bench.edit(
        "corpus.manifest",
        "\"sources/corpus/policy.jsonl\"",
        "\"sources/corpus/*.jsonl\""
      )
      _ = try bench.scan(["corpus.manifest"])
      try bench.write(
        "{\"id\":\"new-1\",\"license\":\"GPL-2.0-or-later\",\"text\":\"One more.\\n\"}\n",
        "sources/corpus/q-later.jsonl"
      )
      let grown = try bench.scan(["corpus.manifest"])
      #expect(grown["epoch"].text == "2")
      #expect((grown["sources"].elements ?? []).first?["size"].text == "324")
      let proof = try bench.run("proof", "consistency", "1", "2", "--store", ".ingest")
      try bench.write(proof.outputBytes, "growth.json")
      #expect(
        try bench.run("verify", "growth.json", "--key", ".ingest/keys/registry.pem").status == 0
      )
      #expect(try bench.run("fsck", "--store", ".ingest").status == 0)
      // What was signed cannot change under the signature.
      let jsonl = String(decoding: try bench.read("sources/corpus/policy.jsonl"), as: UTF8.self)
      try bench.write(jsonl.replacing("Debian", with: "Devuan"), "sources/corpus/policy.jsonl")
      let changed = try bench.run("--source", "corpus.manifest", "--quiet")
      #expect(changed.status == 69)
      #expect(changed.errors.contains("is not what was committed"))
    }
  }

  @Test
  func `a committed license entry keeps its place, and short confidential texts are warned of`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      try bench.write(
        (0..<40).map { "{\"id\":\"s-\($0)\",\"text\":\"yes or no\"}\n" }.joined(),
        "sources/corpus/policy.jsonl"
      )
      _ = try bench.scan(["corpus.manifest"])
      let warned = try bench.run("check", "corpus.manifest")
      #expect(warned.status == 0)
      #expect(warned.errors.contains("warning: manifest.confidential-short"))
      #expect(warned.errors.contains("3 words on average"))
      // Another license in the place of the first.
      let manifest = String(decoding: try bench.read("corpus.manifest"), as: UTF8.self)
      try bench.write(
        manifest.replacing("concluded: GPL-2.0-or-later", with: "concluded: GPL-3.0-or-later"),
        "corpus.manifest"
      )
      for refused in [
        try bench.run("check", "corpus.manifest"),
        try bench.run("--source", "corpus.manifest", "--quiet"),
      ] {
        #expect(refused.status == 78)
        #expect(refused.errors.contains("manifest.license-order"))
        #expect(refused.errors.contains("license entry 0 as GPL-2.0-or-later"))
      }
      let elsewhere = try bench.run("check", "corpus.manifest", "--store", "none")
      #expect(elsewhere.status != 0)
    }
  }

  @Test func `records and secrets never reach a message, a report or a public file`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let canary = "CANARY-4711-SECRET"
      try bench.write(
        "{\"id\":\"a\",\"license\":\"GPL-2.0-or-later\",\"text\":\"\(canary)\"}\n{\"id\":\"b\",\"text\":\"\(canary)\",\"text\":\"\(canary)\"}\n{\"id\":\"c\",\"text\":\"\(canary)\n",
        "sources/corpus/policy.jsonl"
      )
      let result = try bench.run("--source", "corpus.manifest", "--allow-rejected", "9")
      #expect(result.status == 0)
      #expect(!result.output.contains(canary) && !result.errors.contains(canary))
      let found = try Command.shell("grep -rla '\(canary)' .ingest", folder: folder)
      #expect(found.output == "")
      let mode = try Command.shell(
        "stat -c %a .ingest/keys/salt-policy-corpus.key .ingest/keys/registry.secret.pem",
        folder: folder
      )
      #expect(mode.output == "600\n600\n")
    }
  }
}
