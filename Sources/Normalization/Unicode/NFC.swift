/// Normalization Form C of the pinned Unicode version (UAX #15), over UTF-8.
public enum NFC {
  /// The pinned Unicode version.
  public static var unicodeVersion: String { UnicodeTables.version }

  private static let data = NormalizationData()
  private static let mappings = NormalizationMappings()

  /// The offset of the first character that may need work, or `nil` when the text is in NFC by quick
  /// check.
  ///
  /// - Precondition: `utf8` is valid UTF-8.
  /// - Complexity: O(n). Below U+0300 no character has a class or composes; above, whole groups of
  ///   characters pass undecoded.
  static func firstSuspect(_ utf8: ArraySlice<UInt8>, from start: Int) -> Int? {
    let text = utf8.span
    let base = utf8.startIndex
    var index = start - base
    var lastClass: UInt8 = 0
    while index < text.count {
      // Groups without a class or a suspect pass together.
      let next = data.quiet.firstOutside(in: utf8, from: base + index) - base
      if next > index {
        lastClass = 0
        index = next
        continue
      }
      let (scalar, length) = decode(text, index)
      let property = data.property(scalar)
      if property.isSuspect || (property.combiningClass != 0 && lastClass > property.combiningClass)
      {
        return base + index
      }
      lastClass = property.combiningClass
      index += length
    }
    return nil
  }

  /// Whether quick check finds nothing to do; a text that needs a look may still be in NFC.
  ///
  /// - Precondition: `utf8` is valid UTF-8.
  public static func passesQuickCheck(_ utf8: ArraySlice<UInt8>) -> Bool {
    firstSuspect(utf8, from: utf8.startIndex) == nil
  }

  /// Puts `utf8` into NFC in place; returns whether anything changed.
  ///
  /// - Precondition: `utf8` is valid UTF-8.
  @discardableResult
  public static func normalize(_ utf8: inout [UInt8]) -> Bool {
    guard var suspect = firstSuspect(utf8[...], from: 0) else { return false }
    var output: [UInt8] = []
    output.reserveCapacity(utf8.count)
    var copied = 0
    while true {
      // The segment goes from the last sure starter before the suspect to the next one behind it.
      let start = segmentStart(utf8, before: suspect, notBefore: copied)
      let end = segmentEnd(utf8, from: suspect)
      output.append(contentsOf: utf8[copied..<start])
      for scalar in compose(decompose(utf8, start..<end)) { append(scalar, to: &output) }
      copied = end
      guard let next = firstSuspect(utf8[...], from: end) else { break }
      suspect = next
    }
    output.append(contentsOf: utf8[copied...])
    let isChanged = output != utf8
    utf8 = output
    return isChanged
  }

  private static func isSureStarter(_ scalar: UInt32) -> Bool {
    let property = data.property(scalar)
    return property.combiningClass == 0 && !property.isSuspect
  }

  private static func segmentStart(_ utf8: [UInt8], before suspect: Int, notBefore limit: Int)
    -> Int
  {
    var index = suspect
    while index > limit {
      index -= 1
      while index > limit, utf8[index] & 0xC0 == 0x80 { index -= 1 }
      if isSureStarter(decode(utf8.span, index).scalar) { return index }
    }
    return limit
  }

  private static func segmentEnd(_ utf8: [UInt8], from suspect: Int) -> Int {
    var index = suspect
    var isFirst = true
    while index < utf8.count {
      let (scalar, length) = decode(utf8.span, index)
      if !isFirst, isSureStarter(scalar) { return index }
      isFirst = false
      index += length
    }
    return utf8.count
  }

  // MARK: Hangul, section 3.12 of the Unicode Standard

  private static let (sBase, lBase, vBase, tBase): (UInt32, UInt32, UInt32, UInt32) = (
    0xAC00, 0x1100, 0x1161, 0x11A7
  )
  private static let (lCount, vCount, tCount): (UInt32, UInt32, UInt32) = (19, 21, 28)

  private static func decompose(_ utf8: [UInt8], _ range: Range<Int>) -> [(
    scalar: UInt32, class: UInt8
  )] {
    var scalars: [(scalar: UInt32, class: UInt8)] = []
    var index = range.lowerBound
    while index < range.upperBound {
      let (scalar, length) = decode(utf8.span, index)
      index += length
      if scalar >= sBase, scalar < sBase + lCount * vCount * tCount {
        let s = scalar - sBase
        scalars.append((lBase + s / (vCount * tCount), 0))
        scalars.append((vBase + s % (vCount * tCount) / tCount, 0))
        if s % tCount != 0 { scalars.append((tBase + s % tCount, 0)) }
      } else {
        for part in mappings.decomposition(scalar) {
          scalars.append((part, data.property(part).combiningClass))
        }
      }
    }
    reorder(&scalars)
    return scalars
  }

  /// Canonical ordering: a stable sort of each run of non-starters by class.
  private static func reorder(_ scalars: inout [(scalar: UInt32, class: UInt8)]) {
    var start = 0
    while start < scalars.count {
      guard scalars[start].class != 0 else {
        start += 1
        continue
      }
      var end = start
      while end < scalars.count, scalars[end].class != 0 { end += 1 }
      let run = scalars[start..<end].enumerated().sorted {
        ($0.element.class, $0.offset) < ($1.element.class, $1.offset)
      }
      scalars.replaceSubrange(start..<end, with: run.map(\.element))
      start = end
    }
  }

  /// The canonical composition algorithm of UAX #15, section 1.3 (D117 of the standard).
  private static func compose(_ scalars: [(scalar: UInt32, class: UInt8)]) -> [UInt32] {
    var output: [UInt32] = []
    var starter: Int?
    var lastClass: UInt8?
    for (scalar, combiningClass) in scalars {
      if let starter {
        let isBlocked = lastClass.map { $0 >= combiningClass } ?? false
        if !isBlocked, let composite = pair(output[starter], scalar) {
          output[starter] = composite
          continue
        }
      }
      if combiningClass == 0 {
        starter = output.count
        lastClass = nil
      } else {
        lastClass = combiningClass
      }
      output.append(scalar)
    }
    return output
  }

  private static func pair(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first >= lBase, first < lBase + lCount, second >= vBase, second < vBase + vCount {
      return sBase + ((first - lBase) * vCount + second - vBase) * tCount
    }
    if first >= sBase, first < sBase + lCount * vCount * tCount, (first - sBase) % tCount == 0,
      second > tBase, second < tBase + tCount
    {
      return first + second - tBase
    }
    return mappings.composition(first, second)
  }

  // MARK: UTF-8

  @inline(__always)
  private static func decode(_ text: Span<UInt8>, _ index: Int) -> (scalar: UInt32, length: Int) {
    let lead = UInt32(text[index])
    func next(_ offset: Int) -> UInt32 { UInt32(text[index + offset] & 0x3F) }
    if lead < 0x80 { return (lead, 1) }
    if lead < 0xE0 { return ((lead & 0x1F) << 6 | next(1), 2) }
    if lead < 0xF0 { return ((lead & 0x0F) << 12 | next(1) << 6 | next(2), 3) }
    return ((lead & 0x07) << 18 | next(1) << 12 | next(2) << 6 | next(3), 4)
  }

  private static func append(_ scalar: UInt32, to output: inout [UInt8]) {
    guard let unicode = Unicode.Scalar(scalar) else { return }
    output.append(contentsOf: UTF8.encode(unicode) ?? UTF8.encodedReplacementCharacter)
  }
}
