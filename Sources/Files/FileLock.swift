internal import Glibc

/// An advisory lock on a file, held until the value goes away.
public final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock without waiting.
  ///
  /// - Throws: `FileError`; `isLocked` says that another process holds it.
  public init(_ path: String) throws(FileError) {
    // SAFETY: the path is NUL-terminated for the call.
    let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError(.open, path, number: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      Glibc.close(descriptor)
      throw FileError(.lock, path, number: number)
    }
    self.descriptor = descriptor
  }

  deinit { Glibc.close(descriptor) }
}
