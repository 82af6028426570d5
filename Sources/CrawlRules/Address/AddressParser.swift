/// The basic URL parser of the WHATWG URL Standard (section 4.4, as of 2026), as far as http and https need it.
struct AddressParser {
  private let base: WebAddress?
  private var rest: ArraySlice<UInt8>

  init(_ text: String, base: WebAddress?) {
    self.base = base
    // White space and controls around it do not count, and no tab or line end anywhere.
    var bytes = Array(text.utf8)[...].drop { $0 <= 0x20 }
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    let isBroken = bytes.contains { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    rest = isBroken ? bytes.filter { $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }[...] : bytes
    rest = rest.prefix { $0 != 0x23 }
  }

  mutating func parse() -> WebAddress? {
    guard let scheme = takeScheme() else { return base.flatMap { relative(to: $0) } }
    guard scheme == "http" || scheme == "https" else { return nil }
    if let base, base.scheme == scheme, !startsWithTwoSlashes { return relative(to: base) }
    rest = rest.drop(while: Self.isSlash)
    return authority(scheme)
  }

  private static func isSlash(_ byte: UInt8) -> Bool { byte == 0x2F || byte == 0x5C }

  private var startsWithTwoSlashes: Bool {
    rest.starts(with: [0x2F, 0x2F])
  }

  /// The scheme in lower case, taken off with its colon; `nil` where none stands.
  private mutating func takeScheme() -> String? {
    guard let first = rest.first, (first | 0x20) &- 0x61 < 26,
      let colon = rest.firstIndex(of: 0x3A)
    else { return nil }
    let name = rest[..<colon]
    let isScheme = name.allSatisfy {
      ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || [0x2B, 0x2D, 0x2E].contains($0)
    }
    guard isScheme else { return nil }
    rest = rest[(colon + 1)...]
    return String(decoding: name, as: UTF8.self).lowercased()
  }

  // MARK: relative

  private mutating func relative(to base: WebAddress) -> WebAddress? {
    guard let first = rest.first else { return base }
    if Self.isSlash(first) {
      if rest.count > 1, Self.isSlash(rest[rest.startIndex + 1]) {
        rest = rest.drop(while: Self.isSlash)
        return authority(base.scheme)
      }
      return pathAndQuery(base.scheme, base.host, base.port, before: [])
    }
    if first == 0x3F {
      return WebAddress(
        scheme: base.scheme,
        host: base.host,
        port: base.port,
        path: base.path,
        query: Self.query(rest.dropFirst())
      )
    }
    // Everything behind the last slash of the base goes.
    var segments = base.path.utf8.dropFirst()
      .split(separator: 0x2F, omittingEmptySubsequences: false).map(Array.init)
    if !segments.isEmpty { segments.removeLast() }
    return pathAndQuery(base.scheme, base.host, base.port, before: segments)
  }

  // MARK: host and port

  private mutating func authority(_ scheme: String) -> WebAddress? {
    let end = rest.firstIndex { Self.isSlash($0) || $0 == 0x3F } ?? rest.endIndex
    var part = rest[..<end]
    rest = rest[end...]
    if let sign = part.lastIndex(of: 0x40) {
      // A user would be sent with every request, and would be in every report.
      guard part[..<sign].isEmpty || part[..<sign].elementsEqual([0x3A]) else { return nil }
      part = part[(sign + 1)...]
    }
    var name = part
    var port: UInt16?
    if let colon = part.lastIndex(of: 0x3A), !part[colon...].contains(0x5D) {
      name = part[..<colon]
      let digits = part[(colon + 1)...]
      if !digits.isEmpty {
        guard digits.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
        let plain = digits.drop { $0 == 0x30 }
        guard plain.count <= 5,
          let number = plain.isEmpty ? 0 : UInt16(String(decoding: plain, as: UTF8.self))
        else { return nil }
        port = number == (scheme == "http" ? 80 : 443) ? nil : number
      }
    }
    guard let host = HostParser.parse(name) else { return nil }
    return pathAndQuery(scheme, host, port, before: [])
  }

  // MARK: path and query

  private mutating func pathAndQuery(
    _ scheme: String,
    _ host: String,
    _ port: UInt16?,
    before: [[UInt8]]
  ) -> WebAddress? {
    let mark = rest.firstIndex(of: 0x3F)
    var path = rest[..<(mark ?? rest.endIndex)]
    if let first = path.first, Self.isSlash(first) { path = path.dropFirst() }
    var segments = before
    let parts = path.split(omittingEmptySubsequences: false, whereSeparator: Self.isSlash)
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1
      switch Self.dots(part) {
      case 2:
        if !segments.isEmpty { segments.removeLast() }
        if isLast { segments.append([]) }
      case 1: if isLast { segments.append([]) }
      default:
        segments.append(
          Self.coded(part) { [0x22, 0x3C, 0x3E, 0x5E, 0x60, 0x7B, 0x7D].contains($0) }
        )
      }
    }
    var text: [UInt8] = []
    for segment in segments {
      text.append(0x2F)
      text += segment
    }
    return WebAddress(
      scheme: scheme,
      host: host,
      port: port,
      path: text.isEmpty ? "/" : String(decoding: text, as: UTF8.self),
      query: mark.flatMap { Self.query(rest[($0 + 1)...]) }
    )
  }

  /// 1 for `.`, 2 for `..`, percent-coded dots counted; 0 for any other segment.
  private static func dots(_ segment: ArraySlice<UInt8>) -> Int {
    guard segment.count <= 6 else { return 0 }
    var rest = segment
    var count = 0
    while !rest.isEmpty {
      if rest.first == 0x2E {
        rest = rest.dropFirst()
      } else if rest.count >= 3, rest.first == 0x25, rest[rest.startIndex + 1] == 0x32,
        rest[rest.startIndex + 2] | 0x20 == 0x65
      {
        rest = rest.dropFirst(3)
      } else {
        return 0
      }
      count += 1
    }
    return count > 2 ? 0 : count
  }

  /// A query; an empty one is none, because servers that tell the two apart are fewer than links that have both.
  private static func query(_ bytes: ArraySlice<UInt8>) -> String? {
    if bytes.isEmpty { return nil }
    return String(
      decoding: coded(bytes) { [0x22, 0x27, 0x3C, 0x3E].contains($0) },
      as: UTF8.self
    )
  }

  /// Percent-codes what is no printable ASCII, the space, and what a set names.
  private static func coded(
    _ bytes: ArraySlice<UInt8>,
    _ isInSet: (UInt8) -> Bool
  ) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte <= 0x20 || byte > 0x7E || isInSet(byte) {
        PercentCoding.code(byte, &out)
      } else {
        out.append(byte)
      }
    }
    return out
  }
}
