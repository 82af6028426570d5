internal import CanonicalCoding
internal import Exports
internal import Files
internal import Ingestion
internal import Manifests

/// A folder of exports with what they were made from: written by `ingest export --all`, read by `ingest verify`.
enum PublishedFolder {
  static let profileName = "summary.profile"
  private static let sizeLimit = 1 << 30

  /// The files beside the exports that a reader needs to make them again.
  static func parts(
    of contents: EpochContents,
    profile: ExportProfile?,
    withConfidential: Bool
  ) -> [(name: String, bytes: [UInt8])] {
    var files = [
      ("combined.commit.json", contents.bytes), ("combined.policy", contents.policy.bytes),
    ]
    // What somebody wrote about a confidential source is as confidential as its manifest.
    let confidential = Set(contents.sources.map(\.commitment).filter(\.confidential).map(\.id))
    if withConfidential || !contents.reviews.contains(where: { confidential.contains($0.source) }) {
      files.append(
        ("combined.reviews.jsonl", Array(contents.reviews.map { $0.bytes + [0x0A] }.joined()))
      )
    }
    if let profile { files.append((profileName, profile.bytes)) }
    for source in contents.sources {
      guard let manifest = source.manifest, withConfidential || !source.commitment.confidential
      else { continue }
      let id = source.commitment.id
      files.append(("sources/\(id)/source.manifest", manifest.fileBytes))
      for (name, text) in source.texts.sorted(by: { $0.key < $1.key }) {
        files.append(("sources/\(id)/texts/\(name).txt", text))
      }
    }
    return files
  }

  /// The epoch of a folder.
  static func contents(of folder: String) throws -> EpochContents {
    let path = FilePaths.join(folder, "combined.commit.json")
    let commit = try InputFile.contents(of: path, limit: sizeLimit)
    let parts = try parts(folder, commit, VerifiedManifest(commit))
    guard let parts else {
      throw IngestError(
        .unavailable,
        "\(folder): combined.policy or combined.decisions.jsonl is not there; ingest export --all writes them"
      )
    }
    return try EpochContents(parts)
  }

  /// What was found about a folder.
  static func verdict(_ folder: String, trust: SignerTrust) throws -> Verdict {
    let path = FilePaths.join(folder, "combined.commit.json")
    guard FilePaths.exists(path) else {
      return refused("commit-missing", "\(path) is not there; exports are compared with it")
    }
    let commit = try InputFile.contents(of: path, limit: sizeLimit)
    let manifest: VerifiedManifest
    do throws(CommitmentError) { manifest = try VerifiedManifest(commit) } catch {
      return refused(error.code, "combined.commit.json: \(error)")
    }
    var files: [String: [UInt8]] = [:]
    for name in ExportFormat.allCases.flatMap(\.fileNames) {
      let path = FilePaths.join(folder, name)
      if FilePaths.exists(path) { files[name] = try InputFile.contents(of: path, limit: sizeLimit) }
    }
    guard !files.isEmpty else {
      return refused("exports-missing", "there is no export beside the commit file")
    }
    var signed = "nobody's signature was checked; pass --key FILE"
    if !trust.keys.isEmpty {
      do {
        try checkSignature(files, commit, manifest, trust)
        signed = "signed by at least \(trust.threshold) of \(trust.keys.count) trusted keys"
      } catch let error as ProofFileError {
        return refused(error.code, error.description)
      } catch let error as SignatureError {
        return refused(error.code, error.description)
      }
    }
    let (epoch, missing) = try contents(folder, commit, manifest)
    let outcome = ExportCheck.run(
      files,
      manifest: manifest,
      commit: commit,
      epoch: epoch,
      // Keys that lie in the folder are those of whoever made it: they count only where nobody brought others.
      keys: trust.keys.isEmpty ? try keys(folder) : trust.keys
    )
    var verdict = Verdict(
      kind: "exports",
      isAccepted: outcome.findings.isEmpty,
      code: outcome.findings.first?.code ?? "ok",
      reason: outcome.findings.isEmpty
        ? "\(outcome.checked.count) exports agree with the commitment of epoch \(manifest.manifest.epoch), \(outcome.remade.count) of them byte for byte; \(signed)"
        : "\(outcome.findings.count) places of \(outcome.checked.count) exports are not what was committed"
    )
    verdict.sentences = outcome.findings.map(\.description)
    if let missing { verdict.sentences.append("not made again: \(missing)") }
    return verdict
  }

  private static func refused(_ code: String, _ reason: String) -> Verdict {
    Verdict(kind: "exports", isAccepted: false, code: code, reason: reason)
  }

  private static func checkSignature(
    _ files: [String: [UInt8]],
    _ commit: [UInt8],
    _ manifest: VerifiedManifest,
    _ trust: SignerTrust
  ) throws {
    guard let bytes = files["combined.commit.dsse.json"], let json = try? JSONParser.parse(bytes)
    else { throw SignatureError.envelope("combined.commit.dsse.json is missing, or no JSON") }
    try SignedCommit(commit: commit, envelope: DSSEEnvelope(json)).verify(by: trust, of: manifest)
  }

  /// The public keys that lie in the folder.
  private static func keys(_ folder: String) throws -> [PublicKey] {
    let place = FilePaths.join(folder, "keys")
    guard FilePaths.isFolder(place) else { return [] }
    return try FolderWalk.entries(of: place).compactMap { entry in
      let path = FilePaths.join(place, String(decoding: entry.name, as: UTF8.self))
      return PublicKey(
        pem: String(decoding: try InputFile.contents(of: path, limit: 1 << 14), as: UTF8.self)
      )
    }
  }

  /// Everything that the exports were made from, or why it is not at hand.
  private static func contents(
    _ folder: String,
    _ commit: [UInt8],
    _ manifest: VerifiedManifest
  ) throws -> (ExportedEpoch?, missing: String?) {
    guard let parts = try parts(folder, commit, manifest) else {
      return (nil, "combined.policy or combined.decisions.jsonl is not in the folder")
    }
    for source in manifest.manifest.sources where parts.manifests[source.id] == nil {
      return (nil, "the manifest of source '\(source.id)' is not in the folder")
    }
    guard parts.reviews != nil || manifest.manifest.reviews.count == 0 else {
      return (nil, "combined.reviews.jsonl is not in the folder")
    }
    let path = FilePaths.join(folder, profileName)
    let profile =
      FilePaths.exists(path)
      ? try ExportProfile.decode(
        InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1),
        file: path
      ) : nil
    do {
      return (try ExportedEpoch(EpochContents(parts), profile: profile), nil)
    } catch {
      return (nil, "\(error)")
    }
  }

  /// The parts of an epoch that lie in a folder; `nil` where one that is always needed does not.
  private static func parts(
    _ folder: String,
    _ commit: [UInt8],
    _ manifest: VerifiedManifest
  ) throws -> EpochContents.Parts? {
    func part(_ name: String) throws -> [UInt8]? {
      let path = FilePaths.join(folder, name)
      return FilePaths.exists(path) ? try InputFile.contents(of: path, limit: sizeLimit) : nil
    }
    guard let policy = try part("combined.policy"),
      let decisions = try part("combined.decisions.jsonl")
    else { return nil }
    var parts = EpochContents.Parts(commit: commit, policy: policy, decisions: decisions)
    parts.envelope = try part("combined.commit.dsse.json")
    parts.reviews = try part("combined.reviews.jsonl")
    for source in manifest.manifest.sources {
      let name = "sources/\(source.id)/source.manifest"
      guard let bytes = try part(name) else { continue }
      parts.manifests[source.id] = (name, bytes)
      let texts = FilePaths.join(folder, "sources/\(source.id)/texts")
      guard FilePaths.isFolder(texts) else { continue }
      for entry in try FolderWalk.entries(of: texts) {
        let file = String(decoding: entry.name, as: UTF8.self)
        parts.texts[source.id, default: [:]][String(file.dropLast(".txt".count))] =
          try InputFile.contents(of: FilePaths.join(texts, file), limit: sizeLimit)
      }
    }
    return parts
  }
}
