internal import Glibc

/// Bytes to an open file or to standard output: all of them, or an error.
public enum FileOutput {
  /// Writes to standard output.
  ///
  /// - Throws: `FileError`, also when the disk behind it is full: what was not written must not look as if it were.
  public static func writeToStandardOutput(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    try writeAll(bytes, to: STDOUT_FILENO, named: "standard output")
  }

  /// Writes a sentence to standard error, as well as that can be done.
  public static func complain(_ sentence: String) {
    try? writeAll(Array((sentence + "\n").utf8)[...], to: STDERR_FILENO, named: "standard error")
  }

  /// Writes all bytes; EINTR is tried again.
  ///
  /// - Parameters:
  ///   - bytes: what is written.
  ///   - descriptor: an open file.
  ///   - path: its name, for errors.
  /// - Throws: `FileError`.
  public static func writeAll(
    _ bytes: ArraySlice<UInt8>,
    to descriptor: Int32,
    named path: String
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
