internal import Glibc

/// One entry of a folder.
public struct FolderEntry: Hashable, Sendable {
  /// What it is; links are not followed.
  public enum Kind: Sendable {
    case file, folder, link, special
  }

  /// The bytes of the name; most are UTF-8, none need be.
  public let name: [UInt8]
  /// What it is.
  public let kind: Kind
}

/// Lists folders in the order of the names' bytes, never in that of the file system.
public enum FolderWalk {
  /// The entries of a folder, `.` and `..` left out.
  public static func entries(of folder: String) throws(FileError) -> [FolderEntry] {
    guard let handle = unsafe PathText.withPath(folder, { unsafe opendir($0) }) else {
      throw FileError(.list, folder, number: errno)
    }
    defer { unsafe closedir(handle) }
    var found: [FolderEntry] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(handle) else {
        guard errno == 0 else { throw FileError(.list, folder, number: errno) }
        break
      }
      // SAFETY: d_name is a NUL-terminated text inside the entry, copied before the next readdir.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
          unsafe Array(UnsafeBufferPointer(start: bytes, count: strlen(bytes)))
        }
      }
      if name == [0x2E] || name == [0x2E, 0x2E] { continue }
      // The file system says what an entry is, or that it has to be asked.
      let known: FolderEntry.Kind? =
        switch unsafe Int(entry.pointee.d_type) {
        case Int(DT_REG): .file
        case Int(DT_DIR): .folder
        case Int(DT_LNK): .link
        case Int(DT_UNKNOWN): nil
        default: .special
        }
      found.append(FolderEntry(name: name, kind: known ?? kind(folder, name)))
    }
    return found.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  private static func kind(_ folder: String, _ name: [UInt8]) -> FolderEntry.Kind {
    var status = stat()
    let path = FilePaths.join(folder, PathText.text(of: name))
    // SAFETY: the call fills a structure of ours.
    guard unsafe PathText.withPath(path, { unsafe lstat($0, &status) }) == 0 else {
      return .special
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK: return .link
    default: return .special
    }
  }

  /// Removes a folder with all it holds; links are removed, not followed.
  public static func removeTree(_ folder: String) throws(FileError) {
    for entry in try entries(of: folder) {
      let path = FilePaths.join(folder, PathText.text(of: entry.name))
      if entry.kind == .folder { try removeTree(path) } else { try DurableFile.remove(path) }
    }
    // SAFETY: the path is NUL-terminated for the call.
    guard unsafe PathText.withPath(folder, { unsafe rmdir($0) }) == 0 else {
      throw FileError(.remove, folder, number: errno)
    }
  }
}
