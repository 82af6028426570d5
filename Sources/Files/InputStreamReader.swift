internal import Glibc

/// Reads standard input.
public enum InputStreamReader {
  /// Everything up to the end.
  ///
  /// - Throws: `FileError`; EFBIG beyond `limit`.
  public static func all(limit: Int) throws(FileError) -> [UInt8] {
    try all(of: STDIN_FILENO, limit: limit)
  }

  /// Exactly so many bytes, and none of those behind them; `nil` where the input ends before.
  ///
  /// - Throws: `FileError`.
  public static func exactly(_ count: Int) throws(FileError) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      // Room for what came, not for what was declared.
      var buffer = [UInt8](repeating: 0, count: min(1 << 16, count - bytes.count))
      // SAFETY: read writes at most the length of the buffer.
      let more = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
      }
      if more == 0 { return nil }
      if more > 0 {
        bytes.append(contentsOf: buffer[..<more])
      } else if errno != EINTR {
        throw FileError(.read, "standard input", number: errno)
      }
    }
    return bytes
  }

  /// Everything up to the end of an open file.
  ///
  /// - Throws: `FileError`; EFBIG beyond `limit`.
  public static func all(of descriptor: Int32, limit: Int) throws(FileError) -> [UInt8] {
    let name = descriptor == STDIN_FILENO ? "standard input" : "descriptor \(descriptor)"
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // SAFETY: read writes at most the length of the buffer.
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(.read, name, number: errno)
      }
      guard bytes.count + count <= limit else {
        throw FileError(.read, name, number: EFBIG)
      }
      bytes.append(contentsOf: buffer[..<count])
    }
  }
}
