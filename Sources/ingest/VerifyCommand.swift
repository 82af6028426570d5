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
      "Check a signed combined manifest, an inclusion, consistency or zero-knowledge proof, offline.",
    discussion: """
      Needs nothing but the file and public keys. A commit file is looked for beside its envelope.

      EXAMPLES
        ingest verify combined.commit.dsse.json --key registry.pem
        ingest verify proof.json --key data-team.pem --key legal.pem --threshold 2 --post-quantum
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
        let verdict = try Verdict.of(file, trust: trust)
        if !verdict.isAccepted { isRefused = true }
        if json {
          Terminal.print(json: [
            "file": .string(file), "kind": .string(verdict.kind),
            "valid": .bool(verdict.isAccepted),
            "code": .string(verdict.code), "reason": .string(verdict.reason),
          ])
        } else {
          Terminal.print(
            "\(file): \(verdict.isAccepted ? "VALID" : "REFUSED"): \(verdict.kind): \(Terminal.escaped(verdict.reason))"
          )
        }
      }
      if isRefused { throw ExitCode(ExitStatus.badData.rawValue) }
    }
  }
}

/// What was found about one file.
private struct Verdict {
  let kind: String
  let isAccepted: Bool
  let code: String
  let reason: String

  /// A proof of the engine's example; it needs no key, because it says nothing about a registry.
  private static func example(_ json: JSONValue) -> Verdict {
    func verdict(_ isAccepted: Bool, _ code: String, _ reason: String) -> Verdict {
      Verdict(kind: "example proof", isAccepted: isAccepted, code: code, reason: reason)
    }
    guard let file = ExampleProofFile(json) else {
      return verdict(false, "form", "the file does not have the members of an example proof")
    }
    do throws(VerificationError) {
      let statement = file.statement
      let start = ProcessUsage.monotonicSeconds
      _ = try Verifier.verify(file.proof, of: statement)
      let milliseconds = Int(((ProcessUsage.monotonicSeconds - start) * 1000).rounded())
      return verdict(
        true,
        "ok",
        "\(file.claim); profile \(file.profile.name), \(file.proof.count) bytes, \(milliseconds) ms; \(ProveCommand.caveat)"
      )
    } catch {
      return verdict(false, error.rawValue, "the check '\(error.rawValue)' fails")
    }
  }

  static func of(_ file: String, trust: SignerTrust) throws -> Verdict {
    let bytes = try InputFile.contents(of: file, limit: 1 << 26)
    let json: JSONValue
    do {
      json = try JSONParser.parse(bytes)
    } catch {
      return Verdict(
        kind: "unknown",
        isAccepted: false,
        code: error.code,
        reason: "not strict JSON at byte \(error.offset)"
      )
    }
    switch (json.object?["kind"]?.text, json.object?["payloadType"]?.text) {
    case ("InclusionProof", _): return inclusion(json, trust)
    case ("ConsistencyProof", _): return consistency(json, trust)
    case (ExampleProofFile.kind, _): return example(json)
    case ("CommittedManifest", _):
      let envelope =
        file.hasSuffix(".json") ? String(file.dropLast(5)) + ".dsse.json" : file + ".dsse.json"
      guard FilePaths.exists(envelope) else {
        return Verdict(
          kind: "combined manifest",
          isAccepted: false,
          code: "envelope-missing",
          reason:
            "its envelope \(FilePaths.name(of: envelope)) is not beside it; nothing says who signed it"
        )
      }
      let text = try InputFile.contents(of: envelope, limit: 1 << 24)
      guard let signed = try? JSONParser.parse(text) else {
        return Verdict(
          kind: "combined manifest",
          isAccepted: false,
          code: "envelope",
          reason: "the envelope is no JSON"
        )
      }
      return manifest(signed, commit: bytes, trust)
    case (_, .some): return try envelope(json, file, trust)
    default:
      return Verdict(
        kind: "unknown",
        isAccepted: false,
        code: "unknown-kind",
        reason: "neither a signed manifest nor a proof of ours"
      )
    }
  }

  private static func refused(_ kind: String, _ error: any Error) -> Verdict {
    switch error {
    case let error as ProofFileError:
      Verdict(kind: kind, isAccepted: false, code: error.code, reason: error.description)
    case let error as SignatureError:
      Verdict(kind: kind, isAccepted: false, code: error.code, reason: error.description)
    default:
      Verdict(
        kind: kind,
        isAccepted: false,
        code: "unreadable",
        reason: IngestError(error).description
      )
    }
  }

  private static func inclusion(_ json: JSONValue, _ trust: SignerTrust) -> Verdict {
    do {
      let proof = try InclusionProofFile(json).verify(by: trust)
      return Verdict(
        kind: "inclusion proof",
        isAccepted: true,
        code: "ok",
        reason:
          "record \(proof.index) of \(proof.source.size) stands in source '\(proof.source.id)', epoch \(proof.manifest.manifest.epoch); content sha256 \(proof.leaf.contentDigest.hex); license \(proof.source.licenses[Int(proof.leaf.licenseIndex)].expression)"
      )
    } catch {
      return refused("inclusion proof", error)
    }
  }

  private static func consistency(_ json: JSONValue, _ trust: SignerTrust) -> Verdict {
    do {
      let (old, new) = try ConsistencyProofFile(json).verify(by: trust)
      return Verdict(
        kind: "consistency proof",
        isAccepted: true,
        code: "ok",
        reason:
          "epoch \(new.manifest.epoch) keeps every leaf of epoch \(old.manifest.epoch) in its place"
      )
    } catch {
      return refused("consistency proof", error)
    }
  }

  private static func manifest(_ json: JSONValue, commit: [UInt8], _ trust: SignerTrust) -> Verdict
  {
    do {
      let signed = SignedCommit(commit: commit, envelope: try DSSEEnvelope(json))
      let manifest = try signed.verify(by: trust)
      return Verdict(
        kind: "combined manifest",
        isAccepted: true,
        code: "ok",
        reason:
          "epoch \(manifest.manifest.epoch), \(manifest.manifest.sources.count) sources, \(manifest.manifest.counts.records) records, combined root \(manifest.manifest.combined.sha256.hex)"
      )
    } catch {
      return refused("combined manifest", error)
    }
  }

  /// The commit file is looked for beside the envelope, by the plain name that was signed.
  private static func envelope(_ json: JSONValue, _ file: String, _ trust: SignerTrust) throws
    -> Verdict
  {
    do {
      let envelope = try DSSEEnvelope(json)
      let statement = try CommitStatement(try envelope.verify(by: trust))
      let path = FilePaths.join(FilePaths.folder(of: file), statement.name)
      guard FilePaths.exists(path) else {
        return Verdict(
          kind: "envelope",
          isAccepted: true,
          code: "ok",
          reason:
            "the signatures hold; the commit file \(statement.name), sha256 \(statement.digest.hex), is not at hand"
        )
      }
      return manifest(json, commit: try InputFile.contents(of: path, limit: 1 << 28), trust)
    } catch {
      return refused("combined manifest", error)
    }
  }
}
