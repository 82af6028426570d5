internal import CanonicalCoding

/// Finds the charset that a page's own first bytes declare (HTML Standard, "prescan a byte stream to
/// determine its encoding").
enum MetaPrescan {
  /// How far the page is searched.
  static let window = 1024

  /// The encoding, with UTF-16 read as UTF-8 and x-user-defined as windows-1252.
  static func charset(_ page: ArraySlice<UInt8>) -> Charset? {
    let bytes = Array(page.prefix(window))
    var index = 0
    while index < bytes.count {
      if matches(bytes, index, "<!--") {
        index = end(ofComment: bytes, index + 2)
      } else if matches(bytes, index, "<meta"), index + 5 < bytes.count,
        isSpaceOrSlash(bytes[index + 5])
      {
        index += 5
        if let found = meta(bytes, &index) { return found }
      } else if bytes[index] == UInt8(ascii: "<"), index + 1 < bytes.count,
        isTagStart(bytes[index + 1])
      {
        while index < bytes.count, bytes[index] != UInt8(ascii: ">"), !isSpaceOrSlash(bytes[index])
        { index += 1 }
        while attribute(bytes, &index) != nil {}
      } else if matches(bytes, index, "<!") || matches(bytes, index, "</")
        || matches(bytes, index, "<?")
      {
        while index < bytes.count, bytes[index] != UInt8(ascii: ">") { index += 1 }
      }
      index += 1
    }
    return nil
  }

  private static func matches(_ bytes: [UInt8], _ index: Int, _ text: StaticString) -> Bool {
    let wanted = Array(text.description.utf8)
    guard index + wanted.count <= bytes.count else { return false }
    return zip(bytes[index...], wanted).allSatisfy { lower($0) == $1 }
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }
  private static func isSpaceOrSlash(_ byte: UInt8) -> Bool {
    isSpace(byte) || byte == UInt8(ascii: "/")
  }
  private static func isSpace(_ byte: UInt8) -> Bool {
    [0x09, 0x0A, 0x0C, 0x0D, 0x20].contains(byte)
  }
  private static func isTagStart(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(lower(byte)) }

  private static func end(ofComment bytes: [UInt8], _ start: Int) -> Int {
    var index = start
    while index < bytes.count {
      if matches(bytes, index, "-->") { return index + 2 }
      index += 1
    }
    return index
  }

  private static func meta(_ bytes: [UInt8], _ index: inout Int) -> Charset? {
    var declared: String?
    var isContentType = false
    var content: String?
    var seen: Set<String> = []
    while let (name, value) = attribute(bytes, &index) {
      guard seen.insert(name).inserted else { continue }
      switch name {
      case "http-equiv": isContentType = value == "content-type"
      case "content": content = charset(inContent: value)
      case "charset": declared = value
      default: break
      }
    }
    guard let label = declared ?? (isContentType ? content : nil),
      let charset = Charset(label: label)
    else {
      return nil
    }
    switch charset {
    case .utf16LE, .utf16BE: return .utf8
    case .userDefined: return Charset(label: "windows-1252")
    default: return charset
    }
  }

  /// The label after `charset=` in a content type.
  static func charset(inContent content: String) -> String? {
    var rest = Substring(content.lowercased())
    while let range = rest.range(of: "charset") {
      var tail = rest[range.upperBound...].drop { $0.isWhitespace }
      rest = rest[range.upperBound...]
      guard tail.first == "=" else { continue }
      tail = tail.dropFirst().drop { $0.isWhitespace }
      if let quote = tail.first, quote == "\"" || quote == "'" {
        tail = tail.dropFirst()
        guard let close = tail.firstIndex(of: quote) else { return nil }
        return String(tail[..<close])
      }
      return String(tail.prefix { !$0.isWhitespace && $0 != ";" })
    }
    return nil
  }

  /// The next attribute of a tag, lower case; `nil` at the tag's end.
  private static func attribute(_ bytes: [UInt8], _ index: inout Int) -> (
    name: String, value: String
  )? {
    while index < bytes.count, isSpaceOrSlash(bytes[index]) { index += 1 }
    guard index < bytes.count, bytes[index] != UInt8(ascii: ">") else { return nil }
    var name: [UInt8] = []
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "="), !name.isEmpty { break }
      if isSpaceOrSlash(byte) || byte == UInt8(ascii: ">") { break }
      name.append(lower(byte))
      index += 1
    }
    while index < bytes.count, isSpace(bytes[index]) { index += 1 }
    guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else { return (text(name), "") }
    index += 1
    while index < bytes.count, isSpace(bytes[index]) { index += 1 }
    return (text(name), value(bytes, &index))
  }

  private static func value(_ bytes: [UInt8], _ index: inout Int) -> String {
    var value: [UInt8] = []
    guard index < bytes.count else { return "" }
    let quote = bytes[index]
    if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      index += 1
      while index < bytes.count, bytes[index] != quote {
        value.append(lower(bytes[index]))
        index += 1
      }
      index += 1
    } else {
      while index < bytes.count, !isSpace(bytes[index]), bytes[index] != UInt8(ascii: ">") {
        value.append(lower(bytes[index]))
        index += 1
      }
    }
    return text(value)
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension Substring {
  /// The first range in which an ASCII text stands.
  fileprivate func range(of needle: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
      start = index(after: start)
    }
    return nil
  }
}
