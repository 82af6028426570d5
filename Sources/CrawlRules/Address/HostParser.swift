internal import DomainNames

/// The host parser of the WHATWG URL Standard (section 3.5) for special schemes.
enum HostParser {
  /// The canonical form of a host; `nil` for none.
  static func parse(_ bytes: ArraySlice<UInt8>) -> String? {
    if bytes.first == 0x5B {
      guard bytes.last == 0x5D, bytes.count > 2 else { return nil }
      return version6(bytes.dropFirst().dropLast()).map { "[\($0)]" }
    }
    guard let name = String(validating: decoded(bytes), as: UTF8.self),
      let domain = DomainName.ascii(name), !domain.isEmpty,
      !domain.utf8.contains(where: isForbidden)
    else { return nil }
    return endsInNumber(domain) ? version4(domain) : domain
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    guard bytes.contains(0x25) else { return Array(bytes) }
    var out: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == 0x25, index + 2 < bytes.endIndex,
        let high = PercentCoding.digit(bytes[index + 1]),
        let low = PercentCoding.digit(bytes[index + 2])
      {
        out.append(high << 4 | low)
        index += 3
      } else {
        out.append(bytes[index])
        index += 1
      }
    }
    return out
  }

  /// Forbidden domain code points.
  private static func isForbidden(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte >= 0x7F || "#/:<>?@[\\]^|%".utf8.contains(byte)
  }

  // MARK: IPv4

  private static func endsInNumber(_ domain: String) -> Bool {
    var parts = domain.split(separator: ".", omittingEmptySubsequences: false)
    if parts.last == "", parts.count > 1 { parts.removeLast() }
    guard let last = parts.last else { return false }
    let isDigits = !last.isEmpty && last.utf8.allSatisfy { $0 &- 0x30 < 10 }
    return isDigits || number(last) != nil
  }

  /// A part of an address: decimal, `0x` hexadecimal, `0` octal.
  ///
  /// `nil` is no number; too large ones are cut at 2^32.
  private static func number(_ text: Substring) -> UInt64? {
    if text.isEmpty { return nil }
    var digits = text
    var radix: UInt64 = 10
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      (digits, radix) = (text.dropFirst(2), 16)
    } else if text.count > 1, text.hasPrefix("0") {
      (digits, radix) = (text.dropFirst(), 8)
    }
    var value: UInt64 = 0
    for byte in digits.utf8 {
      guard let digit = PercentCoding.digit(byte), UInt64(digit) < radix else { return nil }
      value = min(value * radix + UInt64(digit), 1 << 32)
    }
    return value
  }

  /// Dotted decimal; the last part fills what the others leave.
  private static func version4(_ domain: String) -> String? {
    var parts = domain.split(separator: ".", omittingEmptySubsequences: false)
    if parts.last == "", parts.count > 1 { parts.removeLast() }
    guard parts.count <= 4 else { return nil }
    var numbers: [UInt64] = []
    for part in parts {
      guard let value = number(part) else { return nil }
      numbers.append(value)
    }
    guard let last = numbers.popLast(), numbers.allSatisfy({ $0 <= 255 }),
      last < 1 << UInt64(8 * (4 - numbers.count))
    else { return nil }
    var address = last
    for (index, value) in numbers.enumerated() { address += value << UInt64(8 * (3 - index)) }
    return [24, 16, 8, 0].map { String(address >> UInt64($0) & 255) }.joined(separator: ".")
  }

  // MARK: IPv6

  /// The eight groups with the longest run of zeros left out (RFC 5952).
  private static func version6(_ bytes: ArraySlice<UInt8>) -> String? {
    guard let groups = groups(bytes) else { return nil }
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > max(1, best.count) { best = start..<end }
      start = max(end, start + 1)
    }
    var text = ""
    var index = 0
    while index < 8 {
      if index == best.lowerBound, !best.isEmpty {
        text += "::"
        index = best.upperBound
      } else {
        if !text.isEmpty, !text.hasSuffix(":") { text += ":" }
        text += String(groups[index], radix: 16)
        index += 1
      }
    }
    return text
  }

  private static func groups(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
    guard let text = String(validating: bytes, as: UTF8.self), text.utf8.count <= 45 else {
      return nil
    }
    guard let gap = text.firstRange(of: "::") else {
      let groups = run(text[...])
      return groups?.count == 8 ? groups : nil
    }
    guard let head = run(text[..<gap.lowerBound], mayEndInVersion4: false),
      let tail = run(text[gap.upperBound...]), head.count + tail.count <= 7
    else { return nil }
    return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
  }

  private static func run(_ text: Substring, mayEndInVersion4: Bool = true) -> [UInt16]? {
    if text.isEmpty { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if mayEndInVersion4, index == parts.count - 1, part.contains(".") {
        let numbers = part.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 4 else { return nil }
        var bytes: [UInt16] = []
        for number in numbers {
          guard (1...3).contains(number.utf8.count), number == "0" || !number.hasPrefix("0"),
            number.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let value = UInt8(number)
          else { return nil }
          bytes.append(UInt16(value))
        }
        groups += [bytes[0] << 8 | bytes[1], bytes[2] << 8 | bytes[3]]
      } else {
        guard (1...4).contains(part.utf8.count),
          part.utf8.allSatisfy({ PercentCoding.digit($0) != nil }),
          let value = UInt16(part, radix: 16)
        else { return nil }
        groups.append(value)
      }
    }
    return groups
  }
}
