internal import CPlatform
internal import Glibc

/// Files that are there whole or not at all, and stay there through a power cut.
public enum DurableFile {
  /// Writes a file under a temporary name, syncs it, renames it into place and syncs the folder.
  ///
  /// An existing file of that name is replaced in one step. Any failure leaves the old state, and is
  /// thrown: after a failed sync nothing may be retried in this process.
  ///
  /// - Parameters:
  ///   - bytes: the contents.
  ///   - path: the name.
  ///   - mode: the permissions.
  ///   - isNew: whether a file of that name is an error instead (`EEXIST`).
  /// - Throws: `FileError` for the first call that failed, `close` included.
  public static func write(
    _ bytes: [UInt8],
    to path: String,
    mode: UInt32 = 0o644,
    isNew: Bool = false
  ) throws(FileError) {
    let temporary = path + ".tmp"
    try create(temporary, bytes, mode: mode, isSynced: true)
    if isNew {
      // A link, unlike a rename, never takes the place of a file.
      // SAFETY: both paths are NUL-terminated for the calls.
      let status = unsafe link(temporary, path)
      let number = errno
      unsafe unlink(temporary)
      guard status == 0 else { throw FileError(.open, path, number: number) }
    } else {
      // SAFETY: both paths are NUL-terminated for the call.
      guard unsafe Glibc.rename(temporary, path) == 0 else {
        throw FileError(.rename, path, number: errno)
      }
    }
    try syncFolder(of: path)
  }

  /// Writes a file that can be made again: whole or not at all, and not waited for.
  ///
  /// - Throws: `FileError`.
  public static func writeReplaceable(_ bytes: [UInt8], to path: String) throws(FileError) {
    let temporary = path + ".tmp"
    try create(temporary, bytes, mode: 0o644, isSynced: false)
    // SAFETY: both paths are NUL-terminated for the call.
    guard unsafe Glibc.rename(temporary, path) == 0 else {
      throw FileError(.rename, path, number: errno)
    }
  }

  /// Gives a durable file a name that no file has yet.
  ///
  /// Where one has it already, that one stays. The old name is gone either way.
  public static func claim(_ path: String, with own: String) throws(FileError) {
    // SAFETY: both paths are NUL-terminated for the calls.
    let status = unsafe link(own, path)
    let number = errno
    unsafe unlink(own)
    guard status == 0 || number == EEXIST else { throw FileError(.rename, path, number: number) }
    try syncFolder(of: path)
  }

  /// Gives a file that is durable already its name, in one step.
  public static func rename(_ path: String, to other: String) throws(FileError) {
    // SAFETY: both paths are NUL-terminated for the call.
    guard unsafe Glibc.rename(path, other) == 0 else {
      throw FileError(.rename, other, number: errno)
    }
    try syncFolder(of: other)
  }

  /// The bytes of a new file, in a file of that name; what stood there is removed before.
  fileprivate static func create(
    _ path: String,
    _ bytes: [UInt8],
    mode: UInt32,
    isSynced: Bool
  ) throws(FileError) {
    // SAFETY: the path is NUL-terminated for the call.
    unsafe unlink(path)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    let descriptor = unsafe Glibc.open(path, flags, mode_t(mode))
    guard descriptor >= 0 else { throw FileError(.open, path, number: errno) }
    do throws(FileError) {
      try FileOutput.writeAll(bytes[...], to: descriptor, named: path)
      if isSynced {
        guard fsync(descriptor) == 0 else { throw FileError(.sync, path, number: errno) }
      }
    } catch {
      Glibc.close(descriptor)
      unsafe unlink(path)
      throw error
    }
    guard Glibc.close(descriptor) == 0 else { throw FileError(.close, path, number: errno) }
  }

  /// Makes the entries of a file's folder durable.
  public static func syncFolder(of path: String) throws(FileError) {
    let folder = FilePaths.folder(of: path)
    // SAFETY: the path is NUL-terminated for the call.
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
    // SAFETY: the path is NUL-terminated for the call.
    guard unsafe mkdir(path, mode_t(mode)) == 0 || errno == EEXIST else {
      throw FileError(.makeFolder, path, number: errno)
    }
    try syncFolder(of: path)
  }

  /// Removes a file; one that is not there is removed already.
  public static func remove(_ path: String) throws(FileError) {
    // SAFETY: the path is NUL-terminated for the call.
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw FileError(.remove, path, number: errno)
    }
  }
}

/// Many small files that never change, made durable together: all are written under temporary names,
/// the file system is synced once, then all are renamed.
///
/// A sync for every file of 8 KiB was a tenth of the CPU time of a scan of small records.
public struct DurableFileSet: Sendable {
  private let folder: String
  private var pending: [String] = []
  private var folders: Set<String> = []

  /// A set of files below a folder.
  public init(folder: String) { self.folder = folder }

  /// Adds a file; one that is there already must have the same bytes.
  ///
  /// - Returns: false if a file with other bytes stands there.
  public mutating func add(_ bytes: [UInt8], at path: String) throws(FileError) -> Bool {
    do throws(FileError) {
      return try InputFile.contents(of: path, limit: bytes.count + 1) == bytes
    } catch {
      guard error.isMissing else { return false }
    }
    let parent = FilePaths.folder(of: path)
    if folders.insert(parent).inserted { try DurableFile.makeFolder(parent) }
    try DurableFile.create(path + ".tmp", bytes, mode: 0o644, isSynced: false)
    pending.append(path)
    return true
  }

  /// Makes all files durable under their names.
  public mutating func commit() throws(FileError) {
    guard !pending.isEmpty else { return }
    // SAFETY: the path is NUL-terminated for the call.
    let descriptor = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.open, folder, number: errno) }
    defer { Glibc.close(descriptor) }
    guard ingest_syncfs(descriptor) == 0 else { throw FileError(.sync, folder, number: errno) }
    for path in pending {
      guard unsafe Glibc.rename(path + ".tmp", path) == 0 else {
        throw FileError(.rename, path, number: errno)
      }
    }
    for folder in folders.sorted() {
      try DurableFile.syncFolder(of: FilePaths.join(folder, "file"))
    }
    pending.removeAll()
  }
}
