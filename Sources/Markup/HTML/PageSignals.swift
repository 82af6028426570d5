/// What the tags of a page say about its use: meta robots and tdm-…, and link rel=license.
struct PageSignals {
  /// Signals of one page that are kept, and the most bytes of each.
  private static let countLimit = 64
  private static let nameLimit = 64
  private static let contentLimit = 2048

  private(set) var list: [(name: String, content: String)] = []

  mutating func takeMeta(_ tag: HTMLTag, _ page: Span<UInt8>) {
    guard let name = tag.value(of: Self.name, in: page)?.lowercased(),
      let content = tag.value(of: Self.content, in: page)
    else { return }
    if name == "robots" || name.hasPrefix("tdm-") { note(name, content) }
  }

  mutating func takeLink(_ tag: HTMLTag, _ page: Span<UInt8>) {
    guard let relation = tag.value(of: Self.relation, in: page)?.lowercased(),
      let address = tag.value(of: Self.address, in: page)
    else { return }
    let words = relation.utf8.split(whereSeparator: HTMLScanner.isSpace)
    if words.contains(where: { $0.elementsEqual("license".utf8) }) { note("license", address) }
  }

  private mutating func note(_ name: String, _ content: String) {
    guard list.count < Self.countLimit, name.utf8.count <= Self.nameLimit,
      content.utf8.count <= Self.contentLimit
    else { return }
    list.append((name, content))
  }

  private static let address = ElementName("href")
  private static let content = ElementName("content")
  private static let name = ElementName("name")
  private static let relation = ElementName("rel")
}

extension HTMLTag {
  /// The bytes of an attribute's value that are read; no rule needs more.
  private static let valueLimit = 16_384

  /// The value of the first attribute of this name, its references read.
  func value(of name: ElementName, in page: Span<UInt8>) -> String? {
    var cursor = AttributeCursor(offset: attributesStart)
    while let attribute = cursor.next(in: page) {
      guard attribute.name == name else { continue }
      var bytes: [UInt8] = []
      var offset = attribute.value.lowerBound
      let end = min(attribute.value.upperBound, offset + Self.valueLimit)
      bytes.reserveCapacity(end - offset)
      while offset < end {
        if page[offset] == 0x26,
          let reference = CharacterReference.read(
            in: page,
            at: offset,
            to: end,
            isInAttribute: true
          )
        {
          bytes.append(contentsOf: reference.text)
          offset = reference.end
        } else {
          bytes.append(page[offset])
          offset += 1
        }
      }
      return String(decoding: bytes, as: UTF8.self)
    }
    return nil
  }

  /// Whether a `font` sets how text looks: then it is HTML's, wherever it stands.
  func setsFont(in page: Span<UInt8>) -> Bool {
    var cursor = AttributeCursor(offset: attributesStart)
    while let attribute = cursor.next(in: page) {
      if Self.fontAttributes.contains(attribute.name) { return true }
    }
    return false
  }

  private static let fontAttributes = [
    ElementName("color"), ElementName("face"), ElementName("size"),
  ]
}
