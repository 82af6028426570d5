internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Manifests
internal import ProofSystem
internal import Provenance

/// What was found about one file.
struct Verdict {
  let kind: String
  let isAccepted: Bool
  let code: String
  let reason: String
  /// What was shown and what was not, line by line.
  var sentences: [String] = []
  /// The signed epochs that it speaks of.
  var epochs: [SignedEpoch] = []

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

  static func of(
    _ file: String,
    trust: SignerTrust,
    _ provenance: ProvenanceOptions
  ) throws -> Verdict {
    if FilePaths.isFolder(file) { return try PublishedFolder.verdict(file, trust: trust) }
    let bytes = try InputFile.contents(of: file, limit: 1 << 28)
    if ProvenanceBundle.isBundle(bytes) { return try provenance.verdict(bytes, trust: trust) }
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
    case ("DifferenceProof", _): return difference(json, trust)
    case ("AbsenceProof", _): return absence(json, trust)
    case ("ExclusionAnswer", _): return answer(json, trust)
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
      let file = try InclusionProofFile(json)
      let proof = try file.verify(by: trust)
      var verdict = Verdict(
        kind: "inclusion proof",
        isAccepted: true,
        code: "ok",
        reason:
          "record \(proof.index) of \(proof.source.size) stands in source '\(proof.source.id)', epoch \(proof.manifest.manifest.epoch); content sha256 \(proof.leaf.contentDigest.hex); license \(proof.source.licenses[Int(proof.leaf.licenseIndex)].expression)"
      )
      verdict.epochs = SignedEpoch.of(proof.manifest, file.signed.envelope)
      return verdict
    } catch {
      return refused("inclusion proof", error)
    }
  }

  private static func consistency(_ json: JSONValue, _ trust: SignerTrust) -> Verdict {
    do {
      let file = try ConsistencyProofFile(json)
      let (old, new) = try file.verify(by: trust)
      var verdict = Verdict(
        kind: "consistency proof",
        isAccepted: true,
        code: "ok",
        reason:
          "epoch \(new.manifest.epoch) keeps every leaf of epoch \(old.manifest.epoch) in its place"
      )
      verdict.epochs =
        SignedEpoch.of(old, file.old.envelope) + SignedEpoch.of(new, file.new.envelope)
      return verdict
    } catch {
      return refused("consistency proof", error)
    }
  }

  private static func difference(_ json: JSONValue, _ trust: SignerTrust) -> Verdict {
    do {
      let file = try DifferenceProofFile(json)
      let (old, new) = try file.verify(by: trust)
      let count = file.sources.reduce(0) { $0 + $1.removed.count }
      var verdict = Verdict(
        kind: "difference proof",
        isAccepted: true,
        code: "ok",
        reason:
          "epoch \(new.manifest.epoch) keeps every leaf of epoch \(old.manifest.epoch) in its place but \(count), which are tombstones now"
      )
      verdict.sentences = file.sources.flatMap { source in
        source.removed.map {
          "leaf \($0.leaf) of source '\(source.id)': removed on \($0.tombstone.day), reason \($0.tombstone.reason.rawValue); it was sha256 \($0.tombstone.formerLeaf.hex)"
        }
      }
      verdict.epochs =
        SignedEpoch.of(old, file.old.envelope) + SignedEpoch.of(new, file.new.envelope)
      return verdict
    } catch {
      return refused("difference proof", error)
    }
  }

  private static func absence(_ json: JSONValue, _ trust: SignerTrust) -> Verdict {
    do {
      let file = try AbsenceProofFile(json)
      let start = ProcessUsage.monotonicSeconds
      let proof = try file.verify(by: trust)
      let microseconds = Int(((ProcessUsage.monotonicSeconds - start) * 1_000_000).rounded())
      var verdict = Verdict(
        kind: "absence proof",
        isAccepted: true,
        code: "ok",
        reason:
          "no live record of \(proof.absent.count) sources of epoch \(proof.manifest.manifest.epoch) has the content sha256 \(proof.contentDigest.hex); checked in \(microseconds) µs"
      )
      verdict.sentences = proof.sentences
      verdict.epochs = SignedEpoch.of(proof.manifest, file.signed.envelope)
      return verdict
    } catch {
      return refused("absence proof", error)
    }
  }

  private static func answer(_ json: JSONValue, _ trust: SignerTrust) -> Verdict {
    do {
      let file = try ExclusionAnswer(json)
      let found = try file.verify(by: trust)
      return Verdict(
        kind: "answer to an exclusion",
        isAccepted: true,
        code: "ok",
        reason:
          "\(file.before.count) records were committed and are tombstones in epoch \(found.manifest.manifest.epoch)",
        sentences: found.sentences
      )
    } catch {
      return refused("answer to an exclusion", error)
    }
  }

  private static func manifest(_ json: JSONValue, commit: [UInt8], _ trust: SignerTrust) -> Verdict
  {
    do {
      let signed = SignedCommit(commit: commit, envelope: try DSSEEnvelope(json))
      let manifest = try signed.verify(by: trust)
      var verdict = Verdict(
        kind: "combined manifest",
        isAccepted: true,
        code: "ok",
        reason:
          "epoch \(manifest.manifest.epoch), \(manifest.manifest.sources.count) sources, \(manifest.manifest.counts.records) records, combined root \(manifest.combined.sha256.hex)"
      )
      verdict.epochs = SignedEpoch.of(manifest, signed.envelope)
      return verdict
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
