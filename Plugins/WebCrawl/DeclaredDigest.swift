internal import CanonicalCoding
internal import Crypto

/// A digest in a WARC header: `sha1:` in base32 by habit, `sha256:`, hexadecimal too.
struct DeclaredDigest {
  private enum Algorithm {
    case sha1, sha256
  }

  private let algorithm: Algorithm
  private let bytes: [UInt8]

  /// Reads a header's value; `nil` for an algorithm or a form that is not checked.
  init?(_ value: String) {
    let parts = value.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let text = String(parts[1])
    let length: Int
    switch parts[0].lowercased() {
    case "sha1", "sha-1": (algorithm, length) = (.sha1, 20)
    case "sha256", "sha-256": (algorithm, length) = (.sha256, 32)
    default: return nil
    }
    let decoded = text.utf8.count == 2 * length ? Hex.decode(text.lowercased()) : Self.base32(text)
    guard let decoded, decoded.count == length else { return nil }
    bytes = decoded
  }

  /// Whether some bytes have this digest.
  func matches(_ content: ArraySlice<UInt8>) -> Bool {
    // SAFETY: the buffer is read inside the calls alone.
    unsafe content.withUnsafeBytes { raw in
      switch algorithm {
      case .sha1:
        var hash = Insecure.SHA1()
        unsafe hash.update(bufferPointer: raw)
        return hash.finalize().elementsEqual(bytes)
      case .sha256:
        var hash = SHA256()
        unsafe hash.update(bufferPointer: raw)
        return hash.finalize().elementsEqual(bytes)
      }
    }
  }

  /// RFC 4648 section 6, padding optional.
  private static func base32(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var word: UInt32 = 0
    var bits: UInt32 = 0
    for letter in text.utf8 where letter != UInt8(ascii: "=") {
      let value: UInt8
      switch letter {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = letter - UInt8(ascii: "A")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = letter - UInt8(ascii: "a")
      case UInt8(ascii: "2")...UInt8(ascii: "7"): value = letter - UInt8(ascii: "2") + 26
      default: return nil
      }
      word = word << 5 | UInt32(value)
      bits += 5
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: word >> bits))
        word &= (1 << bits) - 1
      }
    }
    return bytes
  }
}
