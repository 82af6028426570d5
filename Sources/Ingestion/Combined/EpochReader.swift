public import CanonicalCoding
internal import Files
public import Manifests
internal import Merkle

/// Reads what a store keeps of an epoch: the commit file, and everything that it names.
extension Store {
  private static let partLimit = 1 << 30

  /// Where a version of a source manifest is kept for good.
  func path(ofManifest digest: SHA256Hash) -> String {
    FilePaths.join(folder, "manifests/\(digest.hex).manifest")
  }

  /// Where the decision inputs of a version of a source manifest are kept.
  func path(ofInputs digest: SHA256Hash) -> String {
    FilePaths.join(folder, "manifests/\(digest.hex).inputs")
  }

  /// What a policy asks about the sources of the newest epoch, with their reviews, and the day of the epoch.
  ///
  /// - Throws: `IngestError`: 69 without an epoch, or where a manifest is not at hand.
  public func decisionInputs() throws(IngestError) -> ([DecisionInputs], CivilDate) {
    let latest = try latestEpoch()
    guard latest > 0 else {
      throw IngestError(.unavailable, "no epoch is signed yet; run ingest --source FILE")
    }
    let reviews = try reviews(ofEpoch: latest)
    do {
      let manifest = try VerifiedManifest(signedCommit(ofEpoch: latest).commit).manifest
      let inputs = try manifest.sources.map { source in
        var inputs = try self.inputs(of: source)
        inputs.reviews = reviews[source.id] ?? .empty
        return inputs
      }
      return (inputs, manifest.policy.asOf)
    } catch {
      throw IngestError(error)
    }
  }

  private func inputs(of source: SourceCommitment) throws -> DecisionInputs {
    let path = path(ofInputs: source.manifestFileDigest)
    if FilePaths.exists(path),
      let kept = DecisionInputs(bytes: try InputFile.contents(of: path, limit: Self.partLimit)),
      kept.manifest == source.manifestDigest
    {
      return kept
    }
    guard let path = manifestPath(of: source) else {
      throw IngestError(
        .unavailable,
        "the manifest of source '\(source.id)' is not in the store any more; run ingest --source \(source.id).manifest"
      )
    }
    return DecisionInputs(
      try SourceManifest.decode(
        InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1),
        file: path,
        plugins: nil
      )
    )
  }

  /// Where the license texts of a version of a source manifest are kept.
  func folder(ofTexts digest: SHA256Hash) -> String {
    FilePaths.join(folder, "texts/\(digest.hex)")
  }

  /// An epoch with its parts, each compared with what was committed.
  ///
  /// - Parameters:
  ///   - epoch: the number; `nil` for the newest.
  ///   - other: another epoch, whose manifests need not be read again where they are the same.
  /// - Returns: the epoch.
  /// - Throws: `IngestError`: 69 where there is no such epoch, 65 for a part that is not the committed one.
  public func contents(
    ofEpoch epoch: UInt64? = nil,
    besides other: EpochContents? = nil
  ) throws(IngestError) -> EpochContents {
    let latest = try latestEpoch()
    let number = epoch ?? latest
    guard number > 0, number <= latest else {
      throw IngestError(
        .unavailable,
        latest == 0
          ? "no epoch is signed yet; run ingest --source FILE"
          : "there is no epoch \(number); the newest is \(latest)"
      )
    }
    let signed = try signedCommit(ofEpoch: number)
    let place = self.folder(ofEpoch: number)
    do {
      func part(_ name: String) throws(FileError) -> [UInt8] {
        try InputFile.contents(of: FilePaths.join(place, name), limit: Self.partLimit)
      }
      var parts = EpochContents.Parts(
        commit: signed.commit,
        policy: try part(EpochBuilder.policyName),
        decisions: try part("combined.decisions.jsonl")
      )
      parts.envelope = CanonicalJSON.encode(signed.envelope.json)
      // Epochs of earlier versions kept no file where they had no reviews.
      let hasReviews = FilePaths.exists(FilePaths.join(place, EpochBuilder.reviewsName))
      parts.reviews = hasReviews ? try part(EpochBuilder.reviewsName) : []
      let verified = try VerifiedManifest(signed.commit)
      parts.manifest = verified
      for source in verified.manifest.sources {
        guard let path = manifestPath(of: source) else { continue }
        parts.manifests[source.id] = (
          name: path, bytes: try InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1)
        )
        parts.texts[source.id] = try texts(of: source.manifestDigest)
      }
      return try EpochContents(parts, besides: other)
    } catch let error as EpochError {
      throw IngestError(.badData, "epoch \(number): \(error); restore the store from a copy")
    } catch {
      throw IngestError(error)
    }
  }

  /// The version of a manifest that an epoch names; before versions were kept there is the newest alone.
  private func manifestPath(of source: SourceCommitment) -> String? {
    let kept = path(ofManifest: source.manifestFileDigest)
    if FilePaths.exists(kept) { return kept }
    let newest = FilePaths.join(folder(of: source.id), "source.manifest")
    guard let bytes = try? InputFile.contents(of: newest, limit: YAMLReader.sizeLimit + 1),
      SHA256Hash.of(bytes) == source.manifestFileDigest
    else { return nil }
    return newest
  }

  private func texts(of manifest: SHA256Hash) throws(FileError) -> [String: [UInt8]] {
    let place = folder(ofTexts: manifest)
    guard FilePaths.isFolder(place) else { return [:] }
    var texts: [String: [UInt8]] = [:]
    for entry in try FolderWalk.entries(of: place) {
      let name = String(decoding: entry.name, as: UTF8.self)
      texts[String(name.dropLast(".txt".count))] = try InputFile.contents(
        of: FilePaths.join(place, name),
        limit: SourceRecord.textLimit
      )
    }
    return texts
  }

  /// The reviews that an epoch committed, by source.
  ///
  /// - Throws: `IngestError` 65 when they are not those that were committed.
  public func reviews(ofEpoch epoch: UInt64) throws(IngestError) -> [String: ReviewHistory] {
    let path = FilePaths.join(folder(ofEpoch: epoch), EpochBuilder.reviewsName)
    do {
      let committed = try VerifiedManifest(signedCommit(ofEpoch: epoch).commit).manifest.reviews
      guard committed.count > 0 else { return [:] }
      let lines = try InputFile.contents(of: path, limit: Self.partLimit)
      return try EpochContents.histories(EpochContents.reviews(lines, committed))
    } catch let error as EpochError {
      throw IngestError(.badData, "\(path): \(error); restore the store from a copy")
    } catch {
      throw IngestError(error)
    }
  }
}
