internal import Glibc

/// Questions about paths that the file system answers.
public enum FilePaths {
  /// The folder part of a path.
  public static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last component of a path.
  public static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Two parts with one slash between.
  public static func join(_ folder: String, _ name: String) -> String {
    folder == "." ? name : folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// Whether the path is a folder, links followed.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    // SAFETY: the call fills a structure of ours.
    return unsafe PathText.withPath(path) { unsafe stat($0, &status) } == 0
      && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Size, time of change and inode of a regular file, links followed; `nil` where there is none.
  ///
  /// - Throws: `FileError` for anything that cannot be asked, and for what is no regular file.
  public static func fingerprint(_ path: String) throws(FileError) -> FileFingerprint? {
    var status = stat()
    // SAFETY: the call fills a structure of ours.
    guard unsafe PathText.withPath(path, { unsafe stat($0, &status) }) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw FileError(.stat, path, number: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(.open, path, number: EINVAL) }
    return FileFingerprint(status)
  }

  /// Whether anything has this name.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    // SAFETY: the call fills a structure of ours.
    return unsafe PathText.withPath(path) { unsafe lstat($0, &status) } == 0
  }

  /// The absolute path with every link resolved; `nil` if it does not exist.
  public static func resolved(_ path: String) -> String? {
    // SAFETY: realpath returns a NUL-terminated text that we free after copying it.
    guard let text = unsafe PathText.withPath(path, { unsafe realpath($0, nil) }) else {
      return nil
    }
    defer { unsafe free(text) }
    return unsafe PathText.text(of: Array(UnsafeRawBufferPointer(start: text, count: strlen(text))))
  }

  /// Whether `path`, links resolved, lies in `folder` or below.
  public static func isInside(_ path: String, folder: String) -> Bool {
    guard let path = resolved(path), let folder = resolved(folder) else { return false }
    // Byte by byte: texts that are equal to Unicode may be two folders.
    let (inner, outer) = (PathText.bytes(of: path), PathText.bytes(of: folder))
    let slash = UInt8(ascii: "/")
    return inner == outer || inner.starts(with: outer.last == slash ? outer : outer + [slash])
  }
}
