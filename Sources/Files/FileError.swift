internal import Glibc

/// A system call on a file that failed, with the file and the operation.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was attempted.
  public enum Operation: String, Sendable {
    case open, read, write, sync, close, rename, remove, list, stat, lock, makeFolder =
      "make folder"
  }

  /// What was attempted.
  public let operation: Operation
  /// The path.
  public let path: String
  /// The value of errno.
  public let number: Int32

  /// A failure of an operation on a path.
  public init(_ operation: Operation, _ path: String, number: Int32) {
    (self.operation, self.path, self.number) = (operation, path, number)
  }

  /// Whether the file is simply not there.
  public var isMissing: Bool { number == ENOENT }
  /// Whether somebody else holds the lock.
  public var isLocked: Bool { operation == .lock && number == EWOULDBLOCK }

  /// One sentence for people; it holds no record content.
  public var description: String {
    // SAFETY: strerror returns a NUL-terminated text that is copied at once.
    let reason = unsafe String(cString: strerror(number))
    return "\(path): cannot \(operation.rawValue): \(reason)"
  }
}
