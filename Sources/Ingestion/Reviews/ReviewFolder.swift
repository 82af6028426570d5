internal import Files
public import Manifests
internal import Merkle

/// The signed reviews of a source, as they lie beside its manifest: `reviews/SOURCE/N.review.dsse.json`.
///
/// `reviews/registry.signers` says who may sign. Files are only added.
public struct ReviewFolder: Sendable {
  /// The list of signers, below the manifest's folder.
  public static let signersName = "reviews/registry.signers"
  private static let sizeLimit = 1 << 20
  private static let countLimit = 10_000

  /// The folder.
  public let path: String
  /// Reviews that count, checked.
  public let history: ReviewHistory
  /// The last review, where signatures are missing still.
  public let pending: ReviewFile?
  /// Who signed each review of the history.
  public let signers: [[String]]

  /// The folder of a source's reviews.
  public static func path(of source: String, manifestPath: String) -> String {
    FilePaths.join(FilePaths.folder(of: manifestPath), "reviews/\(source)")
  }

  /// The list of signers beside a manifest.
  ///
  /// - Throws: `IngestError` 78 when there is none, or it is wrong.
  public static func signers(beside manifestPath: String) throws(IngestError) -> SignerList {
    try signers(FilePaths.join(FilePaths.folder(of: manifestPath), signersName))
  }

  /// Reads a list of signers with the keys that it names.
  ///
  /// - Throws: `IngestError` 78.
  public static func signers(_ path: String) throws(IngestError) -> SignerList {
    let folder = FilePaths.folder(of: path)
    do {
      let bytes = try InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1)
      return try SignerList.decode(bytes, file: path) { name in
        let key = FilePaths.join(folder, name)
        guard FilePaths.isInside(key, folder: folder),
          let bytes = try? InputFile.contents(of: key, limit: 1 << 14)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
      }
    } catch let error as FileError where error.isMissing {
      throw IngestError(
        .badManifest,
        "\(path): there is no list of signers, so that nobody may review; docs/formats.md shows one"
      )
    } catch {
      throw IngestError(error)
    }
  }

  /// Reads the reviews of a source; `nil` where there is no folder of reviews at all.
  ///
  /// - Throws: `IngestError` 78 for a review that is wrong, of a key that may not sign, missing in between, or forked.
  public static func load(
    _ source: String,
    manifestPath: String
  ) throws(IngestError) -> ReviewFolder? {
    let path = path(of: source, manifestPath: manifestPath)
    guard FilePaths.isFolder(path) else { return nil }
    return try ReviewFolder(path, source: source, signers(beside: manifestPath))
  }

  private init(_ path: String, source: String, _ list: SignerList) throws(IngestError) {
    self.path = path
    var history = ReviewHistory.empty
    var names: [[String]] = []
    var pending: ReviewFile?
    for (sequence, file) in try Self.files(path) {
      func refuse(_ reason: String) -> IngestError {
        IngestError(.badManifest, "\(file): \(reason)")
      }
      if let open = pending {
        throw refuse(
          "review-chain: review \(open.review.sequence) before it still lacks signatures; add them: ingest review sign"
        )
      }
      let bytes: [UInt8]
      do throws(FileError) {
        bytes = try InputFile.contents(of: file, limit: Self.sizeLimit)
      } catch {
        throw IngestError(error)
      }
      do throws(ReviewError) {
        let review = try ReviewFile(bytes)
        guard review.review.source == source else {
          throw ReviewError.otherSource(review.review.source)
        }
        guard review.review.sequence == sequence else {
          throw ReviewError.chain(
            "the file is named \(sequence) and holds review \(review.review.sequence)"
          )
        }
        let next = try history.adding(review.review)
        if let signed = try review.signers(list) {
          history = next
          names.append(signed)
        } else {
          pending = review
        }
      } catch {
        throw refuse(error.description)
      }
    }
    (self.history, self.pending, signers) = (history, pending, names)
  }

  /// The review files of a folder in their order, without a gap.
  private static func files(_ folder: String) throws(IngestError) -> [(UInt64, String)] {
    var found: [(UInt64, String)] = []
    let names: [String]
    do throws(FileError) {
      names = try FolderWalk.entries(of: folder).map { String(decoding: $0.name, as: UTF8.self) }
    } catch {
      throw IngestError(error)
    }
    for name in names {
      let path = FilePaths.join(folder, name)
      guard let number = UInt64(name.prefix { $0 != "." }),
        name == ReviewFile.name(sequence: number)
      else {
        throw IngestError(
          .badManifest,
          "\(path): review-chain: no review has this name; the folder holds N.review.dsse.json alone"
        )
      }
      found.append((number, path))
    }
    found.sort { $0.0 < $1.0 }
    guard found.count <= countLimit else {
      throw IngestError(.badManifest, "\(folder): review-chain: more than \(countLimit) reviews")
    }
    for (place, entry) in found.enumerated() where entry.0 != UInt64(place) + 1 {
      throw IngestError(
        .badManifest,
        "\(folder): review-chain: \(ReviewFile.name(sequence: UInt64(place) + 1)) is missing before \(entry.1)"
      )
    }
    return found
  }
}
