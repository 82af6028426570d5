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
    guard let path = manifest else {
      throw IngestError(
        .usage,
        "a provenance bundle is checked against a manifest; pass --manifest combined.commit.json"
      )
    }
    let start = ProcessUsage.monotonicSeconds
    let files = try files(beside: path, trust)
    do throws(AuditFiles.Failure) {
      let verdict = try files.verify(bytes)
      let milliseconds = Int(((ProcessUsage.monotonicSeconds - start) * 1000).rounded())
      return Verdict(
        kind: "provenance",
        isAccepted: true,
        code: "ok",
        reason: "\(verdict.headline), \(bytes.count) bytes, \(milliseconds) ms",
        sentences: verdict.lines
      )
    } catch {
      if case .missing(let text) = error { throw IngestError(.usage, text) }
      if case .manifest(let error) = error { throw IngestError(error) }
      return Verdict(
        kind: "provenance",
        isAccepted: false,
        code: error.code,
        reason: error.sentence
      )
    }
  }

  /// Reads what was named, and what lies beside the manifest.
  private func files(beside path: String, _ trust: SignerTrust) throws -> AuditFiles {
    let folder = FilePaths.folder(of: path)
    func contents(_ path: String, _ limit: Int) throws -> [UInt8] {
      try InputFile.contents(of: path, limit: limit)
    }
    func beside(_ name: String, _ limit: Int) throws -> [UInt8]? {
      let path = FilePaths.join(folder, name)
      return FilePaths.exists(path) ? try contents(path, limit) : nil
    }
    let commit = try contents(path, 1 << 28)
    let rules = policy ?? FilePaths.join(folder, "combined.policy")
    guard policy != nil || FilePaths.exists(rules) else {
      throw IngestError(.usage, "the policy is not beside the manifest; pass --policy FILE")
    }
    var files = AuditFiles(
      commit: commit,
      policy: AuditFiles.File(rules, try contents(rules, YAMLReader.sizeLimit + 1)),
      trust: trust
    )
    let name = FilePaths.name(of: path)
    let envelope = name.hasSuffix(".json") ? String(name.dropLast(5)) : name
    files.envelope = try beside(envelope + ".dsse.json", 1 << 24)
    files.decisions = try beside("combined.decisions.jsonl", 1 << 28)
    files.reviews = try beside("combined.reviews.jsonl", 1 << 28)
    files.receipt = try receipt.map { try contents($0, 1 << 20) }
    files.audience = Array(audience.utf8)
    if let nonce = nonce.flatMap(Hex.decode) { files.nonce = nonce }
    var paths = source
    if paths.isEmpty, let verified = try? VerifiedManifest(commit) {
      let stored = verified.manifest.sources.map {
        FilePaths.join(folder, "sources/\($0.id)/source.manifest")
      }
      if stored.allSatisfy({ FilePaths.exists($0) }) { paths = stored }
    }
    files.sources = try paths.map {
      AuditFiles.File($0, try contents($0, YAMLReader.sizeLimit + 1))
    }
    return files
  }
}
