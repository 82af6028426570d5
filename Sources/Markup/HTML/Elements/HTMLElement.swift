/// What the rules of `html-text-v1` know of an element.
struct HTMLElement: Sendable {
  /// What the text does at an element's edges.
  enum Role: UInt8, Sendable {
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

  /// How its content is read.
  enum Content: UInt8, Sendable {
    case markup
    /// Nothing but character references, up to its end tag (RCDATA).
    case references
    /// Nothing at all, up to its end tag (RAWTEXT).
    case raw
    case script
    /// Everything up to the page's end is text.
    case plain
    /// It has none, and no end tag (the standard's void elements).
    case none
  }

  /// Which rules about other elements speak of it; the lists are those of WHATWG HTML, section 13.2.
  struct Traits: OptionSet, Sendable {
    let rawValue: UInt16
    /// Its start tag ends an open `p`.
    static let endsParagraph = Traits(rawValue: 1 << 0)
    /// An end tag of an element without rule of its own does not reach past it ("special").
    static let special = Traits(rawValue: 1 << 1)
    /// End tags do not reach past it ("has an element in scope").
    static let scope = Traits(rawValue: 1 << 2)
    /// Its end tag may stand inside what began after it.
    static let formatting = Traits(rawValue: 1 << 3)
    static let heading = Traits(rawValue: 1 << 4)
    /// Its end tag reaches up to the next scope.
    static let container = Traits(rawValue: 1 << 5)
    /// Its start tag ends foreign content.
    static let breakout = Traits(rawValue: 1 << 6)
    /// tbody, thead, tfoot.
    static let tableSection = Traits(rawValue: 1 << 7)
    /// Stands in a table alone: caption, colgroup, col, sections, rows and cells.
    static let tablePart = Traits(rawValue: 1 << 8)
    static let tableCell = Traits(rawValue: 1 << 9)
    static let listItem = Traits(rawValue: 1 << 10)
    /// dd, dt.
    static let description = Traits(rawValue: 1 << 11)
    /// Begins foreign content: svg, math.
    static let foreign = Traits(rawValue: 1 << 12)
    /// HTML begins again inside of it, when it is foreign.
    static let integration = Traits(rawValue: 1 << 13)
    /// html, head, body and frames: their tags are seen, but open nothing.
    static let page = Traits(rawValue: 1 << 14)
  }

  /// The elements that a rule names; they are compared more often than anything else.
  enum Kind: UInt8, Sendable {
    case other
    case anchor, address, button, caption, division, font, list, option, optionGroup, orderedList
    case paragraph, row, table, template
  }

  var kind = Kind.other
  var role = Role.inline
  var content = Content.markup
  var traits: Traits = []
}
