/// What an element means for text; names are packed into one word, so that no text is compared.
enum HTMLElement {
  /// What the extractor does at an element's edges.
  enum Role {
    /// Dropped with its content.
    case dropped
    /// Its text is the page's title.
    case title
    /// Breaks the line.
    case block
    /// Leaves one empty line.
    case paragraph
    /// A tab separates it from what is before it in the line.
    case cell
    /// Keeps white space, and breaks the line.
    case preformatted
    case lineBreak
    case meta
    case link
    case inline
  }

  /// Up to eight bytes of a name in one word, the first byte lowest.
  static func pack(_ name: StaticString) -> UInt64 {
    var word: UInt64 = 0
    for (index, byte) in name.description.utf8.prefix(8).enumerated() {
      word |= UInt64(byte) << UInt64(8 * index)
    }
    return word
  }

  /// Open addressing over 512 places: a page asks some thousand times, and hashing by Dictionary was
  /// a tenth of the extraction.
  private struct Table: Sendable {
    var keys = [UInt64](repeating: 0, count: 512)
    var roles = [Role](repeating: .inline, count: 512)

    static func place(_ key: UInt64) -> Int { Int((key &* 0x9E37_79B9_7F4A_7C15) >> 55) }

    mutating func insert(_ key: UInt64, _ role: Role) {
      var place = Self.place(key)
      while keys[place] != 0 { place = (place + 1) & 511 }
      keys[place] = key
      roles[place] = role
    }

    func role(_ key: UInt64) -> Role {
      var place = Self.place(key)
      while keys[place] != key {
        if keys[place] == 0 { return .inline }
        place = (place + 1) & 511
      }
      return roles[place]
    }
  }

  private static let table: Table = {
    var table = Table()
    func assign(_ role: Role, _ names: StaticString...) {
      for name in names { table.insert(pack(name), role) }
    }
    // Two known names have more than eight letters: blockquote and figcaption, both of ten.
    assign(
      .dropped,
      "script",
      "style",
      "template",
      "noscript",
      "iframe",
      "object",
      "svg",
      "canvas",
      "audio",
      "video"
    )
    assign(.title, "title")
    assign(
      .block,
      "address",
      "article",
      "aside",
      "body",
      "caption",
      "center",
      "dd",
      "details",
      "dialog",
      "dir",
      "div",
      "dl",
      "dt",
      "fieldset",
      "figcaption",
      "figure",
      "footer",
      "form",
      "frameset",
      "header",
      "hgroup",
      "hr",
      "html",
      "legend",
      "li",
      "listing",
      "main",
      "menu",
      "nav",
      "ol",
      "optgroup",
      "option",
      "search",
      "section",
      "select",
      "summary",
      "table",
      "tbody",
      "tfoot",
      "thead",
      "tr",
      "ul"
    )
    assign(.paragraph, "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote")
    assign(.cell, "td", "th")
    assign(.preformatted, "pre", "textarea")
    assign(.lineBreak, "br")
    assign(.meta, "meta")
    assign(.link, "link")
    return table
  }()

  /// The role of a packed name of so many letters.
  static func role(_ packed: UInt64, length: Int) -> Role {
    if length <= 8 { return table.role(packed) }
    guard length == 10, packed == blockquote || packed == figcaption else { return .inline }
    return table.role(packed)
  }

  private static let blockquote = pack("blockquote")
  private static let figcaption = pack("figcaption")
}
