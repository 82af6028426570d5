internal import Glibc

/// Reads standard input.
public enum InputStreamReader {
  /// Everything up to the end.
  ///
  /// - Throws: `FileError`; EFBIG beyond `limit`.
  public static func all(limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // SAFETY: read writes at most the length of the buffer.
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
      }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(.read, "standard input", number: errno)
      }
      guard bytes.count + count <= limit else {
        throw FileError(.read, "standard input", number: EFBIG)
      }
      bytes.append(contentsOf: buffer[..<count])
    }
  }
}
