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
      "Check a provenance bundle, a signed combined manifest, an inclusion or consistency proof, offline.",
    discussion: """
      Needs nothing but the file and public keys. A commit file is looked for beside
      its envelope.

      A provenance bundle is checked against --manifest, the combined.commit.json;
      the policy is --policy, or combined.policy beside the manifest. The decision
      table is made again from the policy and the source manifests (--source, or
      sources/ beside the combined manifest); without them it is
      combined.decisions.jsonl, if the registry committed to that table. With --key
      the manifest's envelope beside it must be signed by that key.

      EXAMPLES
        ingest verify combined.commit.dsse.json --key registry.pem
        ingest verify proof.bin --manifest combined.commit.json --policy \\
            default.policy --key registry.pem
        ingest verify proof.json --key data-team.pem --key legal.pem --threshold \\
            2 --post-quantum
      """
  )

  @Argument(help: "Files to verify.")
  var files: [String]
  @Option(name: .long, help: "A trusted public key, PEM; may be given several times.")
  var key: [String] = []
  @Option(name: .long, help: "So many distinct trusted keys must have signed.")
  var threshold: Int = 1
  @Flag(name: .long, help: "At least one of them ML-DSA-65.")
  var postQuantum = false
  @OptionGroup var provenance: ProvenanceOptions
  @Flag(name: .long, help: "One JSON object a file.")
  var json = false

  func validate() throws {
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
      let trust = SignerTrust(keys: keys, threshold: threshold, needsPostQuantum: postQuantum)
      var isRefused = false
      for file in files {
        let verdict = try Verdict.of(file, trust: trust, provenance)
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
      if isRefused { throw ExitCode(ExitStatus.badData.rawValue) }
    }
  }
}
