internal import Glibc

/// Secrets from the system's random generator.
public enum SystemRandom {
  /// `count` bytes, at most 256.
  ///
  /// - Throws: `FileError` if the generator fails; there is no fallback.
  public static func bytes(_ count: Int) throws(FileError) -> [UInt8] {
    precondition(count <= 256)
    var bytes = [UInt8](repeating: 0, count: count)
    // SAFETY: getentropy writes at most the length of the array; up to 256 bytes come at once.
    let written = unsafe bytes.withUnsafeMutableBytes {
      unsafe getentropy($0.baseAddress, $0.count)
    }
    guard written == 0 else { throw FileError(.read, "getentropy", number: errno) }
    return bytes
  }
}
