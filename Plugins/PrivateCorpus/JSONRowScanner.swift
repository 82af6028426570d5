package import CanonicalCoding

/// Brings one JSON line to RFC 8785 form and takes mapped fields out on the way, in one pass.
///
/// The same rules as `JSONParser`, which is the reference: a test compares the two. Runs of plain
/// characters are found 32 bytes at a time and copied once; a member is moved only when its object
/// was not in canonical order.
package struct JSONRowScanner {
  /// A field that was asked for.
  package enum Field: Equatable {
    /// A text without escapes: a range of the line.
    case plain(Range<Int>)
    /// A text that had escapes, or a number or truth value, as text: a range of `texts`.
    case copied(Range<Int>)
    /// null, a list or an object.
    case other
  }

  /// The names that are taken from the outermost object.
  let wanted: [[UInt8]]
  /// The canonical bytes of the last line.
  package private(set) var canonical: [UInt8] = []
  /// The fields of the last line, in the order of `wanted`.
  package private(set) var fields: [Field?] = []

  private var line: ArraySlice<UInt8> = []
  private var offset = 0
  /// The texts of the last line's fields that are no plain ranges of it.
  package private(set) var texts: [UInt8] = []

  package init(wanted: [String]) {
    self.wanted = wanted.map { Array($0.utf8) }
  }

  /// Reads a line.
  ///
  /// - Throws: `JSONError` with the offset in the line.
  /// - Complexity: O(n log m) for objects of m members.
  package mutating func scan(_ text: ArraySlice<UInt8>) throws(JSONError) {
    canonical.removeAll(keepingCapacity: true)
    texts.removeAll(keepingCapacity: true)
    fields = Array(repeating: nil, count: wanted.count)
    if let bad = UTF8Check.firstInvalid(text) { throw .invalidUTF8(offset: bad - text.startIndex) }
    line = text
    offset = text.startIndex
    defer { line = [] }
    do throws(JSONError) {
      try value(depth: 0)
      skipWhiteSpace()
      guard offset == line.endIndex else { throw .trailingBytes(offset: offset) }
    } catch {
      throw error.moved(by: -text.startIndex)
    }
  }

  private var next: UInt8? { offset < line.endIndex ? line[offset] : nil }

  private mutating func skipWhiteSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  private mutating func value(depth: Int) throws(JSONError) {
    skipWhiteSpace()
    guard let byte = next else { throw .syntax(offset: offset) }
    switch byte {
    case UInt8(ascii: "\""): _ = try string(keepsText: false)
    case UInt8(ascii: "{"): try object(depth: depth + 1)
    case UInt8(ascii: "["): try array(depth: depth + 1)
    case UInt8(ascii: "t"): try literal("true")
    case UInt8(ascii: "f"): try literal("false")
    case UInt8(ascii: "n"): try literal("null")
    default: try number()
    }
  }

  private mutating func literal(_ word: StaticString) throws(JSONError) {
    for expected in word.description.utf8 {
      guard next == expected else { throw .syntax(offset: offset) }
      offset += 1
    }
    canonical.append(contentsOf: word.description.utf8)
  }

  private struct MemberPlace {
    var name: [UInt8]
    var range: Range<Int>
    var start: Int
  }

  private mutating func object(depth: Int) throws(JSONError) {
    guard depth <= JSONParser.depthLimit else { throw .tooDeep(offset: offset) }
    offset += 1
    canonical.append(UInt8(ascii: "{"))
    skipWhiteSpace()
    if next == UInt8(ascii: "}") {
      offset += 1
      canonical.append(UInt8(ascii: "}"))
      return
    }
    let start = canonical.count
    var members: [MemberPlace] = []
    var isSorted = true
    while true {
      skipWhiteSpace()
      let place = offset
      guard next == UInt8(ascii: "\"") else { throw .syntax(offset: offset) }
      let memberStart = canonical.count
      let name: [UInt8]
      switch try string(keepsText: true) {
      case .plain(let range): name = Array(line[range])
      case .copied(let range): name = Array(texts[range])
      case .other: name = []
      }
      skipWhiteSpace()
      guard next == UInt8(ascii: ":") else { throw .syntax(offset: offset) }
      offset += 1
      canonical.append(UInt8(ascii: ":"))
      if depth == 1, let index = wanted.firstIndex(of: name) {
        fields[index] = try field()
      } else {
        try value(depth: depth)
      }
      if isSorted, let last = members.last, !Self.precedes(last.name, name) { isSorted = false }
      members.append(MemberPlace(name: name, range: memberStart..<canonical.count, start: place))
      skipWhiteSpace()
      guard let byte = next else { throw .syntax(offset: offset) }
      offset += 1
      if byte == UInt8(ascii: "}") { break }
      guard byte == UInt8(ascii: ",") else { throw .syntax(offset: offset - 1) }
      canonical.append(UInt8(ascii: ","))
    }
    if !isSorted { try sort(&members, from: start) }
    canonical.append(UInt8(ascii: "}"))
  }

  /// Puts the members of one object in order, and finds names that stand twice.
  private mutating func sort(_ members: inout [MemberPlace], from start: Int) throws(JSONError) {
    let ordered = members.sorted { Self.precedes($0.name, $1.name) }
    for (earlier, later) in zip(ordered, ordered.dropFirst()) where earlier.name == later.name {
      throw .duplicateName(offset: max(earlier.start, later.start))
    }
    var sorted: [UInt8] = []
    sorted.reserveCapacity(canonical.count - start)
    for (index, member) in ordered.enumerated() {
      if index > 0 { sorted.append(UInt8(ascii: ",")) }
      sorted.append(contentsOf: canonical[member.range])
    }
    canonical.replaceSubrange(start..., with: sorted)
  }

  /// The order of RFC 8785: UTF-16 code units, which for ASCII is the order of bytes.
  private static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    if a.allSatisfy({ $0 < 0x80 }), b.allSatisfy({ $0 < 0x80 }) {
      return a.lexicographicallyPrecedes(b)
    }
    return String(decoding: a, as: UTF8.self).utf16.lexicographicallyPrecedes(
      String(decoding: b, as: UTF8.self).utf16
    )
  }

  private mutating func field() throws(JSONError) -> Field {
    skipWhiteSpace()
    guard let byte = next else { throw .syntax(offset: offset) }
    if byte == UInt8(ascii: "\"") { return try string(keepsText: true) }
    let start = canonical.count
    try value(depth: 1)
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "n"): return .other
    default:
      let first = texts.count
      texts.append(contentsOf: canonical[start...])
      return .copied(first..<texts.count)
    }
  }

  private mutating func array(depth: Int) throws(JSONError) {
    guard depth <= JSONParser.depthLimit else { throw .tooDeep(offset: offset) }
    offset += 1
    canonical.append(UInt8(ascii: "["))
    skipWhiteSpace()
    if next == UInt8(ascii: "]") {
      offset += 1
      canonical.append(UInt8(ascii: "]"))
      return
    }
    while true {
      try value(depth: depth)
      skipWhiteSpace()
      guard let byte = next else { throw .syntax(offset: offset) }
      offset += 1
      canonical.append(byte)
      if byte == UInt8(ascii: "]") { return }
      guard byte == UInt8(ascii: ",") else { throw .syntax(offset: offset - 1) }
    }
  }

  /// A string, written canonically; its text too where that is wanted.
  private mutating func string(keepsText: Bool) throws(JSONError) -> Field {
    let line = line
    let base = line.startIndex
    offset += 1
    let start = offset
    canonical.append(UInt8(ascii: "\""))
    // SAFETY: the loop reads below the buffer's count; the pointer stays inside. Through slices, which
    // retain the line for every run between two escapes, the same loop took 1.7 times as long.
    return try unsafe line.withUnsafeBufferPointer { buffer throws(JSONError) -> Field in
      let raw = UnsafeRawBufferPointer(buffer)
      let textStart = texts.count
      var hasEscape = false
      // Where the bytes begin that canonical form, and the text, have not taken over yet.
      var canonicalFrom = start - base
      var textFrom = canonicalFrom
      while true {
        let stop = unsafe ByteScan.jsonStringStop(raw, from: offset - base)
        guard stop < raw.count else { throw .syntax(offset: line.endIndex) }
        offset = base + stop
        switch unsafe raw[stop] {
        case UInt8(ascii: "\""):
          unsafe canonical.append(
            contentsOf: UnsafeRawBufferPointer(rebasing: raw[canonicalFrom...stop])
          )
          offset += 1
          guard hasEscape else { return .plain(start..<base + stop) }
          if keepsText {
            unsafe texts.append(contentsOf: UnsafeRawBufferPointer(rebasing: raw[textFrom..<stop]))
          }
          return .copied(textStart..<texts.count)
        case UInt8(ascii: "\\"):
          hasEscape = true
          if keepsText {
            unsafe texts.append(contentsOf: UnsafeRawBufferPointer(rebasing: raw[textFrom..<stop]))
          }
          if stop + 1 < raw.count, let byte = unsafe Self.shortEscape(raw[stop + 1]) {
            // Canonical form writes these escapes in the same two bytes.
            if keepsText { texts.append(byte) }
            offset += 2
          } else {
            unsafe canonical.append(
              contentsOf: UnsafeRawBufferPointer(rebasing: raw[canonicalFrom..<stop])
            )
            try longEscape(keepsText: keepsText)
            canonicalFrom = offset - base
          }
          textFrom = offset - base
        default: throw .syntax(offset: offset)
        }
      }
    }
  }

  /// The character of an escape that canonical form keeps as it is.
  @inline(__always)
  private static func shortEscape(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    default: nil
    }
  }

  /// `\/` and `\u`, which canonical form writes another way.
  private mutating func longEscape(keepsText: Bool) throws(JSONError) {
    let start = offset
    offset += 1
    guard let byte = next else { throw .syntax(offset: offset) }
    offset += 1
    switch byte {
    case UInt8(ascii: "/"): emit(0x2F, keepsText)
    case UInt8(ascii: "u"):
      var code = UInt32(try unit())
      if code & 0xFC00 == 0xD800 {
        guard next == UInt8(ascii: "\\"), offset + 1 < line.endIndex,
          line[offset + 1] == UInt8(ascii: "u")
        else { throw .loneSurrogate(offset: start) }
        offset += 2
        let low = UInt32(try unit())
        guard low & 0xFC00 == 0xDC00 else { throw .loneSurrogate(offset: start) }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard code & 0xFFFF_F800 != 0xD800 else { throw .loneSurrogate(offset: start) }
      emit(code, keepsText)
    default: throw .syntax(offset: offset - 1)
    }
  }

  /// Writes a character as RFC 8785 does, and as text.
  private mutating func emit(_ code: UInt32, _ keepsText: Bool) {
    guard let scalar = Unicode.Scalar(code), let utf8 = UTF8.encode(scalar) else { return }
    if code < 0x80 {
      let byte = UInt8(code)
      if byte < 0x20 || byte == 0x22 || byte == 0x5C {
        CanonicalJSON.appendEscape(byte, to: &canonical)
      } else {
        canonical.append(byte)
      }
    } else {
      canonical.append(contentsOf: utf8)
    }
    if keepsText { texts.append(contentsOf: utf8) }
  }

  private mutating func unit() throws(JSONError) -> UInt16 {
    var code: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next else { throw .syntax(offset: offset) }
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: throw .syntax(offset: offset)
      }
      code = code << 4 | UInt16(digit)
      offset += 1
    }
    return code
  }

  /// Numbers go through the reference: they are few, and their form is subtle.
  private mutating func number() throws(JSONError) {
    let start = offset
    while let byte = next, Self.isNumberByte(byte) { offset += 1 }
    guard offset > start else { throw .syntax(offset: start) }
    do throws(JSONError) {
      let value = try JSONParser.parse(Array(line[start..<offset]))
      guard case .number(let number) = value else { throw .syntax(offset: 0) }
      canonical.append(contentsOf: CanonicalNumber.text(number).utf8)
    } catch {
      if case .trailingBytes(let at) = error { throw .syntax(offset: start + at) }
      throw error.moved(by: start)
    }
  }

  private static func isNumberByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
      || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
  }
}

extension JSONError {
  /// The same error at an offset that counts from elsewhere.
  func moved(by distance: Int) -> JSONError {
    switch self {
    case .syntax(let at): .syntax(offset: at + distance)
    case .invalidUTF8(let at): .invalidUTF8(offset: at + distance)
    case .loneSurrogate(let at): .loneSurrogate(offset: at + distance)
    case .duplicateName(let at): .duplicateName(offset: at + distance)
    case .tooDeep(let at): .tooDeep(offset: at + distance)
    case .inexactNumber(let at): .inexactNumber(offset: at + distance)
    case .trailingBytes(let at): .trailingBytes(offset: at + distance)
    }
  }
}
