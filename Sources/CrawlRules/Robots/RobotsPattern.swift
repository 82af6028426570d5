/// A path pattern of robots.txt: `*` for any bytes, `$` for the end (RFC 9309, section 2.2.3).
///
/// Octets are compared after both sides have one form of percent-coding (section 2.2.2): what need not be coded is not,
/// what is not ASCII is, and hexadecimal digits are upper case. The RFC's own example further codes the general delimiters of a query;
/// a pattern matches if it does in either form.
public struct RobotsPattern: Hashable, Sendable {
  /// The pattern as written.
  public let text: String
  /// The number of octets, by which the most specific rule is found.
  public let length: Int
  private let plain: Form
  private let coded: Form

  init(_ bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    text = String(decoding: bytes, as: UTF8.self)
    var normal: [UInt8] = []
    for (index, byte) in PercentCoding.normalized(bytes).enumerated() {
      // Only at the end it is the end; elsewhere it is a character, which targets have coded.
      let isCharacter = byte == 0x24 && index + 1 < bytes.count
      if isCharacter { normal += Array("%24".utf8) } else { normal.append(byte) }
    }
    length = normal.count
    plain = Form(normal)
    coded = Form(PercentCoding.withCodedQuery(normal))
  }

  /// Whether it matches a target.
  ///
  /// - Complexity: O(pattern + target).
  func matches(_ target: RobotsTarget) -> Bool {
    plain.matches(target.plain) || coded.matches(target.coded)
  }

  /// The parts between the stars.
  private struct Form: Hashable, Sendable {
    let parts: [[UInt8]]
    let isAnchored: Bool
    /// The bytes of all parts.
    let octets: Int

    init(_ bytes: [UInt8]) {
      isAnchored = bytes.last == 0x24
      let body = isAnchored ? bytes.dropLast() : bytes[...]
      parts = body.split(separator: 0x2A, omittingEmptySubsequences: false).map(Array.init)
      octets = parts.reduce(0) { $0 + $1.count }
    }

    func matches(_ target: [UInt8]) -> Bool {
      guard octets <= target.count, let first = parts.first, target.starts(with: first) else {
        return false
      }
      guard parts.count > 1 else { return !isAnchored || target.count == first.count }
      var offset = first.count
      // The leftmost place of each part leaves most for those behind it.
      for part in parts[1..<(parts.count - 1)] {
        guard let place = Self.find(part, in: target, from: offset) else { return false }
        offset = place + part.count
      }
      let last = parts[parts.count - 1]
      guard isAnchored else { return Self.find(last, in: target, from: offset) != nil }
      return target.count - last.count >= offset && target.suffix(last.count).elementsEqual(last)
    }

    /// The first place of `part` at or behind `offset`, by Knuth, Morris and Pratt: no pair of texts is slow.
    private static func find(_ part: [UInt8], in target: [UInt8], from offset: Int) -> Int? {
      guard target.count - offset >= part.count else { return nil }
      guard !part.isEmpty else { return offset }
      // borders[k]: how much of the part's first k + 1 bytes is both their beginning and their end.
      var borders = [Int](repeating: 0, count: part.count)
      var known = 0
      for index in part.indices.dropFirst() {
        while known > 0, part[index] != part[known] { known = borders[known - 1] }
        if part[index] == part[known] { known += 1 }
        borders[index] = known
      }
      known = 0
      for index in offset..<target.count {
        while known > 0, target[index] != part[known] { known = borders[known - 1] }
        if target[index] == part[known] { known += 1 }
        if known == part.count { return index + 1 - known }
      }
      return nil
    }
  }
}

/// What rules are compared with: path and query of an address.
public struct RobotsTarget: Sendable {
  let plain: [UInt8]
  let coded: [UInt8]

  /// The target of an address, absolute or from its path on; its fragment does not count.
  public init(_ address: String) {
    var bytes = Array(address.utf8)
    if let scheme = Self.schemeEnd(bytes) {
      let path = bytes[scheme...].firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 }
      bytes = path.map { Array(bytes[$0...]) } ?? []
    }
    bytes = Array(bytes.prefix { $0 != 0x23 })
    if bytes.first != 0x2F { bytes.insert(0x2F, at: 0) }
    // In an address the two are characters like others; a pattern writes them %2A and %24.
    var escaped: [UInt8] = []
    for byte in bytes {
      switch byte {
      case 0x2A: escaped += Array("%2A".utf8)
      case 0x24: escaped += Array("%24".utf8)
      default: escaped.append(byte)
      }
    }
    plain = PercentCoding.normalized(escaped)
    coded = PercentCoding.withCodedQuery(plain)
  }

  /// The offset behind `scheme://`.
  private static func schemeEnd(_ bytes: [UInt8]) -> Int? {
    guard let colon = bytes.firstIndex(of: 0x3A), colon > 0,
      bytes[(colon + 1)...].starts(with: [0x2F, 0x2F])
    else { return nil }
    let isScheme = bytes[..<colon].allSatisfy {
      ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || [0x2B, 0x2D, 0x2E].contains($0)
    }
    return isScheme ? colon + 3 : nil
  }
}

/// One form of percent-coding for both sides of a comparison.
enum PercentCoding {
  static func normalized(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x25, index + 2 < bytes.count, let high = digit(bytes[index + 1]),
        let low = digit(bytes[index + 2])
      {
        let value = high << 4 | low
        if isUnreserved(value) { out.append(value) } else { code(value, &out) }
        index += 3
      } else {
        if byte > 0x20, byte < 0x7F { out.append(byte) } else { code(byte, &out) }
        index += 1
      }
    }
    return out
  }

  /// General delimiters behind the first `?` are coded too, as in the example of RFC 9309, section 2.2.2.
  static func withCodedQuery(_ bytes: [UInt8]) -> [UInt8] {
    guard let query = bytes.firstIndex(of: 0x3F) else { return bytes }
    var out = Array(bytes[...query])
    for byte in bytes[(query + 1)...] {
      if [0x3A, 0x2F, 0x3F, 0x5B, 0x5D, 0x40].contains(byte) {
        code(byte, &out)
      } else {
        out.append(byte)
      }
    }
    return out
  }

  static func code(_ byte: UInt8, _ out: inout [UInt8]) {
    let digits = Array("0123456789ABCDEF".utf8)
    out += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }

  static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }

  /// RFC 3986, section 2.3.
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
  }
}
