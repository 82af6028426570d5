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
  private static let made = Result { try ProvenanceBench() }

  func made() throws -> ProvenanceBench { try Self.made.get() }

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
    let first = try TornBundle(try made.bench.read("proof.bin"))
    var spliced = try TornBundle(try made.bench.read("second.bin"))
    spliced.proofs[2] = first.proofs[2]
    try made.bench.write(spliced.bytes, "spliced.bin")
    try made.refuses("statementDigestMismatch", "spliced.bin")
    spliced = try TornBundle(try made.bench.read("second.bin"))
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
    var bundle = try TornBundle(bytes)
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
    bundle = try TornBundle(bytes)
    bundle.proofs[0].append(0)
    try refuses("trailingBytes", bundle.bytes)
    bundle = try TornBundle(bytes)
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
}
