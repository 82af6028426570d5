internal import Glibc

/// Files that are there whole or not at all, and stay there through a power cut.
public enum DurableFile {
  /// Writes a file under a temporary name, syncs it, renames it into place and syncs the folder.
  ///
  /// An existing file of that name is replaced in one step. Any failure leaves the old state, and is
  /// thrown: after a failed sync nothing may be retried in this process.
  ///
  /// - Throws: `FileError` for the first call that failed, `close` included.
  ///
  /// - Parameter syncsFolder: false for one of many files of a folder, which the caller syncs once.
  public static func write(
    _ bytes: [UInt8],
    to path: String,
    mode: UInt32 = 0o644,
    syncsFolder: Bool = true
  ) throws(FileError) {
    let temporary = path + ".tmp"
    unsafe unlink(temporary)
    let descriptor = unsafe Glibc.open(
      temporary,
      O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
      mode_t(mode)
    )
    guard descriptor >= 0 else { throw FileError(.open, temporary, number: errno) }
    do throws(FileError) {
      try writeAll(bytes, descriptor, temporary)
      guard fsync(descriptor) == 0 else { throw FileError(.sync, temporary, number: errno) }
    } catch {
      Glibc.close(descriptor)
      unsafe unlink(temporary)
      throw error
    }
    guard Glibc.close(descriptor) == 0 else { throw FileError(.close, temporary, number: errno) }
    guard unsafe rename(temporary, path) == 0 else { throw FileError(.rename, path, number: errno) }
    if syncsFolder { try syncFolder(of: path) }
  }

  /// Writes a file that never changes: if it is there, its bytes must be the same.
  ///
  /// - Returns: false if a file with other bytes stands there.
  public static func writeOnce(
    _ bytes: [UInt8],
    to path: String,
    syncsFolder: Bool = true
  ) throws(FileError) -> Bool {
    do throws(FileError) {
      return try InputFile.contents(of: path, limit: bytes.count + 1) == bytes
    } catch {
      guard error.isMissing else { return false }
    }
    try write(bytes, to: path, syncsFolder: syncsFolder)
    return true
  }

  private static func writeAll(_ bytes: [UInt8], _ descriptor: Int32, _ path: String)
    throws(FileError)
  {
    var offset = 0
    while offset < bytes.count {
      // SAFETY: the offset stays inside the array, and write reads at most what is left.
      let count = unsafe bytes.withUnsafeBytes { raw in
        unsafe Glibc.write(descriptor, raw.baseAddress?.advanced(by: offset), raw.count - offset)
      }
      if count > 0 {
        offset += count
      } else if errno != EINTR {
        throw FileError(.write, path, number: errno)
      }
    }
  }

  /// Makes the entries of a file's folder durable.
  public static func syncFolder(of path: String) throws(FileError) {
    let folder = FilePaths.folder(of: path)
    let descriptor = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.open, folder, number: errno) }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(.sync, folder, number: errno) }
  }

  /// Makes a folder with all that lead to it, each durable.
  public static func makeFolder(_ path: String, mode: UInt32 = 0o755) throws(FileError) {
    if FilePaths.isFolder(path) { return }
    let parent = FilePaths.folder(of: path)
    if parent != path { try makeFolder(parent) }
    guard unsafe mkdir(path, mode_t(mode)) == 0 || errno == EEXIST else {
      throw FileError(.makeFolder, path, number: errno)
    }
    try syncFolder(of: path)
  }

  /// Removes a file; one that is not there is removed already.
  public static func remove(_ path: String) throws(FileError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw FileError(.remove, path, number: errno)
    }
  }
}
