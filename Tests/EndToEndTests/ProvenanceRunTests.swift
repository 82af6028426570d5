import CanonicalCoding
import Files
import Manifests
import Merkle
import Testing
import _TestSupport

/// From a committed registry to a verified provenance proof through the command line, and everything that must be refused
/// on the way, with the reason and the exit code that users see.
@Suite(.serialized) struct ProvenanceRunTests {
  /// A store with one epoch, a run and its proof, made once.
  private static let made = Result { try Made() }

  private struct Made {
    let bench: Workbench

    init() throws {
      let folder = "/tmp/ingest-provenance-\(Hex.encode(try SystemRandom.bytes(6)))"
      bench = try Workbench(folder)
      _ = try bench.scan(["crawl.manifest", "archive.manifest", "corpus.manifest"])
      try ok(
        "feed",
        "--policy",
        "policies/training.policy",
        "--out",
        "run",
        "--quiet",
        "--seed",
        "4711",
        "--seed-fixed",
        "a draw of lots after the epoch was signed"
      )
      try ok("prove", "link", "--profile", "KB5-UD100-L1")
      try prove("proof.bin", "--by", "license", "--claim", "BSD-3-Clause records 216..216")
    }

    func ok(_ arguments: String...) throws {
      let result = try Command.run(Command.ingest, arguments, folder: bench.folder)
      #expect(result.status == 0, "\(arguments): \(result.errors)")
    }

    @discardableResult
    func prove(_ out: String, _ more: String..., run: String = "run") throws -> Command.Result {
      try Command.run(
        Command.ingest,
        [
          "prove", "provenance", "--receipt", run, "--policy", "policies/training.policy",
          "--profile", "KB5-UD100-L1", "--out", out,
        ] + more,
        folder: bench.folder
      )
    }

    /// The verdict as JSON, with the exit code.
    func verify(_ file: String, _ more: [String] = []) throws -> (status: Int32, json: JSONValue) {
      let standard =
        more.contains("--manifest") ? [] : ["--manifest", ".ingest/combined.commit.json"]
      let policy = more.contains("--policy") ? [] : ["--policy", "policies/training.policy"]
      let result = try Command.run(
        Command.ingest,
        ["verify", file, "--json"] + standard + policy + more,
        folder: bench.folder
      )
      let json = try? JSONParser.parse(Array(result.output.utf8.dropLast()))
      return (result.status, json ?? .string(result.errors))
    }

    /// Expects that a file is refused with a code.
    func refuses(
      _ code: String,
      _ file: String = "proof.bin",
      _ more: String...,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let (status, json) = try verify(file, more)
      #expect(status == 65, "\(json)", sourceLocation: sourceLocation)
      #expect(json["code"].text == code, "\(json)", sourceLocation: sourceLocation)
    }
  }

  private func made() throws -> Made { try Self.made.get() }

  // MARK: accepted

  @Test func `the proof of a run over real sources is accepted, and says in words what it shows`()
    throws
  {
    let made = try made()
    let (status, json) = try made.verify("proof.bin", ["--key", ".ingest/keys/registry.pem"])
    #expect(status == 0, "\(json)")
    let text = (json["sentences"].elements ?? []).compactMap(\.text).joined(separator: "\n")
    #expect(text.contains("Class BSD-3-Clause: exactly 216 records were used."))
    #expect(
      text.contains("the decision table was made again from the policy and 3 source manifests")
    )
    #expect(text.contains("That nothing else was used in training"))
    #expect(text.contains("not externally reviewed"))
    let unsigned = try made.verify("proof.bin")
    #expect(unsigned.status == 0)
    #expect("\(unsigned.json)".contains("NO signature"))
  }

  @Test func `the C interface gives the same verdicts to a stranger's program`() throws {
    let made = try made()
    let folder = FilePaths.folder(of: Command.ingest)
    let build = try Command.shell(
      "clang -O1 -Wall -Werror -I\(Fixture.path("include")) \(Fixture.path("Tests/independent/verify_bundle.c")) -L\(folder) -lingest_verifier -Wl,-rpath,\(folder) -o \(made.bench.path("verify_bundle"))"
    )
    #expect(build.status == 0, "\(build.errors)")
    // The run's policy is not the registry's: the table of the registry does not serve.
    func verdict(_ policy: String) throws -> (Int32, JSONValue) {
      let result = try Command.run(
        made.bench.path("verify_bundle"),
        ["proof.bin", ".ingest/combined.commit.json", policy, ".ingest/combined.decisions.jsonl"],
        folder: made.bench.folder
      )
      return (result.status, try JSONParser.parse(Array(result.output.utf8.dropLast())))
    }
    let refused = try verdict("policies/training.policy")
    #expect(refused.0 == 65)
    #expect(refused.1["reason"].text?.contains("another policy, day or table") == true)
    try made.bench.run("feed", "--policy", "policies/default.policy", "--out", "plain", "--quiet")
    let proof = try Command.run(
      Command.ingest,
      [
        "prove", "provenance", "--receipt", "plain/receipt.json", "--policy",
        "policies/default.policy",
        "--profile", "KB5-UD100-L1", "--out", "plain.bin",
      ],
      folder: made.bench.folder
    )
    #expect(proof.status == 0, "\(proof.errors)")
    let accepted = try Command.run(
      made.bench.path("verify_bundle"),
      [
        "plain.bin", ".ingest/combined.commit.json", "policies/default.policy",
        ".ingest/combined.decisions.jsonl",
      ],
      folder: made.bench.folder
    )
    #expect(accepted.status == 0, "\(accepted.output)")
    #expect(accepted.output.contains("216 training examples"))
  }

  // MARK: what a verifier refuses

  @Test func `a policy with one character altered, or another one, is refused`() throws {
    let made = try made()
    let text = String(decoding: try made.bench.read("policies/training.policy"), as: UTF8.self)
    try made.bench.write(
      text.replacing("Permission is general.", with: "Permission is general!"),
      "altered.policy"
    )
    try made.refuses("publicInputInvalid", "proof.bin", "--policy", "altered.policy")
    try made.refuses("publicInputInvalid", "proof.bin", "--policy", "policies/default.policy")
    // A comment is no part of what was decided.
    try made.bench.write("# a comment\n" + text, "comment.policy")
    #expect(try made.verify("proof.bin", ["--policy", "comment.policy"]).status == 0)
  }

  @Test func `another license in a source manifest, or another decision table, is refused`() throws
  {
    let made = try made()
    let names = ["flask-archive", "handbook-crawl", "policy-corpus"]
    for name in names {
      try made.bench.write(
        try made.bench.read(".ingest/sources/\(name)/source.manifest"),
        "copies/\(name).manifest"
      )
    }
    let sources = names.flatMap { ["--source", "copies/\($0).manifest"] }
    #expect(try made.verify("proof.bin", sources).status == 0)
    try made.bench.edit(
      "copies/policy-corpus.manifest",
      "concluded: GPL-2.0-or-later",
      "concluded: MIT"
    )
    let (status, json) = try made.verify("proof.bin", sources)
    #expect(status == 65)
    #expect(json["code"].text == "publicInputInvalid")
    #expect(
      json["reason"].text?.contains("is not the manifest that source 'policy-corpus'") == true
    )
    // Without the manifests, the registry's own table is of another policy.
    try made.bench.write(
      try made.bench.read(".ingest/combined.commit.json"),
      "alone/combined.commit.json"
    )
    let missing = try made.verify("proof.bin", ["--manifest", "alone/combined.commit.json"])
    #expect(missing.status == 64)
    try made.bench.write(
      try made.bench.read(".ingest/combined.decisions.jsonl"),
      "alone/combined.decisions.jsonl"
    )
    try made.refuses("publicInputInvalid", "proof.bin", "--manifest", "alone/combined.commit.json")
  }

  @Test func `an altered manifest, another root, another epoch and other signers are refused`()
    throws
  {
    let made = try made()
    let commit = String(
      decoding: try made.bench.read(".ingest/combined.commit.json"),
      as: UTF8.self
    )
    func write(_ text: String, _ folder: String) throws -> String {
      try made.bench.write(text, "\(folder)/combined.commit.json")
      for name in ["flask-archive", "handbook-crawl", "policy-corpus"] {
        try made.bench.write(
          try made.bench.read(".ingest/sources/\(name)/source.manifest"),
          "\(folder)/sources/\(name)/source.manifest"
        )
      }
      return "\(folder)/combined.commit.json"
    }
    let json = try JSONParser.parse(Array(commit.utf8))
    let root = try #require(json["combined"]["poseidon2Root"].text)
    let size = try #require((json["sources"].elements ?? []).first?["size"].text)
    for (folder, from, to, code) in [
      ("root", root, String(root.reversed()), "bad-value"),
      ("size", "\"size\":\"\(size)\"", "\"size\":\"\(size)0\"", "books-open"),
      ("epoch", "\"epoch\":\"1\"", "\"epoch\":\"2\"", "bad-value"),
      ("date", "\"created\":\"2026-11-20", "\"created\":\"2026-11-19", "publicInputInvalid"),
    ] {
      let path = try write(commit.replacing(from, with: to), folder)
      let (status, json) = try made.verify("proof.bin", ["--manifest", path])
      #expect(status == 65, "\(folder)")
      #expect(json["code"].text == code, "\(folder): \(json)")
    }
    // Signed by another key, and by nobody.
    try Fixture.withFolder { elsewhere in
      let other = try Workbench(elsewhere)
      try other.run("key", "new", "--name", "other", "--store", ".ingest")
      _ = try other.scan(["archive.manifest"], ["--key", "other"])
      try made.bench.write(try other.read(".ingest/keys/other.pem"), "other.pem")
    }
    try made.refuses("threshold", "proof.bin", "--key", "other.pem")
    let path = try write(commit, "unsigned")
    let unsigned = try made.verify(
      "proof.bin",
      ["--manifest", path, "--key", ".ingest/keys/registry.pem"]
    )
    #expect(unsigned.status == 64)
  }

  @Test func `a proof is of its receipt, nonce and audience`() throws {
    let made = try made()
    let zeros = String(repeating: "0", count: 63)
    try made.refuses("statementDigestMismatch", "proof.bin", "--nonce", zeros + "1")
    try made.refuses("statementDigestMismatch", "proof.bin", "--audience", "somebody")
    let asked = try made.prove("asked.bin", "--nonce", zeros + "1", "--audience", "an auditor")
    #expect(asked.status == 0, "\(asked.errors)")
    #expect(
      try made.verify("asked.bin", ["--nonce", zeros + "1", "--audience", "an auditor"]).status == 0
    )
    try made.refuses("statementDigestMismatch", "asked.bin")
    try made.bench.run(
      "feed",
      "--policy",
      "policies/training.policy",
      "--out",
      "second",
      "--quiet"
    )
    try made.refuses("publicInputInvalid", "proof.bin", "--receipt", "second/receipt.json")
    #expect(try made.verify("proof.bin", ["--receipt", "run/receipt.json"]).status == 0)
    // A proof of one run with the training link of the other.
    let second = try made.prove("second.bin", run: "second")
    #expect(second.status == 0, "\(second.errors)")
    let first = try Bundle(try made.bench.read("proof.bin"))
    var spliced = try Bundle(try made.bench.read("second.bin"))
    spliced.proofs[2] = first.proofs[2]
    try made.bench.write(spliced.bytes, "spliced.bin")
    try made.refuses("statementDigestMismatch", "spliced.bin")
    spliced = try Bundle(try made.bench.read("second.bin"))
    spliced.proofs[1] = first.proofs[1]
    try made.bench.write(spliced.bytes, "spliced.bin")
    try made.refuses("statementDigestMismatch", "spliced.bin")
  }

  @Test func `a bundle that is cut, extended, written otherwise or of another profile is refused`()
    throws
  {
    let made = try made()
    let bytes = try made.bench.read("proof.bin")
    func refuses(_ code: String, _ changed: [UInt8]) throws {
      try made.bench.write(changed, "changed.bin")
      try made.refuses(code, "changed.bin")
    }
    for count in [8, 12, 200, bytes.count / 2, bytes.count - 1] {
      try refuses("truncated", Array(bytes.prefix(count)))
    }
    try refuses("trailingBytes", bytes + [0])
    var version = bytes
    version[4] = 2
    try refuses("unsupportedVersion", version)
    var bundle = try Bundle(bytes)
    let header = String(decoding: bundle.header, as: UTF8.self)
    for (from, to, code) in [
      ("\"apiVersion\"", " \"apiVersion\"", "nonCanonical"),
      ("KB5-UD100-L1", "KB5-UD128-L1", "statementDigestMismatch"),
      ("KB5-UD100-L1", "KB5-JB100-W", "tooLong"),
      ("KB5-UD100-L1", "KB5-XX", "unknownProfile"),
      ("\"low\":\"216\"", "\"low\":\"215\"", "statementDigestMismatch"),
      ("\"useLimit\":\"1\"", "\"useLimit\":\"2\"", "statementDigestMismatch"),
      ("\"by\":\"license\"", "\"by\":\"total\"", "publicInputInvalid"),
      ("\"count\":\"343\"", "\"count\":\"342\"", "statementDigestMismatch"),
    ] {
      #expect(header.contains(from))
      bundle.header = Array(header.replacing(from, with: to).utf8)
      try refuses(code, bundle.bytes)
    }
    bundle = try Bundle(bytes)
    bundle.proofs[0].append(0)
    try refuses("trailingBytes", bundle.bytes)
    bundle = try Bundle(bytes)
    bundle.proofs.swapAt(0, 1)
    try refuses("statementDigestMismatch", bundle.bytes)
    var random = SeededRandom(seed: 5)
    for _ in 0..<40 {
      var flipped = bytes
      flipped[Int.random(in: 0..<bytes.count, using: &random)] ^=
        1 << UInt8.random(in: 0..<8, using: &random)
      try made.bench.write(flipped, "changed.bin")
      #expect(try made.verify("changed.bin").status != 0)
    }
  }

  // MARK: what the trainer's own program refuses

  @Test
  func `a claim that is false by one, or beyond any total, is refused before a proof is made`()
    throws
  {
    let made = try made()
    for (claim, status) in [
      ("total records 343..343", Int32(0)), ("total records =342", 77), ("total records =344", 77),
      ("total records <=342", 77), ("total records >=344", 77),
      ("total bytes =72057594037927936", 64), ("total records 9..8", 64), ("MIT records >=1", 64),
      ("total persons >=1", 64), ("total words 10%..20%", 64),
    ] {
      let result = try made.prove("claim.bin", "--claim", claim)
      #expect(result.status == status, "\(claim): \(result.errors)")
      if status == 77 { #expect(result.errors.contains("the claim is false")) }
    }
  }

  @Test func `records outside of the registry, of another source, or read twice, cannot be proven`()
    throws
  {
    let made = try made()
    let key = try made.bench.read("run/private/run.key")
    /// A run whose order was changed, with a receipt that fits it.
    func forge(_ name: String, _ change: (inout [UInt8]) -> Void) throws -> Command.Result {
      try Fixture.copy(made.bench.path("run"), made.bench.path(name))
      try FolderWalk.removeTree(made.bench.path("\(name)/private/link"))
      var order = try made.bench.read("run/private/order.bin")
      change(&order)
      var part = try JSONParser.parse(try made.bench.read("run/private/receipt.private.json"))
      var members = try #require(part.object)
      members["order"] = [
        "sha256": .string(SHA256Hash.of(order).hex), "count": .count(order.count / 52),
      ]
      part = .object(members)
      var receipt = try TrainingReceipt(try made.bench.read("run/receipt.json"))
      func number(_ start: Int) -> UInt64 {
        order[start..<start + 4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      }
      var leaves: [TrainingLeaf] = []
      for start in stride(from: 0, to: order.count, by: 52) {
        let position = UInt64(leaves.count)
        leaves.append(
          TrainingLeaf(
            contentDigest: SHA256Hash(Array(order[start + 12..<start + 44])) ?? .of([]),
            position: position,
            contentByteCount: number(start + 44),
            wordCount: number(start + 48),
            salt: TrainingLeaf.salt(runKey: key, position: position)
          )
        )
      }
      receipt.count = UInt64(leaves.count)
      receipt.sha256Root = CompactRange<SHA256TreeHasher>.root(of: leaves.map(\.sha256))
      receipt.poseidon2Root = CompactRange<Poseidon2TreeHasher>.root(of: leaves.map(\.poseidon2))
      receipt.privatePart = .of(CanonicalJSON.encode(part))
      try made.bench.write(order, "\(name)/private/order.bin")
      try made.bench.write(CanonicalJSON.encode(part), "\(name)/private/receipt.private.json")
      try made.bench.write(receipt.bytes, "\(name)/receipt.json")
      return try made.prove("forged.bin", run: name)
    }
    let outside = try forge("outside") { $0[20] ^= 1 }
    #expect(outside.status == 65)
    #expect(outside.errors.contains("the data break the statement"))
    let relabelled = try forge("relabelled") { $0[3] = $0[3] == 0 ? 1 : 0 }
    #expect(relabelled.status != 0)
    #expect(!FilePaths.exists(made.bench.path("forged.bin")))
    let twice = try forge("twice") { $0 += $0.prefix(52) }
    #expect(twice.status == 77)
    #expect(twice.errors.contains("was used 2 times"))
    let allowed = try made.prove("twice.bin", "--max-uses", "2", run: "twice")
    #expect(allowed.status == 0, "\(allowed.errors)")
    #expect(try made.verify("twice.bin").status == 0)
    // A record that the policy does not allow: the first of the corpus.
    let denied = try forge("denied") { $0[3] = 2 }
    #expect(denied.status == 77)
    #expect(denied.errors.contains("does not allow it"))
    // The order changed without its receipt.
    try Fixture.copy(made.bench.path("run"), made.bench.path("torn"))
    var order = try made.bench.read("run/private/order.bin")
    order[60] ^= 1
    try made.bench.write(order, "torn/private/order.bin")
    #expect(try made.prove("torn.bin", run: "torn").status == 65)
  }

  @Test func `an opening ledger that is spent serves no further proof`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try bench.scan(["archive.manifest"])
      try bench.run("feed", "--policy", "policies/default.policy", "--out", "run", "--quiet")
      try bench.run("prove", "link", "--profile", "KB5-UD100-L1")
      var last = Command.Result?.none
      for number in 0..<40 {
        let result = try bench.run(
          "prove",
          "provenance",
          "--receipt",
          "run",
          "--policy",
          "policies/default.policy",
          "--profile",
          "KB5-UD100-L1",
          "--out",
          "proof-\(number).bin"
        )
        last = result
        if result.status != 0 { break }
      }
      let refused = try #require(last)
      #expect(refused.status == 77, "\(refused.errors)")
      #expect(refused.errors.contains("budgetExhausted"))
    }
  }

  // MARK: helpers

  /// A bundle taken apart.
  private struct Bundle {
    var header: [UInt8]
    var proofs: [[UInt8]] = []

    init(_ bytes: [UInt8]) throws {
      var rest = bytes.dropFirst(8)
      func part() -> [UInt8] {
        let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        defer { rest = rest.dropFirst(4 + length) }
        return Array(rest.dropFirst(4).prefix(length))
      }
      header = part()
      while !rest.isEmpty { proofs.append(part()) }
    }

    var bytes: [UInt8] {
      func varlen(_ bytes: [UInt8]) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes
      }
      return Array("IPRB".utf8) + [1, 0, 0, 0] + varlen(header) + proofs.flatMap(varlen)
    }
  }
}
