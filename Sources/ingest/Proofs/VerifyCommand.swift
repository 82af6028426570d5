internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Manifests
internal import ProofSystem

/// `ingest verify FILE...`: knows by itself what it is given.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract:
      "Check a provenance bundle, a signed combined manifest, an inclusion or consistency proof, or a record against its original.",
    discussion: """
      Needs nothing but the file and public keys. A commit file is looked for beside
      its envelope.

      A provenance bundle is checked against --manifest, the combined.commit.json;
      the policy is --policy, or combined.policy beside the manifest. The decision
      table is made again from the policy and the source manifests (--source, or
      sources/ beside the combined manifest); without them it is
      combined.decisions.jsonl, if the registry committed to that table. With --key
      the manifest's envelope beside it must be signed by that key.

      Several files are also compared with each other: two different epochs of one
      number under one key are a fork, and the later file is refused.

      --leaf reads one record again from its input and compares both digests with
      the leaf in the store.

      EXAMPLES
        ingest verify --leaf handbook.warc.gz@1024,911 --store registry
        ingest verify combined.commit.dsse.json --key registry.pem
        ingest verify proof.bin --manifest combined.commit.json --policy \\
            default.policy --key registry.pem
        ingest verify combined.commit.dsse.json --signers reviews/registry.signers
        ingest verify proof.json --key data-team.pem --key legal.pem --threshold \\
            2 --post-quantum
      """
  )

  @Argument(help: "Files to verify.")
  var files: [String] = []
  @Option(
    name: .long,
    help: "A record by LOCATOR, INDEX or SOURCE:either; may be given several times."
  )
  var leaf: [String] = []
  @Option(name: .long, help: "A trusted public key, PEM; may be given several times.")
  var key: [String] = []
  @Option(name: .long, help: "So many distinct trusted keys must have signed.")
  var threshold: Int = 1
  @Flag(name: .long, help: "At least one of them ML-DSA-65.")
  var postQuantum = false
  @Option(
    name: .long,
    help: "A list of signers (registry.signers): every role that signs epochs must have signed."
  )
  var signers: String?
  @OptionGroup var provenance: ProvenanceOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var workers: WorkerOptions
  @Flag(name: .long, help: "One JSON object a file.")
  var json = false

  func validate() throws {
    guard !files.isEmpty || !leaf.isEmpty else {
      throw ValidationError("nothing to verify: name a file, or --leaf LOCATOR")
    }
    guard threshold >= 1 else {
      throw ValidationError("--threshold is at least 1; 0 would trust everybody")
    }
  }

  func run() async throws {
    try await Terminal.run {
      var keys: [PublicKey] = []
      for path in key {
        let pem = String(decoding: try InputFile.contents(of: path, limit: 1 << 14), as: UTF8.self)
        guard let key = PublicKey(pem: pem) else {
          throw IngestError(.usage, "\(path): is no PEM file of an Ed25519 or ML-DSA-65 public key")
        }
        keys.append(key)
      }
      let list = try signers.map { try ReviewFolder.signers($0) }
      if let list {
        keys += list.roles.filter { $0.signs.contains(.epochs) }.flatMap(\.keys).map(\.key)
      }
      let trust = SignerTrust(
        keys: Array(Set(keys)),
        threshold: threshold,
        needsPostQuantum: postQuantum,
        list: list
      )
      var isRefused = false
      var forks = ForkCheck()
      for file in files {
        var verdict = try Verdict.of(file, trust: trust, provenance)
        if verdict.isAccepted, let reason = forks.contradiction(of: verdict.epochs, in: file) {
          verdict = Verdict(kind: verdict.kind, isAccepted: false, code: "fork", reason: reason)
        }
        if !verdict.isAccepted { isRefused = true }
        if json {
          Terminal.print(json: [
            "file": .string(file), "kind": .string(verdict.kind),
            "valid": .bool(verdict.isAccepted),
            "code": .string(verdict.code), "reason": .string(verdict.reason),
            "sentences": .array(verdict.sentences.map { .string($0) }),
          ])
        } else {
          Terminal.print(
            "\(file): \(verdict.isAccepted ? "VALID" : "REFUSED"): \(verdict.kind): \(Terminal.escaped(verdict.reason))"
          )
          for line in verdict.sentences { Terminal.print("  \(Terminal.escaped(line))") }
        }
      }
      if !leaf.isEmpty { try verifyLeaves() }
      if isRefused { throw ExitCode(ExitStatus.badData.rawValue) }
    }
  }

  private func verifyLeaves() throws {
    let check = RecordCheck(
      try store.open(),
      plugins: Ingest.plugins,
      options: workers.options()
    )
    for text in leaf {
      let result = try check.run(text)
      if json {
        Terminal.print(json: [
          "kind": "leaf", "valid": true, "source": .string(result.source),
          "index": .count(result.index), "locator": .string(result.locator),
          "payloadSha256": .string(result.payloadSha256),
          "contentSha256": .string(result.contentSha256),
        ])
      } else {
        Terminal.print(
          "\(Terminal.escaped(result.locator)): VALID: leaf \(result.index) of source \(result.source): the original gives the committed payload \(result.payloadSha256) and content \(result.contentSha256)"
        )
      }
    }
  }
}
