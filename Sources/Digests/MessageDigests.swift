internal import CDigests
internal import Crypto

/// SHA-1 and SHA-256 (FIPS 180-4) of many messages of one buffer, taken side by side where the processor can.
///
/// A digest waits for itself, block by block; sixteen digests do not wait for each other. Two to three times as fast as
/// one after the other, for messages of any lengths.
public enum MessageDigests {
  /// The functions.
  public enum Algorithm: Sendable {
    case sha1, sha256

    /// Bytes of a digest.
    public var byteCount: Int { self == .sha1 ? 20 : 32 }
  }

  /// How digests are taken; all give the same.
  public enum Form: UInt32, CaseIterable, Sendable {
    /// One after the other, by the library: the reference.
    case library = 0
    /// Two at a time by the processor's SHA instructions.
    case shaInstructions = 1
    /// Sixteen at a time by AVX-512.
    case avx512 = 2
  }

  /// The best form of this processor.
  public static let bestForm = Form(rawValue: ingest_digest_best_form().rawValue) ?? .library

  /// The digests of some ranges of a buffer, one behind the other.
  ///
  /// - Parameters:
  ///   - ranges: the messages; they may overlap.
  ///   - bytes: the buffer.
  ///   - algorithm: the function.
  ///   - form: one that the processor has.
  /// - Returns: 20 or 32 bytes for each range.
  /// - Precondition: every range lies in the buffer.
  /// - Complexity: O(n) in the bytes of all messages.
  public static func of(
    _ ranges: [Range<Int>],
    in bytes: [UInt8],
    by algorithm: Algorithm,
    form: Form = bestForm
  ) -> [UInt8] {
    for range in ranges { precondition(range.upperBound <= bytes.count && range.lowerBound >= 0) }
    precondition(form.rawValue <= bestForm.rawValue)
    guard form != .library else { return byLibrary(ranges, in: bytes, by: algorithm) }
    var digests = [UInt8](repeating: 0, count: ranges.count * algorithm.byteCount)
    var order = [Int](repeating: 0, count: ranges.count)
    let messages = ranges.map { ingest_message(offset: $0.lowerBound, count: $0.count) }
    let kind = algorithm == .sha1 ? ingest_digest_sha1 : ingest_digest_sha256
    // SAFETY: every message lies in the buffer, `order` and `digests` have room for all messages, and no pointer outlives
    // the call.
    unsafe bytes.withUnsafeBufferPointer { source in
      unsafe messages.withUnsafeBufferPointer { list in
        unsafe order.withUnsafeMutableBufferPointer { numbers in
          unsafe digests.withUnsafeMutableBufferPointer { target in
            unsafe ingest_digest_messages(
              kind,
              ingest_digest_form(form.rawValue),
              source.baseAddress,
              list.baseAddress,
              list.count,
              numbers.baseAddress,
              target.baseAddress
            )
          }
        }
      }
    }
    return digests
  }

  private static func byLibrary(
    _ ranges: [Range<Int>],
    in bytes: [UInt8],
    by algorithm: Algorithm
  ) -> [UInt8] {
    var digests: [UInt8] = []
    digests.reserveCapacity(ranges.count * algorithm.byteCount)
    for range in ranges {
      // SAFETY: the buffer is read inside the calls alone.
      unsafe bytes[range].withUnsafeBytes { raw in
        switch algorithm {
        case .sha1:
          var hash = Insecure.SHA1()
          unsafe hash.update(bufferPointer: raw)
          digests.append(contentsOf: hash.finalize())
        case .sha256:
          var hash = SHA256()
          unsafe hash.update(bufferPointer: raw)
          digests.append(contentsOf: hash.finalize())
        }
      }
    }
    return digests
  }
}
