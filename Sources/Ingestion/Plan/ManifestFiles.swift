internal import CanonicalCoding
internal import Crypto
public import Files
public import Manifests

/// Checks the documents that a manifest names against its digests.
public enum ManifestFiles {
  /// Findings for documents that leave the folder, are missing or have another digest.
  ///
  /// A document with an address instead of a path is not looked for; one that is not at hand is no
  /// error unless it is a license text.
  ///
  /// - Throws: `FileError` for a document that is there and cannot be read: that is no fault of the manifest.
  public static func check(_ manifest: SourceManifest, folder: String) throws(FileError)
    -> [ManifestFinding]
  {
    var findings: [ManifestFinding] = []
    for document in manifest.documents where !document.uri.contains("://") {
      let path = FilePaths.join(folder, document.uri)
      let isText = document.field.hasPrefix("license.texts")
      guard FilePaths.exists(path) else {
        if isText {
          findings.append(
            finding(
              manifest,
              "license-text-missing",
              document.field,
              "'\(document.uri)' does not exist",
              document.position
            )
          )
        }
        continue
      }
      guard FilePaths.isInside(path, folder: folder) else {
        findings.append(
          finding(
            manifest,
            "path",
            document.field,
            "'\(document.uri)' leads out of the manifest's folder",
            document.position
          )
        )
        continue
      }
      guard let expected = document.sha256 else { continue }
      let actual = try digest(of: path)
      if actual != expected {
        findings.append(
          finding(
            manifest,
            "digest-differs",
            document.field,
            "'\(document.uri)' has the digest \(actual); mend the manifest or the file",
            document.position
          )
        )
      }
    }
    return findings
  }

  static func finding(
    _ manifest: SourceManifest,
    _ code: String,
    _ field: String,
    _ sentence: String,
    _ position: SourcePosition = SourcePosition(line: 1, column: 1)
  ) -> ManifestFinding {
    ManifestFinding(
      file: manifest.file,
      line: position.line,
      column: position.column,
      code: "manifest.\(code)",
      field: field,
      sentence: sentence
    )
  }

  /// SHA-256 of a file, read in pieces.
  static func digest(of path: String) throws(FileError) -> String {
    let file = try InputFile(path)
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var offset: UInt64 = 0
    while case .bytes(let count) = try file.read(into: &buffer, 0..<buffer.count, at: offset) {
      hash.update(data: buffer[..<count])
      offset += UInt64(count)
    }
    return Hex.encode(hash.finalize())
  }
}
