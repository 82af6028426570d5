package import CanonicalCoding
internal import TextScan

/// Brings one JSON line to RFC 8785 form and takes mapped fields out on the way, in one pass.
///
/// The same rules as `JSONParser`, which is the reference: a test compares the two. A first pass over
/// the line checks UTF-8 and finds every quote, backslash and control character; strings then go from
/// one to the next. Members are moved once, and only when their object was not in canonical order;
/// texts are unescaped straight to where they are wanted.
package struct JSONRowScanner {
  /// A field that was asked for.
  package enum Field: Equatable {
    /// A text without escapes: a range of the line, counted from its start.
    case plain(Range<Int>)
    /// A text with escapes: the range of the line inside the quotes.
    case escaped(Range<Int>)
    /// A number or truth value: a range of the values that `appendText` knows.
    case value(Range<Int>)
    /// null, a list or an object.
    case other
  }

  /// The names that are taken from the outermost object.
  let wanted: [[UInt8]]
  /// The fields of the last line, in the order of `wanted`.
  package private(set) var fields: [Field?] = []

  /// Names that were asked for twice, with the place of the first.
  private let repeated: [(place: Int, first: Int)]
  /// The canonical bytes of the last line, but for the order of the outermost object's members.
  private var canonical: [UInt8] = []
  /// Those members in canonical order; empty where they lie in it.
  private var outermost: [MemberPlace] = []
  /// The canonical form of numbers and truth values that are fields.
  private var values: [UInt8] = []
  private var stops = StringStops()
  private var offset = 0
  /// The members of the objects that are open, innermost last.
  private var members: [MemberPlace] = []
  /// Where members are put in order.
  private var sorted: [UInt8] = []

  package init(wanted: [String]) {
    self.wanted = wanted.map { Array($0.utf8) }
    repeated = wanted.enumerated().compactMap { place, name in
      wanted.firstIndex(of: name).flatMap { $0 < place ? (place, $0) : nil }
    }
  }

  /// Reads a line.
  ///
  /// - Throws: `JSONError` with the offset in the line.
  /// - Complexity: O(n log m) for objects of m members.
  package mutating func scan(_ text: ArraySlice<UInt8>) throws(JSONError) {
    canonical.removeAll(keepingCapacity: true)
    canonical.reserveCapacity(text.count)
    values.removeAll(keepingCapacity: true)
    outermost.removeAll(keepingCapacity: true)
    members.removeAll(keepingCapacity: true)
    fields = Array(repeating: nil, count: wanted.count)
    guard stops.find(in: text) else {
      let bad = UTF8Check.firstInvalid(text) ?? text.startIndex
      throw .invalidUTF8(offset: bad - text.startIndex)
    }
    offset = 0
    let line = text.span
    try value(line, depth: 0)
    skipWhiteSpace(line)
    guard offset == line.count else { throw .trailingBytes(offset: offset) }
    for (place, first) in repeated { fields[place] = fields[first] }
  }

  /// Whether the last line, which held an object, is in canonical form itself.
  package func isCanonical(_ line: ArraySlice<UInt8>) -> Bool {
    outermost.isEmpty && canonical.count == line.count && canonical[...] == line
  }

  /// Whether the last line held an object.
  package var isObject: Bool { canonical.first == UInt8(ascii: "{") }

  /// Appends the canonical form of the last line.
  package func appendCanonical(to bytes: inout [UInt8]) {
    guard !outermost.isEmpty else { return bytes.append(contentsOf: canonical) }
    append(outermost, to: &bytes, opening: UInt8(ascii: "{"))
    bytes.append(UInt8(ascii: "}"))
  }

  /// Appends members with commas between them.
  private func append(_ members: [MemberPlace], to bytes: inout [UInt8], opening: UInt8) {
    bytes.append(opening)
    for (index, member) in members.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: canonical[member.range])
    }
  }

  private func next(_ line: Span<UInt8>) -> UInt8? { offset < line.count ? line[offset] : nil }

  private mutating func skipWhiteSpace(_ line: Span<UInt8>) {
    while offset < line.count {
      let byte = line[offset]
      guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else {
        return
      }
      offset += 1
    }
  }

  private mutating func value(_ line: Span<UInt8>, depth: Int) throws(JSONError) {
    skipWhiteSpace(line)
    guard let byte = next(line) else { throw .syntax(offset: offset) }
    switch byte {
    case UInt8(ascii: "\""): _ = try string(line)
    case UInt8(ascii: "{"): try object(line, depth: depth + 1)
    case UInt8(ascii: "["): try array(line, depth: depth + 1)
    case UInt8(ascii: "t"): try literal("true", line)
    case UInt8(ascii: "f"): try literal("false", line)
    case UInt8(ascii: "n"): try literal("null", line)
    default: try number(line)
    }
  }

  private mutating func literal(_ word: StaticString, _ line: Span<UInt8>) throws(JSONError) {
    for expected in word.description.utf8 {
      guard next(line) == expected else { throw .syntax(offset: offset) }
      offset += 1
    }
    canonical.append(contentsOf: word.description.utf8)
  }

  /// A member of an object: its name, and where it lies in the canonical bytes.
  private struct MemberPlace {
    var name: Field
    var range: Range<Int>
    /// Where its name begins in the line.
    var start: Int
  }

  private mutating func object(_ line: Span<UInt8>, depth: Int) throws(JSONError) {
    guard depth <= JSONParser.depthLimit else { throw .tooDeep(offset: offset) }
    offset += 1
    canonical.append(UInt8(ascii: "{"))
    skipWhiteSpace(line)
    if next(line) == UInt8(ascii: "}") {
      offset += 1
      canonical.append(UInt8(ascii: "}"))
      return
    }
    let first = members.count
    var isSorted = true
    while true {
      skipWhiteSpace(line)
      let place = offset
      guard next(line) == UInt8(ascii: "\"") else { throw .syntax(offset: offset) }
      let memberStart = canonical.count
      let name = try string(line)
      skipWhiteSpace(line)
      guard next(line) == UInt8(ascii: ":") else { throw .syntax(offset: offset) }
      offset += 1
      canonical.append(UInt8(ascii: ":"))
      if depth == 1, let index = wantedIndex(name, line) {
        fields[index] = try field(line)
      } else {
        try value(line, depth: depth)
      }
      if isSorted, members.count > first, !precedes(members[members.count - 1].name, name, line) {
        isSorted = false
      }
      members.append(MemberPlace(name: name, range: memberStart..<canonical.count, start: place))
      skipWhiteSpace(line)
      guard let byte = next(line) else { throw .syntax(offset: offset) }
      offset += 1
      if byte == UInt8(ascii: "}") { break }
      guard byte == UInt8(ascii: ",") else { throw .syntax(offset: offset - 1) }
      canonical.append(UInt8(ascii: ","))
    }
    if !isSorted { try sort(from: first, depth: depth, line) }
    members.removeSubrange(first...)
    canonical.append(UInt8(ascii: "}"))
  }

  /// Puts the members of the innermost object in order, and finds names that stand twice.
  private mutating func sort(
    from first: Int,
    depth: Int,
    _ line: Span<UInt8>
  ) throws(JSONError) {
    var order = Array(members[first...])
    // Insertion: stable, without a list of names, and nearly sorted is the usual case. Objects of many
    // members go through the library's sort.
    if order.count <= 24 {
      for index in 1..<order.count {
        let member = order[index]
        var place = index
        while place > 0, precedes(member.name, order[place - 1].name, line) {
          order[place] = order[place - 1]
          place -= 1
        }
        order[place] = member
      }
    } else {
      var named: [(name: [UInt8], member: MemberPlace)] = []
      for member in order { named.append((bytes(member.name, line), member)) }
      order = named.sorted { Self.precedes($0.name, $1.name) }.map(\.member)
    }
    for index in 1..<order.count where !precedes(order[index - 1].name, order[index].name, line) {
      throw .duplicateName(offset: max(order[index - 1].start, order[index].start))
    }
    if depth == 1 {
      outermost = order
      return
    }
    // The brace that opens the object stands before its first member.
    let start = members[first].range.lowerBound - 1
    sorted.removeAll(keepingCapacity: true)
    append(order, to: &sorted, opening: canonical[start])
    canonical.replaceSubrange(start..., with: sorted)
  }

  private mutating func bytes(_ name: Field, _ line: Span<UInt8>) -> [UInt8] {
    guard case .escaped(let range) = name else {
      guard case .plain(let range) = name else { return [] }
      return range.map { line[$0] }
    }
    var bytes = range.map { line[$0] }
    appendText(of: .escaped(0..<bytes.count), lineAt: 0, in: &bytes)
    return Array(bytes[range.count...])
  }

  private mutating func wantedIndex(_ name: Field, _ line: Span<UInt8>) -> Int? {
    switch name {
    case .plain(let range):
      return wanted.firstIndex { candidate in
        guard candidate.count == range.count else { return false }
        for index in candidate.indices where candidate[index] != line[range.lowerBound + index] {
          return false
        }
        return true
      }
    default: return wanted.firstIndex(of: bytes(name, line))
    }
  }

  /// The order of RFC 8785: UTF-16 code units, which for ASCII is the order of bytes.
  private mutating func precedes(_ a: Field, _ b: Field, _ line: Span<UInt8>) -> Bool {
    guard case .plain(let first) = a, case .plain(let second) = b else {
      return Self.precedes(bytes(a, line), bytes(b, line))
    }
    for index in 0..<min(first.count, second.count) {
      let (x, y) = (line[first.lowerBound + index], line[second.lowerBound + index])
      if x | y >= 0x80 { return Self.precedes(bytes(a, line), bytes(b, line)) }
      if x != y { return x < y }
    }
    return first.count < second.count
  }

  private static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    String(decoding: a, as: UTF8.self).utf16.lexicographicallyPrecedes(
      String(decoding: b, as: UTF8.self).utf16
    )
  }

  private mutating func field(_ line: Span<UInt8>) throws(JSONError) -> Field {
    skipWhiteSpace(line)
    guard let byte = next(line) else { throw .syntax(offset: offset) }
    if byte == UInt8(ascii: "\"") { return try string(line) }
    let start = canonical.count
    try value(line, depth: 1)
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "n"): return .other
    default:
      let first = values.count
      values.append(contentsOf: canonical[start...])
      return .value(first..<values.count)
    }
  }

  private mutating func array(_ line: Span<UInt8>, depth: Int) throws(JSONError) {
    guard depth <= JSONParser.depthLimit else { throw .tooDeep(offset: offset) }
    offset += 1
    canonical.append(UInt8(ascii: "["))
    skipWhiteSpace(line)
    if next(line) == UInt8(ascii: "]") {
      offset += 1
      canonical.append(UInt8(ascii: "]"))
      return
    }
    while true {
      try value(line, depth: depth)
      skipWhiteSpace(line)
      guard let byte = next(line) else { throw .syntax(offset: offset) }
      offset += 1
      canonical.append(byte)
      if byte == UInt8(ascii: "]") { return }
      guard byte == UInt8(ascii: ",") else { throw .syntax(offset: offset - 1) }
    }
  }

  // MARK: Strings

  /// A string, written canonically.
  private mutating func string(_ line: Span<UInt8>) throws(JSONError) -> Field {
    let quote = offset
    offset += 1
    let start = offset
    var hasEscape = false
    // Where the bytes begin that canonical form has not taken over yet.
    var canonicalFrom = quote
    while true {
      let stop = stops.next(from: offset)
      guard stop < line.count else { throw .syntax(offset: line.count) }
      offset = stop
      switch line[stop] {
      case UInt8(ascii: "\""):
        append(line, canonicalFrom..<stop + 1)
        offset = stop + 1
        return hasEscape ? .escaped(start..<stop) : .plain(start..<stop)
      case UInt8(ascii: "\\"):
        hasEscape = true
        if stop + 1 < line.count, Self.isShortEscape(line[stop + 1]) {
          // Canonical form writes these escapes in the same two bytes.
          offset = stop + 2
        } else {
          append(line, canonicalFrom..<stop)
          CanonicalJSON.appendCharacter(try longEscape(line), to: &canonical)
          canonicalFrom = offset
        }
      default: throw .syntax(offset: offset)
      }
    }
  }

  private mutating func append(_ line: Span<UInt8>, _ range: Range<Int>) {
    // SAFETY: the bytes are copied inside the call.
    unsafe line.extracting(range).withUnsafeBytes { unsafe canonical.append(contentsOf: $0) }
  }

  /// Appends to `bytes` the text of a field of the line at `start` in them.
  ///
  /// - Precondition: `scan` has read that line last, and threw nothing.
  package mutating func appendText(of field: Field, lineAt start: Int, in bytes: inout [UInt8]) {
    let inside: Range<Int>
    switch field {
    case .plain(let range):
      let text = bytes[start + range.lowerBound..<start + range.upperBound]
      return bytes.append(contentsOf: Array(text))
    case .value(let range): return bytes.append(contentsOf: values[range])
    case .other: return
    case .escaped(let range): inside = start + range.lowerBound..<start + range.upperBound
    }
    // Names are asked for in the middle of a scan.
    let place = offset
    defer { offset = place }
    var from = inside.lowerBound
    while from < inside.upperBound {
      from = StringText.append(insideAt: from..<inside.upperBound, of: &bytes)
      guard from < inside.upperBound else { return }
      // Twelve bytes hold the longest escape, a pair of surrogates.
      let escape = Array(bytes[from..<min(from + 12, inside.upperBound)])
      offset = 0
      guard let character = try? longEscape(escape.span) else { return }
      bytes.append(contentsOf: UTF8.encode(character) ?? UTF8.encodedReplacementCharacter)
      from += offset
    }
  }

  /// Whether canonical form keeps the escape of this letter as it is.
  @inline(__always)
  private static func isShortEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "n"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "t"),
      UInt8(ascii: "r"), UInt8(ascii: "b"), UInt8(ascii: "f"):
      true
    default: false
    }
  }

  /// `\/` and `\u`, which canonical form writes another way.
  private mutating func longEscape(_ line: Span<UInt8>) throws(JSONError) -> Unicode.Scalar {
    let start = offset
    offset += 1
    guard let byte = next(line) else { throw .syntax(offset: offset) }
    offset += 1
    switch byte {
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "u"):
      var code = UInt32(try unit(line))
      if code & 0xFC00 == 0xD800 {
        guard next(line) == UInt8(ascii: "\\"), offset + 1 < line.count,
          line[offset + 1] == UInt8(ascii: "u")
        else { throw .loneSurrogate(offset: start) }
        offset += 2
        let low = UInt32(try unit(line))
        guard low & 0xFC00 == 0xDC00 else { throw .loneSurrogate(offset: start) }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw .loneSurrogate(offset: start) }
      return scalar
    default: throw .syntax(offset: offset - 1)
    }
  }

  private mutating func unit(_ line: Span<UInt8>) throws(JSONError) -> UInt16 {
    var code: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next(line) else { throw .syntax(offset: offset) }
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

  // MARK: Numbers

  /// Numbers go through the reference, but for short whole ones, which are their own canonical form.
  private mutating func number(_ line: Span<UInt8>) throws(JSONError) {
    let start = offset
    while let byte = next(line), Self.isNumberByte(byte) { offset += 1 }
    guard offset > start else { throw .syntax(offset: start) }
    if isPlainWhole(line, start..<offset) { return append(line, start..<offset) }
    do throws(JSONError) {
      try append(number: (start..<offset).map { line[$0] }, at: 0)
    } catch {
      guard case .trailingBytes(let at) = error, at > 0 else { throw error.moved(by: start) }
      // The number ends before the bytes that could belong to one: what follows is judged next.
      offset = start + at
      try append(number: (start..<offset).map { line[$0] }, at: start)
    }
  }

  private mutating func append(number bytes: [UInt8], at place: Int) throws(JSONError) {
    do throws(JSONError) {
      guard case .number(let number) = try JSONParser.parse(bytes) else { throw .syntax(offset: 0) }
      canonical.append(contentsOf: CanonicalNumber.text(number).utf8)
    } catch {
      throw error.moved(by: place)
    }
  }

  /// Up to fifteen digits without a zero before them: exact in binary64 and written the same way.
  private func isPlainWhole(_ line: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard range.count <= 15 else { return false }
    for index in range where !(0x30...0x39).contains(line[index]) { return false }
    return range.count == 1 || line[range.lowerBound] != 0x30
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
