/// What stands for a character in text: `&amp;`, `&#233;`, `&#xE9;` (WHATWG HTML, section 13.2.5.72 onward).
struct CharacterReference {
  /// The characters, UTF-8.
  var text: [UInt8]
  /// The offset behind the reference.
  var end: Int

  /// The reference at `offset`, which holds `&`.
  ///
  /// - Parameters:
  ///   - page: the page.
  ///   - offset: the place of the `&`.
  ///   - end: where the text ends; nothing behind it is read.
  ///   - isInAttribute: a name without semicolon before a letter, a digit or `=` is no reference, so that
  ///     `?a=b&copy=c` stays as it is.
  /// - Returns: nil if the `&` stands for itself.
  /// - Complexity: O(length of the reference).
  static func read(
    in page: Span<UInt8>,
    at offset: Int,
    to end: Int,
    isInAttribute: Bool = false
  ) -> CharacterReference? {
    guard offset + 1 < end else { return nil }
    if page[offset + 1] == 0x23 { return numeric(in: page, at: offset + 2, to: end) }
    var name = NameKey()
    var next = offset + 1
    var short: (value: Int, end: Int)?
    while next < end, isAlphanumeric(page[next]), name.length < NameKey.limit {
      name.append(page[next])
      next += 1
      if name.length <= NameTable.shortLimit, let value = NameTable.shared.index(of: name),
        NameTable.shared.mayStandAlone[value]
      {
        short = (value, next)
      }
    }
    if next < end, page[next] == 0x3B, let value = NameTable.shared.index(of: name) {
      return CharacterReference(text: NameTable.shared.texts[value], end: next + 1)
    }
    guard let short else { return nil }
    if isInAttribute, short.end < end,
      page[short.end] == 0x3D || isAlphanumeric(page[short.end])
    {
      return nil
    }
    return CharacterReference(text: NameTable.shared.texts[short.value], end: short.end)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    HTMLScanner.isLetter(byte) || byte &- 0x30 < 10
  }

  /// The reference whose digits, or `x` and digits, begin at `offset`.
  private static func numeric(
    in page: Span<UInt8>,
    at offset: Int,
    to end: Int
  ) -> CharacterReference? {
    var next = offset
    let isHexadecimal = next < end && page[next] | 0x20 == 0x78
    if isHexadecimal { next += 1 }
    let start = next
    var value: UInt32 = 0
    while next < end, let digit = digit(page[next], isHexadecimal: isHexadecimal) {
      // Whatever passes the last code point is U+FFFD, however many digits follow.
      value = min(0x11_0000, value &* (isHexadecimal ? 16 : 10) &+ digit)
      next += 1
    }
    guard next > start else { return nil }
    if next < end, page[next] == 0x3B { next += 1 }
    if (0x80...0x9F).contains(value) { value = windows1252[Int(value) - 0x80] }
    let scalar = value == 0 ? nil : Unicode.Scalar(value)
    return CharacterReference(text: Array(String(scalar ?? "\u{FFFD}").utf8), end: next)
  }

  private static func digit(_ byte: UInt8, isHexadecimal: Bool) -> UInt32? {
    if byte &- 0x30 < 10 { return UInt32(byte &- 0x30) }
    let letter = (byte | 0x20) &- 0x61
    return isHexadecimal && letter < 6 ? UInt32(letter) + 10 : nil
  }

  /// What the numbers 128 to 159 mean (the table of section 13.2.5.80); the others stay control characters.
  private static let windows1252: [UInt32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
  ]
}

/// A name of up to 31 letters and digits, in four words.
private struct NameKey: Hashable {
  /// The longest name, CounterClockwiseContourIntegral.
  static let limit = 31

  private var words = InlineWords()
  private(set) var length = 0

  private struct InlineWords: Hashable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0
  }

  mutating func append(_ byte: UInt8) {
    let shifted = UInt64(byte) << UInt64(8 * (length & 7))
    switch length >> 3 {
    case 0: words.first |= shifted
    case 1: words.second |= shifted
    case 2: words.third |= shifted
    default: words.fourth |= shifted
    }
    length += 1
  }

  /// A number that differs for most names; names are few and fixed, so that no seed is needed.
  var place: Int {
    let mixed =
      (words.first ^ (words.second &* 31) ^ (words.third &* 127) ^ words.fourth)
      &* 0x9E37_79B9_7F4A_7C15
    return Int(mixed >> 51)
  }
}

/// The names, by open addressing: a page may hold a reference every few bytes.
private struct NameTable: Sendable {
  /// The longest name that may stand without semicolon.
  static let shortLimit = 6
  static let shared = NameTable()

  private var keys: [NameKey] = []
  private var places = [UInt16](repeating: 0, count: 1 << 13)
  private(set) var texts: [[UInt8]] = []
  private(set) var mayStandAlone: [Bool] = []

  private init() {
    for word in NamedReferences.list.description.split(whereSeparator: \.isWhitespace) {
      let parts = word.split(separator: "=")
      let isShort = parts[0].hasSuffix("*")
      var key = NameKey()
      for byte in isShort ? parts[0].dropLast().utf8 : parts[0].utf8 { key.append(byte) }
      var place = key.place
      while places[place] != 0 { place = (place + 1) & (places.count - 1) }
      keys.append(key)
      places[place] = UInt16(keys.count)
      let scalars = parts[1].split(separator: "+").compactMap { UInt32($0, radix: 16) }
      texts.append(scalars.compactMap(Unicode.Scalar.init).flatMap { Array(String($0).utf8) })
      mayStandAlone.append(isShort)
    }
  }

  func index(of name: NameKey) -> Int? {
    var place = name.place
    while places[place] != 0 {
      let index = Int(places[place]) - 1
      if keys[index] == name { return index }
      place = (place + 1) & (places.count - 1)
    }
    return nil
  }
}
