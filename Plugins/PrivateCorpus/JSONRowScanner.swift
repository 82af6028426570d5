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
  /// Whether those members are out of order; then `members` has them in order.
  private var isOutOfOrder = false
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
    isOutOfOrder = false
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

  /// Gives back what the last line needed.
  package mutating func releaseMemory() {
    (canonical, sorted, members) = ([], [], [])
    stops = StringStops()
  }

  /// Whether the last line, which held an object, is in canonical form itself.
  package func isCanonical(_ line: ArraySlice<UInt8>) -> Bool {
    !isOutOfOrder && canonical.count == line.count && canonical[...] == line
  }

  /// Whether the last line held an object.
  package var isObject: Bool { canonical.first == UInt8(ascii: "{") }

  /// Appends the canonical form of the last line.
  package func appendCanonical(to bytes: inout [UInt8]) {
    guard isOutOfOrder else { return bytes.append(contentsOf: canonical) }
    append(members[...], to: &bytes, opening: UInt8(ascii: "{"))
    bytes.append(UInt8(ascii: "}"))
  }

  /// Appends members with commas between them.
  private func append(_ members: ArraySlice<MemberPlace>, to bytes: inout [UInt8], opening: UInt8) {
    bytes.append(opening)
    for index in members.indices {
      if index > members.startIndex { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: canonical[members[index].range])
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
      guard next(line) == UInt8(ascii: "\"") else { throw .syntax(offset: offset) }
      let memberStart = canonical.count
      let (name, hasEscape) =
        switch try string(line) {
        case .escaped(let inside): (inside, true)
        case .plain(let inside), .value(let inside): (inside, false)
        case .other: (offset..<offset, false)
        }
      skipWhiteSpace(line)
      guard next(line) == UInt8(ascii: ":") else { throw .syntax(offset: offset) }
      offset += 1
      canonical.append(UInt8(ascii: ":"))
      if depth == 1, let index = wantedIndex(name, hasEscape, line) {
        fields[index] = try field(line)
      } else {
        try value(line, depth: depth)
      }
      let member = MemberPlace(
        name: name,
        hasEscape: hasEscape,
        range: memberStart..<canonical.count
      )
      if isSorted, members.count > first,
        !Self.precedes(members[members.count - 1], member, line)
      {
        isSorted = false
      }
      members.append(member)
      skipWhiteSpace(line)
      guard let byte = next(line) else { throw .syntax(offset: offset) }
      offset += 1
      if byte == UInt8(ascii: "}") { break }
      guard byte == UInt8(ascii: ",") else { throw .syntax(offset: offset - 1) }
      canonical.append(UInt8(ascii: ","))
    }
    if !isSorted { try sort(from: first, depth: depth, line) }
    if !isOutOfOrder { members.removeSubrange(first...) }
    canonical.append(UInt8(ascii: "}"))
  }

  /// Puts the members of the innermost object in order, and finds names that stand twice.
  private mutating func sort(
    from first: Int,
    depth: Int,
    _ line: Span<UInt8>
  ) throws(JSONError) {
    members[first...].sort { Self.precedes($0, $1, line) }
    for index in first + 1..<members.count
    where !Self.precedes(members[index - 1], members[index], line) {
      throw .duplicateName(offset: max(members[index - 1].offset, members[index].offset))
    }
    if depth == 1 {
      isOutOfOrder = true
      return
    }
    // The brace that opens the object stands before its first member.
    let start = members[first].range.lowerBound - 1
    sorted.removeAll(keepingCapacity: true)
    append(members[first...], to: &sorted, opening: canonical[start])
    canonical.replaceSubrange(start..., with: sorted)
  }

  private static func bytes(_ name: Range<Int>, _ hasEscape: Bool, _ line: Span<UInt8>) -> [UInt8] {
    var bytes = name.map { line[$0] }
    guard hasEscape else { return bytes }
    unescape(0..<name.count, of: &bytes)
    return Array(bytes[name.count...])
  }

  private func wantedIndex(_ name: Range<Int>, _ hasEscape: Bool, _ line: Span<UInt8>) -> Int? {
    guard !hasEscape else { return wanted.firstIndex(of: Self.bytes(name, true, line)) }
    return wanted.firstIndex { candidate in
      guard candidate.count == name.count else { return false }
      for index in candidate.indices where candidate[index] != line[name.lowerBound + index] {
        return false
      }
      return true
    }
  }

  /// The order of RFC 8785: UTF-16 code units, which for ASCII is the order of bytes.
  private static func precedes(_ a: MemberPlace, _ b: MemberPlace, _ line: Span<UInt8>) -> Bool {
    let (first, second) = (a.name, b.name)
    guard !a.hasEscape, !b.hasEscape else { return precedesAsText(a, b, line) }
    for index in 0..<min(first.count, second.count) {
      let (x, y) = (line[first.lowerBound + index], line[second.lowerBound + index])
      if x | y >= 0x80 { return precedesAsText(a, b, line) }
      if x != y { return x < y }
    }
    return first.count < second.count
  }

  private static func precedesAsText(
    _ a: MemberPlace,
    _ b: MemberPlace,
    _ line: Span<UInt8>
  ) -> Bool {
    let (first, second) = (bytes(a.name, a.hasEscape, line), bytes(b.name, b.hasEscape, line))
    return String(decoding: first, as: UTF8.self).utf16.lexicographicallyPrecedes(
      String(decoding: second, as: UTF8.self).utf16
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
        if stop + 1 < line.count, JSONEscape.isKept(line[stop + 1]) {
          // Canonical form writes these escapes in the same two bytes.
          offset = stop + 2
        } else {
          append(line, canonicalFrom..<stop)
          let escape = try JSONEscape.read(line, at: stop)
          CanonicalJSON.appendCharacter(escape.character, to: &canonical)
          offset = escape.next
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
  package func appendText(of field: Field, lineAt start: Int, in bytes: inout [UInt8]) {
    switch field {
    case .plain(let range):
      let text = bytes[start + range.lowerBound..<start + range.upperBound]
      bytes.append(contentsOf: Array(text))
    case .value(let range): bytes.append(contentsOf: values[range])
    case .other: break
    case .escaped(let range):
      Self.unescape(start + range.lowerBound..<start + range.upperBound, of: &bytes)
    }
  }

  /// The text of a field of the last line, with a copy of that field alone.
  package func text(of field: Field, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard case .escaped(let range) = field else {
      guard case .plain(let range) = field else {
        var bytes: [UInt8] = []
        appendText(of: field, lineAt: 0, in: &bytes)
        return bytes[...]
      }
      return line.dropFirst(range.lowerBound).prefix(range.count)
    }
    var bytes = Array(line.dropFirst(range.lowerBound).prefix(range.count))
    Self.unescape(0..<range.count, of: &bytes)
    return bytes[range.count...]
  }

  /// Appends the text of a string whose escapes are known to be sound.
  private static func unescape(_ inside: Range<Int>, of bytes: inout [UInt8]) {
    StringText.append(insideAt: inside, of: &bytes) { bytes, index in
      try? JSONEscape.read(bytes.span, at: index)
    }
  }

  // MARK: Numbers

  /// Numbers go through the reference, but for short whole ones, which are their own canonical form.
  private mutating func number(_ line: Span<UInt8>) throws(JSONError) {
    let start = offset
    while let byte = next(line), JSONNumberForm.mayHold(byte) { offset += 1 }
    guard offset > start else { throw .syntax(offset: start) }
    if JSONNumberForm.isPlainWhole(line, start..<offset) { return append(line, start..<offset) }
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
}
