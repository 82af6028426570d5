internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Manifests
internal import ProofSystem
internal import Provenance

/// What a provenance bundle is checked against.
struct ProvenanceOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "The combined.commit.json that a provenance bundle is checked against."
  )
  var manifest: String?
  @Option(name: .long, help: "The policy; by default combined.policy beside the manifest.")
  var policy: String?
  @Option(
    name: .long,
    help: "A source manifest, to make the decision table again; may be given several times."
  )
  var source: [String] = []
  @Option(
    name: .long,
    help: "The receipt.json that you have from elsewhere; the bundle must speak of it."
  )
  var receipt: String?
  @Option(name: .long, help: "Who asked for the proof.")
  var audience: String = ""
  @Option(name: .long, help: "The 64 hexadecimal digits that were asked with.")
  var nonce: String?

  func validate() throws {
    guard nonce.map({ Hex.decode($0)?.count == 32 }) ?? true else {
      throw ValidationError("--nonce is 64 lower-case hexadecimal digits")
    }
  }

  /// Checks a bundle.
  func verdict(_ bytes: [UInt8], trust: SignerTrust) throws -> Verdict {
    let kind = "provenance"
    guard let path = manifest else {
      throw IngestError(
        .usage,
        "a provenance bundle is checked against a manifest; pass --manifest combined.commit.json"
      )
    }
    let start = ProcessUsage.monotonicSeconds
    do {
      let commit = try InputFile.contents(of: path, limit: 1 << 28)
      let verified = try VerifiedManifest(commit)
      let signed = try signature(of: commit, at: path, trust)
      let bundle = try ProvenanceBundle(bytes)
      let file = try policyFile(beside: path)
      let (table, tableNote) = try table(verified, file, bundle.receipt.asOf, beside: path)
      let question = ProvenanceQuestion(
        manifest: verified,
        policy: file,
        table: table,
        receipt: try receiptHead(),
        audience: Array(audience.utf8),
        nonce: nonce.flatMap(Hex.decode) ?? [UInt8](repeating: 0, count: 32)
      )
      let result = try ProvenanceVerifier.verify(bytes, question)
      let milliseconds = Int(((ProcessUsage.monotonicSeconds - start) * 1000).rounded())
      let name = "\(file.policy.id) \(file.policy.version)"
      let sentences = result.sentences(policy: name)
      let bits = (result.securityBits * 10).rounded(.down) / 10
      return Verdict(
        kind: kind,
        isAccepted: true,
        code: "ok",
        reason:
          "\(result.receipt.count) training examples, all committed in epoch \(result.context.epoch) and allowed by policy \(name); profile \(result.profile.name), \(bytes.count) bytes, \(milliseconds) ms",
        sentences: ["Shown:"] + sentences.shown.map { "- " + $0 }
          + ["Hidden:"] + sentences.hidden.map { "- " + $0 }
          + ["Not shown:"] + sentences.notShown.map { "- " + $0 }
          + ["Checked with:", "- \(signed)", "- \(tableNote)", "- \(Self.orderNote(result))"]
          + [
            "Security: a false bundle passes with a chance of 2^-\(bits) a try; \(result.profile.regime.name); Poseidon2's trees 124 bits, conjectured; \(ProveCommand.caveat)."
          ]
      )
    } catch let error as ProvenanceError {
      return Verdict(
        kind: kind,
        isAccepted: false,
        code: error.rule.rawValue,
        reason: error.description
      )
    } catch let error as SignatureError {
      return Verdict(kind: kind, isAccepted: false, code: error.code, reason: error.description)
    } catch let error as ProofFileError {
      return Verdict(kind: kind, isAccepted: false, code: error.code, reason: error.description)
    } catch let error as CommitmentError {
      return Verdict(
        kind: kind,
        isAccepted: false,
        code: error.code,
        reason: "the combined manifest: \(error.description)"
      )
    }
  }

  private static func orderNote(_ result: VerifiedProvenance) -> String {
    switch result.receipt.order {
    case .committed: "the training order is that of the registry"
    case .seeded(let seed, let fixed):
      "the training order is said to be drawn from seed '\(seed)'; \(fixed.isEmpty ? "nobody says how the seed was fixed" : "fixed by: \(fixed)")"
    }
  }

  /// Checks the envelope where there are keys; says so where there are none.
  private func signature(
    of commit: [UInt8],
    at path: String,
    _ trust: SignerTrust
  ) throws -> String {
    guard !trust.keys.isEmpty else {
      return "NO signature: pass --key to check who signed the combined manifest"
    }
    let envelope =
      path.hasSuffix(".json") ? String(path.dropLast(5)) + ".dsse.json" : path + ".dsse.json"
    guard FilePaths.exists(envelope) else {
      throw ProofFileError.form(
        "the envelope \(FilePaths.name(of: envelope)) is not beside the manifest"
      )
    }
    let text = try InputFile.contents(of: envelope, limit: 1 << 24)
    guard let json = try? JSONParser.parse(text) else {
      throw ProofFileError.form("the envelope is no JSON")
    }
    _ = try SignedCommit(commit: commit, envelope: try DSSEEnvelope(json)).verify(by: trust)
    return
      "the combined manifest is signed by \(trust.threshold) of \(trust.keys.count) trusted keys"
  }

  private func policyFile(beside path: String) throws -> PolicyFile {
    let file = policy ?? FilePaths.join(FilePaths.folder(of: path), "combined.policy")
    guard policy != nil || FilePaths.exists(file) else {
      throw IngestError(.usage, "the policy is not beside the manifest; pass --policy FILE")
    }
    return try PolicyFile.decode(
      InputFile.contents(of: file, limit: YAMLReader.sizeLimit + 1),
      file: file
    )
  }

  private func receiptHead() throws -> TrainingReceipt? {
    guard let receipt else { return nil }
    let bytes = try InputFile.contents(of: receipt, limit: 1 << 20)
    return try TrainingReceipt(bytes.last == 0x0A ? Array(bytes.dropLast()) : bytes)
  }

  /// The decision table: made from source manifests, or the one that the registry committed to.
  private func table(
    _ verified: VerifiedManifest,
    _ policy: PolicyFile,
    _ day: CivilDate,
    beside path: String
  ) throws -> (DecisionTable, String) {
    let folder = FilePaths.folder(of: path)
    let beside = verified.manifest.sources.map {
      FilePaths.join(folder, "sources/\($0.id)/source.manifest")
    }
    let paths = source.isEmpty ? beside.filter { FilePaths.exists($0) } : source
    if paths.count == verified.manifest.sources.count {
      var manifests: [SourceManifest] = []
      for (file, committed) in zip(paths.sorted(), verified.manifest.sources) {
        let manifest = try SourceManifest.decode(
          InputFile.contents(of: file, limit: (1 << 20) + 1),
          file: file
        )
        guard
          verified.manifest.sources.contains(where: {
            $0.id == manifest.id && $0.manifestDigest == manifest.digest
          })
        else {
          throw ProvenanceError(
            "decision table",
            "\(file) is not the source manifest that '\(committed.id)' or another source committed"
          )
        }
        manifests.append(manifest)
      }
      guard
        verified.manifest.licenseTableDigest == CommittedManifest.ownLicenseTableDigest,
        verified.manifest.licenseListDigest == CommittedManifest.ownLicenseListDigest
      else {
        throw ProvenanceError(
          "decision table",
          "the manifest names another license list or table than this program has"
        )
      }
      return (
        DecisionTable(manifests: manifests, policy: policy.policy, asOf: day),
        "the decision table was made again from the policy and \(manifests.count) source manifests"
      )
    }
    let file = FilePaths.join(folder, "combined.decisions.jsonl")
    guard FilePaths.exists(file) else {
      throw IngestError(
        .usage,
        "the decisions cannot be checked: pass --source for all \(verified.manifest.sources.count) source manifests, or put combined.decisions.jsonl beside the manifest"
      )
    }
    let table = try DecisionTable(lines: InputFile.contents(of: file, limit: 1 << 28))
    guard
      CommittedManifest.Policy(policy, asOf: day, table: table.head) == verified.manifest.policy
    else {
      throw ProvenanceError(
        "decision table",
        "the registry committed to another policy, day or table than the receipt's; pass --source for all source manifests to make it again"
      )
    }
    return (
      table,
      "the decision table is the one that the registry committed to; pass --source to make it again"
    )
  }
}
