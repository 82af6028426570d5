internal import Glibc

/// Bytes to an open file or to standard output: all of them, or an error.
public enum FileOutput {
  /// Writes to standard output.
  ///
  /// - Throws: `FileError`, also when the disk behind it is full: what was not written must not look as if it were.
  public static func writeToStandardOutput(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    try writeAll(bytes, STDOUT_FILENO, "standard output")
  }

  /// Writes all bytes; EINTR is tried again.
  static func writeAll(
    _ bytes: ArraySlice<UInt8>,
    _ descriptor: Int32,
    _ path: String
  ) throws(FileError) {
    var offset = 0
    while offset < bytes.count {
      // SAFETY: the offset stays inside the slice, and write reads at most what is left.
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
}
