internal import CanonicalCoding
public import Manifests
internal import ProofSystem

/// The files that an auditor has, as bytes: from them the question, and the verdict.
///
/// It opens nothing itself, so that programs in any language can bring the bytes from where they are.
public struct AuditFiles: Sendable {
  /// A file with the name that messages give it.
  public struct File: Sendable {
    /// The name.
    public let name: String
    /// The contents.
    public let bytes: [UInt8]
    /// A file by name and contents.
    public init(_ name: String, _ bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
  }

  /// Why there is no verdict that says "valid".
  public enum Failure: Error, Sendable {
    /// A rule that the bundle, or what it is checked against, breaks.
    case provenance(ProvenanceError)
    /// The signatures or the envelope.
    case signature(ProofFileError)
    /// The combined manifest, the decisions or the receipt.
    case commitment(CommitmentError, file: String)
    /// The policy or a source manifest.
    case manifest(ManifestError)
    /// Something is not there; the text says what to bring.
    case missing(String)
  }

  /// What was found, and what it rests on.
  public struct Verdict: Sendable {
    /// What was proven.
    public let provenance: VerifiedProvenance
    /// The policy's name and version.
    public let policy: String
    /// What was checked with what, in sentences.
    public let notes: [String]
  }

  /// `combined.commit.json`.
  public var commit: [UInt8]
  /// Its envelope; needed where keys are given.
  public var envelope: [UInt8]?
  /// Who must have signed; without keys nobody's signature is checked, and the verdict says so.
  public var trust: SignerTrust
  /// The policy.
  public var policy: File
  /// The source manifests, to make the decision table again.
  public var sources: [File]
  /// `combined.decisions.jsonl`, where there are no source manifests.
  public var decisions: [UInt8]?
  /// `combined.reviews.jsonl`, to make the decision table again where the registry committed to reviews.
  public var reviews: [UInt8]?
  /// The receipt's head from elsewhere; the bundle must speak of it.
  public var receipt: [UInt8]?
  /// Who asks.
  public var audience: [UInt8] = []
  /// What the asker chose; 32 bytes.
  public var nonce = [UInt8](repeating: 0, count: 32)

  /// The least that a bundle is checked against.
  public init(commit: [UInt8], policy: File, trust: SignerTrust) {
    (self.commit, self.policy, self.trust) = (commit, policy, trust)
    (envelope, sources, decisions, reviews, receipt) = (nil, [], nil, nil, nil)
  }

  /// Checks a bundle against the files.
  ///
  /// - Throws: `Failure`.
  public func verify(_ bytes: [UInt8]) throws(Failure) -> Verdict {
    let bundle: ProvenanceBundle
    do throws(ProvenanceError) { bundle = try ProvenanceBundle(bytes) } catch {
      throw .provenance(error)
    }
    let manifest: VerifiedManifest
    do throws(CommitmentError) { manifest = try VerifiedManifest(commit) } catch {
      throw .commitment(error, file: "the combined manifest")
    }
    let signed = try checkSignature(of: manifest)
    let rules: PolicyFile
    do throws(ManifestError) {
      rules = try PolicyFile.decode(policy.bytes, file: policy.name)
    } catch {
      throw .manifest(error)
    }
    let (table, made) = try table(manifest, rules, bundle.receipt)
    let question = ProvenanceQuestion(
      manifest: manifest,
      policy: rules,
      table: table,
      receipt: try head(),
      audience: audience,
      nonce: nonce
    )
    let found: VerifiedProvenance
    do throws(ProvenanceError) { found = try ProvenanceVerifier.verify(bundle, question) } catch {
      throw .provenance(error)
    }
    return Verdict(
      provenance: found,
      policy: "\(rules.policy.id) \(rules.policy.version)",
      notes: [signed, made, Self.orderNote(bundle.receipt.order)]
    )
  }

  private static func orderNote(_ order: TrainingReceipt.Order) -> String {
    switch order {
    case .committed: "the training order is said to be that of the registry"
    case .seeded(let seed, let fixed):
      "the training order is said to be drawn from seed '\(seed)'; \(fixed.isEmpty ? "nobody says how the seed was fixed" : "the seed was fixed by: \(fixed)")"
    }
  }

  private func checkSignature(of manifest: VerifiedManifest) throws(Failure) -> String {
    guard !trust.keys.isEmpty else {
      return "NO signature: without a key nobody says who made the combined manifest"
    }
    guard let envelope else {
      throw .missing("the envelope combined.commit.dsse.json is not beside the manifest")
    }
    let signed: SignedCommit
    do throws(SignatureError) {
      guard let json = try? JSONParser.parse(envelope) else {
        throw SignatureError.envelope("no JSON")
      }
      signed = SignedCommit(commit: commit, envelope: try DSSEEnvelope(json))
    } catch {
      throw .signature(.signature(error))
    }
    do throws(ProofFileError) { try signed.verify(by: trust, of: manifest) } catch {
      throw .signature(error)
    }
    return
      "the combined manifest is signed by at least \(trust.threshold) of \(trust.keys.count) trusted keys"
  }

  private func head() throws(Failure) -> TrainingReceipt? {
    guard let receipt else { return nil }
    do throws(CommitmentError) {
      return try TrainingReceipt(receipt.last == 0x0A ? Array(receipt.dropLast()) : receipt)
    } catch {
      throw .commitment(error, file: "the receipt")
    }
  }

  /// The decision table: made from source manifests, or the one that the registry committed to.
  private func table(
    _ verified: VerifiedManifest,
    _ rules: PolicyFile,
    _ receipt: TrainingReceipt
  ) throws(Failure) -> (DecisionTable, String) {
    let manifest = verified.manifest
    guard sources.isEmpty else { return try remade(manifest, rules, receipt) }
    guard let decisions else {
      throw .missing(
        "the decisions cannot be checked: bring all \(manifest.sources.count) source manifests, or combined.decisions.jsonl"
      )
    }
    let table: DecisionTable
    do throws(CommitmentError) { table = try DecisionTable(lines: decisions) } catch {
      throw .commitment(error, file: "the decision table")
    }
    guard
      CommittedManifest.Policy(rules, asOf: receipt.asOf, table: table.head) == manifest.policy
    else {
      throw .provenance(
        ProvenanceError(
          "decision table",
          "the registry committed to another policy, day or table than the receipt's; bring all source manifests to make it again"
        )
      )
    }
    return (
      table,
      "the decision table is the one that the registry committed to; bring the source manifests to make it again"
    )
  }

  private func remade(
    _ manifest: CommittedManifest,
    _ rules: PolicyFile,
    _ receipt: TrainingReceipt
  ) throws(Failure) -> (DecisionTable, String) {
    var manifests: [SourceManifest] = []
    let histories = try histories(manifest)
    let digests = Dictionary(
      manifest.sources.map { ($0.id, $0.manifestDigest) },
      uniquingKeysWith: { first, _ in first }
    )
    for file in sources {
      var source: SourceManifest
      do throws(ManifestError) {
        source = try SourceManifest.decode(file.bytes, file: file.name, plugins: nil)
      } catch {
        throw .manifest(error)
      }
      guard digests[source.id] == source.digest else {
        throw .provenance(
          ProvenanceError(
            "decision table",
            "\(file.name) is not the manifest that source '\(source.id)' was committed with"
          )
        )
      }
      source.reviews = histories[source.id] ?? .empty
      manifests.append(source)
    }
    let brought = Set(manifests.map(\.id))
    let missing = manifest.sources.map(\.id).filter { !brought.contains($0) }
    guard missing.isEmpty, manifests.count == manifest.sources.count else {
      throw .missing(
        "bring the manifest of every source once; missing: \(missing.joined(separator: ", "))"
      )
    }
    guard manifest.licenseTableDigest == CommittedManifest.ownLicenseTableDigest,
      manifest.licenseListDigest == CommittedManifest.ownLicenseListDigest
    else {
      throw .provenance(
        ProvenanceError(
          "decision table",
          "the combined manifest names another license list or table than this program has"
        )
      )
    }
    return (
      DecisionTable(manifests: manifests, policy: rules.policy, asOf: receipt.asOf),
      "the decision table was made again from the policy and \(manifests.count) source manifests"
    )
  }
}

extension AuditFiles {
  /// The reviews that the registry committed to: they act in the decision table.
  private func histories(_ manifest: CommittedManifest) throws(Failure) -> [String: ReviewHistory] {
    guard manifest.reviews.count > 0 else { return [:] }
    guard let reviews else {
      throw .missing(
        "the registry committed to \(manifest.reviews.count) reviews, which act in the decision table; bring combined.reviews.jsonl"
      )
    }
    do throws(EpochError) {
      return try EpochContents.histories(EpochContents.reviews(reviews, manifest.reviews))
    } catch {
      throw .provenance(ProvenanceError("decision table", error.description))
    }
  }
}

extension AuditFiles.Failure {
  /// The reason code.
  public var code: String {
    switch self {
    case .provenance(let error): error.rule.rawValue
    case .signature(let error): error.code
    case .commitment(let error, _): error.code
    case .manifest: "bad-manifest"
    case .missing: "missing-file"
    }
  }

  /// One sentence for people; it holds no record content.
  public var sentence: String {
    switch self {
    case .provenance(let error): error.description
    case .signature(let error): error.description
    case .commitment(let error, let file): "\(file): \(error.description)"
    case .manifest(let error): error.description
    case .missing(let text): text
    }
  }
}

extension AuditFiles.Verdict {
  /// The verdict in one line.
  public var headline: String {
    "\(provenance.receipt.count) training examples, all committed in epoch \(provenance.context.epoch) and allowed by policy \(policy); profile \(provenance.profile.name)"
  }

  /// What was shown, what is hidden, what was not shown, what it was checked with, and how secure it is.
  public var lines: [String] {
    let sentences = provenance.sentences(policy: policy)
    let bits = (provenance.securityBits * 10).rounded(.down) / 10
    return ["Shown:"] + sentences.shown.map { "- " + $0 }
      + ["Hidden:"] + sentences.hidden.map { "- " + $0 }
      + ["Not shown:"] + sentences.notShown.map { "- " + $0 }
      + ["Checked with:"] + notes.map { "- " + $0 }
      + [
        "Security: a false bundle passes with a chance of 2^-\(bits) a try; \(provenance.profile.regime.name); Poseidon2's trees \(Int(VerifiedProvenance.treeBits)) bits, conjectured; zero knowledge and soundness by own analysis, not externally reviewed."
      ]
  }
}
