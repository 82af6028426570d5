internal import CanonicalCoding
internal import Digests
internal import SourceAPI

/// A digest in a WARC header: `sha1:` in base32 by habit, `sha256:`, hexadecimal too.
struct DeclaredDigest {
  let algorithm: MessageDigests.Algorithm
  let bytes: [UInt8]

  /// Reads a header's value; `nil` for an algorithm or a form that is not checked.
  init?(_ value: String) {
    let parts = value.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let text = String(parts[1])
    switch parts[0].lowercased() {
    case "sha1", "sha-1": algorithm = .sha1
    case "sha256", "sha-256": algorithm = .sha256
    default: return nil
    }
    let length = algorithm.byteCount
    let decoded =
      text.utf8.count == 2 * length ? Hex.decode(text.lowercased()) : Base32.decode(text)
    guard let decoded, decoded.count == length else { return nil }
    bytes = decoded
  }

  /// Whether some bytes have this digest.
  func matches(_ content: [UInt8]) -> Bool {
    MessageDigests.of([0..<content.count], in: content, by: algorithm) == bytes
  }
}

/// The digests that the headers of a batch's records declare, checked together.
struct DeclaredDigests {
  private struct Check {
    let member: Int
    let digest: DeclaredDigest
    let bytes: Range<Int>
    let detail: String
  }

  private var checks: [Check] = []

  /// Says that bytes of the batch's arena have to have a digest, or the member that comes next is rejected.
  mutating func expect(
    _ digest: DeclaredDigest,
    of bytes: Range<Int>,
    for member: Int,
    otherwise detail: String
  ) {
    checks.append(Check(member: member, digest: digest, bytes: bytes, detail: detail))
  }

  /// Checks all and rejects the members whose bytes are others.
  mutating func settle(_ batch: inout MemberBatch) {
    var isWrong = [Bool](repeating: false, count: checks.count)
    for algorithm in [MessageDigests.Algorithm.sha1, .sha256] {
      let list = checks.indices.filter { checks[$0].digest.algorithm == algorithm }
      let found = MessageDigests.of(list.map { checks[$0].bytes }, in: batch.bytes, by: algorithm)
      for (number, index) in list.enumerated() {
        let own = found[number * algorithm.byteCount..<(number + 1) * algorithm.byteCount]
        isWrong[index] = !own.elementsEqual(checks[index].digest.bytes)
      }
    }
    // The first that is wrong is the reason.
    for (check, isWrong) in zip(checks, isWrong).reversed() where isWrong {
      batch.members[check.member].verdict = .rejected(
        reason: "digest-mismatch",
        detail: check.detail
      )
    }
    checks.removeAll(keepingCapacity: true)
  }
}
