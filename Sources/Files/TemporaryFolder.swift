internal import Glibc

/// A folder of our own that goes away again.
public struct TemporaryFolder: Sendable {
  /// Its path.
  public let path: String

  /// Makes a folder whose name begins so, where the environment wants temporary files.
  ///
  /// - Throws: `FileError`.
  public init(_ name: String) throws(FileError) {
    let place = FilePaths.join(
      environmentValue("TMPDIR") ?? "/tmp",
      name + "." + String(repeating: "X", count: 6)
    )
    var text = Array(place.utf8CString)
    // SAFETY: the text is NUL-terminated, and the call replaces its last six characters.
    let made = unsafe text.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
    }
    guard made else { throw FileError(.open, place, number: errno) }
    path = String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes it with all below, as well as that can be done.
  public func remove() { try? FolderWalk.removeTree(path) }
}
