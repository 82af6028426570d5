internal import Glibc

/// A file that grows at its end: the scratch space of work that is too large for memory.
///
/// Nothing here is durable before `sync`; whoever needs a file whole or not at all uses `DurableFile`.
@safe
public final class AppendedFile {
  private let descriptor: Int32
  /// The path.
  public let path: String
  /// The number of bytes so far.
  public private(set) var byteCount: UInt64 = 0

  /// An empty file of that name, mode 0600; what stood there is gone.
  ///
  /// - Throws: `FileError`.
  public init(_ path: String) throws(FileError) {
    self.path = path
    // SAFETY: the path is NUL-terminated for the call.
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
    descriptor = unsafe Glibc.open(path, flags, mode_t(0o600))
    guard descriptor >= 0 else { throw FileError(.open, path, number: errno) }
  }

  /// A file that is there already, cut off behind its first bytes; a shorter one is an error.
  ///
  /// - Throws: `FileError`.
  public init(_ path: String, keeping byteCount: UInt64) throws(FileError) {
    self.path = path
    // SAFETY: the path is NUL-terminated for the call.
    descriptor = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.open, path, number: errno) }
    guard ftruncate(descriptor, off_t(byteCount)) == 0,
      lseek(descriptor, off_t(byteCount), SEEK_SET) >= 0
    else { throw FileError(.write, path, number: errno) }
    self.byteCount = byteCount
  }

  deinit { Glibc.close(descriptor) }

  /// Appends all bytes.
  public func append(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    try FileOutput.writeAll(bytes, to: descriptor, named: path)
    byteCount += UInt64(bytes.count)
  }

  /// Makes what was appended durable.
  public func sync() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(.sync, path, number: errno) }
  }
}
