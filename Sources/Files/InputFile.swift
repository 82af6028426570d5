internal import Glibc

/// What one read gave: bytes, or the end.
///
/// A failure is thrown, and never looks like the end.
public enum ReadResult: Equatable, Sendable {
  /// So many bytes, at least one.
  case bytes(Int)
  /// The file has no byte at this place.
  case end
}

/// The identity of a file's bytes as far as the file system tells without reading them.
public struct FileFingerprint: Hashable, Sendable {
  /// The number of bytes.
  public let byteCount: UInt64
  /// When it was changed last.
  public let modified: Int64
  /// The number of the file in its file system.
  public let inode: UInt64

  /// What the system says about a file.
  init(_ status: stat) {
    byteCount = UInt64(max(0, status.st_size))
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    inode = UInt64(status.st_ino)
  }

  /// A fingerprint as it was kept.
  public init(byteCount: UInt64, modified: Int64, inode: UInt64) {
    (self.byteCount, self.modified, self.inode) = (byteCount, modified, inode)
  }
}

/// A regular file that is only read.
public final class InputFile: ByteSource, @unchecked Sendable {
  // Reads use pread with an offset of the caller: there is no shared position to race on.
  private let descriptor: Int32
  /// The path as it was given.
  public let path: String

  /// Opens a regular file; anything else is refused, so that no read waits on a pipe or a device.
  ///
  /// - Throws: `FileError`.
  public init(_ path: String) throws(FileError) {
    // SAFETY: the path is NUL-terminated for the call.
    descriptor = unsafe PathText.withPath(path) {
      unsafe Glibc.open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }
    guard descriptor >= 0 else { throw FileError(.open, path, number: errno) }
    self.path = path
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw FileError(.stat, path, number: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(.open, path, number: EINVAL) }
  }

  deinit { Glibc.close(descriptor) }

  /// Size, time of change and inode, asked anew.
  public func fingerprint() throws(FileError) -> FileFingerprint {
    var status = stat()
    // SAFETY: the call fills a structure of ours.
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw FileError(.stat, path, number: errno)
    }
    return FileFingerprint(status)
  }

  /// Reads up to the capacity of `buffer[range]` at a byte offset.
  ///
  /// The end is proven by the file's length: a read that gives nothing before it is an error.
  ///
  /// - Throws: `FileError`; EINTR is tried again.
  public func read(
    into buffer: inout [UInt8],
    _ range: Range<Int>,
    at offset: UInt64
  ) throws(FileError) -> ReadResult {
    precondition(range.lowerBound >= 0 && range.upperBound <= buffer.count && !range.isEmpty)
    while true {
      // SAFETY: the range was checked against the buffer, and pread writes at most its length.
      let count = unsafe buffer.withUnsafeMutableBytes { raw in
        unsafe pread(
          descriptor,
          raw.baseAddress?.advanced(by: range.lowerBound),
          range.count,
          off_t(offset)
        )
      }
      if count > 0 { return .bytes(count) }
      if count == 0 {
        guard try offset >= fingerprint().byteCount else {
          throw FileError(.read, path, number: EIO)
        }
        return .end
      }
      if errno != EINTR { throw FileError(.read, path, number: errno) }
    }
  }

  /// The number of bytes, asked anew.
  public func byteCount() throws(FileError) -> UInt64 { try fingerprint().byteCount }

  /// The whole file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: the most bytes that are read.
  /// - Returns: all bytes.
  /// - Throws: `FileError`; EFBIG when the file is larger than `limit`.
  public static func contents(of path: String, limit: Int) throws(FileError) -> [UInt8] {
    let file = try InputFile(path)
    var bytes: [UInt8] = []
    // Room for what the file says it has, within the limit and within reason: it may say anything.
    let stated = (try? file.fingerprint().byteCount) ?? 0
    bytes.reserveCapacity(Int(min(stated, UInt64(max(0, limit)), 1 << 28)))
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case .bytes(let count) = try file.read(
      into: &buffer,
      0..<buffer.count,
      at: UInt64(bytes.count)
    ) {
      guard bytes.count + count <= limit else { throw FileError(.read, path, number: EFBIG) }
      bytes.append(contentsOf: buffer[..<count])
    }
    return bytes
  }
}
