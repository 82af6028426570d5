internal import Files
internal import Manifests

/// The signed exclusions of a source, as they lie beside its manifest: `exclusions/SOURCE/N.exclusion.dsse.json`.
enum ExclusionFolder {
  private static let sizeLimit = 1 << 20
  private static let countLimit = 1_000_000

  /// The folder of a source's exclusions.
  static func path(of source: String, manifestPath: String) -> String {
    FilePaths.join(FilePaths.folder(of: manifestPath), "exclusions/\(source)")
  }

  /// The exclusions in their order; none where there is no folder.
  ///
  /// - Throws: `IngestError` 78 for a file that is wrong, missing in between, or forked.
  static func load(_ source: String, manifestPath: String) throws(IngestError) -> [ExclusionFile] {
    let folder = path(of: source, manifestPath: manifestPath)
    guard FilePaths.isFolder(folder) else { return [] }
    var found: [ExclusionFile] = []
    while found.count < countLimit {
      let file = FilePaths.join(folder, ExclusionFile.name(sequence: UInt64(found.count) + 1))
      guard FilePaths.exists(file) else { break }
      let bytes: [UInt8]
      do throws(FileError) {
        bytes = try InputFile.contents(of: file, limit: sizeLimit)
      } catch {
        throw IngestError(error)
      }
      do throws(ReviewError) {
        let exclusion = try ExclusionFile(bytes)
        guard exclusion.exclusion.source == source else {
          throw ReviewError.otherSource(exclusion.exclusion.source)
        }
        found.append(exclusion)
      } catch {
        throw IngestError(.badManifest, "\(file): \(error)")
      }
    }
    do {
      try ExclusionFile.check(found.map(\.exclusion))
      let count = try FolderWalk.entries(of: folder).count
      guard count == found.count else {
        throw IngestError(
          .badManifest,
          "\(folder): review-chain: \(ExclusionFile.name(sequence: UInt64(found.count) + 1)) is missing, or a file has another name"
        )
      }
    } catch let error as ReviewError {
      throw IngestError(.badManifest, "\(folder): \(error)")
    } catch {
      throw IngestError(error)
    }
    return found
  }
}
