internal import Files
public import Manifests

/// What the store says about a new version of a manifest whose source it holds.
public enum ManifestHistory {
  /// Records below this mean number of words can be guessed one by one.
  private static let shortWordCount: UInt64 = 16

  /// Findings that the manifest alone cannot give.
  ///
  /// `manifest.license-order`: an entry of the committed version is gone, changed or moved; leaves name
  /// entries by position, so that a new version may only append. `manifest.confidential-short`: a
  /// warning for a confidential source of short texts.
  ///
  /// - Throws: `IngestError`.
  public static func findings(
    _ manifest: SourceManifest,
    file: String,
    store: Store
  ) throws(IngestError) -> [ManifestFinding] {
    guard let state = try store.state(of: manifest.id) else { return [] }
    var findings = try licenseOrder(manifest, file: file, state: state, store: store)
    let counts = state.books.counts
    if manifest.confidential, counts.records > 0,
      counts.words / counts.records < shortWordCount
    {
      findings.append(
        ManifestFinding(
          file: file,
          line: 1,
          column: 1,
          code: "manifest.confidential-short",
          field: "confidential",
          sentence:
            "the \(counts.records) records have \(counts.words / counts.records) words on average: who sees the salt of one can guess its text; make one record of several rows, or keep openings to yourself",
          severity: .warning
        )
      )
    }
    return findings
  }

  /// The manifest that was committed last.
  static func committed(_ id: String, _ store: Store) throws(IngestError) -> SourceManifest {
    do {
      let path = FilePaths.join(store.folder(of: id), "source.manifest")
      return try SourceManifest.decode(
        InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1),
        file: path,
        plugins: nil
      )
    } catch {
      throw IngestError(error)
    }
  }

  /// The license entries that a signed epoch holds must begin those of the new version.
  static func licenseOrder(
    _ manifest: SourceManifest,
    file: String,
    state: SourceState,
    store: Store
  ) throws(IngestError) -> [ManifestFinding] {
    guard state.signedEpoch > 0 else { return [] }
    let committed = try committed(manifest.id, store)
    let old = LicenseEntries(committed).entries
    let new = LicenseEntries(manifest).entries
    guard
      let index = old.indices.first(where: {
        $0 >= new.count || new[$0].expression != old[$0].expression
      })
    else { return [] }
    let now = index < new.count ? "now \(new[index].expression)" : "missing now"
    return [
      ManifestFinding(
        file: file,
        line: 1,
        column: 1,
        code: "manifest.license-order",
        field: index == 0 ? "license.concluded" : "overrides",
        sentence:
          "epoch \(state.signedEpoch) committed license entry \(index) as \(old[index].expression), it is \(now); keep the entries in their order, append new ones, and narrow an older match"
      )
    ]
  }
}
