internal import Crypto
internal import TextScan

/// Length, words and SHA-256 of bytes that are too many to hold.
///
/// A plugin cannot state a digest: only a `StreamedBytesBuilder` of this module makes one, from the
/// bytes themselves.
public struct StreamedBytes: Hashable, Sendable {
  /// The number of bytes.
  public let byteCount: UInt64
  /// The number of words.
  public let wordCount: UInt64
  /// The 32 bytes of the digest.
  public let sha256: [UInt8]
}

/// Takes the bytes of a large member piece by piece.
public struct StreamedBytesBuilder: Sendable {
  private var hash = SHA256()
  private var survey = TextSurvey()
  private var count: UInt64 = 0

  /// Nothing taken yet.
  public init() {}

  /// Takes the next bytes.
  public mutating func append(_ bytes: ArraySlice<UInt8>) {
    // SAFETY: the buffer is read inside the call alone.
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    survey.append(bytes)
    count += UInt64(bytes.count)
  }

  /// The result over all bytes taken.
  public func finish() -> StreamedBytes {
    StreamedBytes(byteCount: count, wordCount: survey.wordCount, sha256: Array(hash.finalize()))
  }

  /// The number of bytes taken so far.
  public var byteCount: UInt64 { count }
}
