/// Reads a page from its first byte to its last, and keeps what the rules keep.
struct PageReader {
  private(set) var title = TextAssembler(capacity: 256)
  private(set) var signals = PageSignals()
  private(set) var links = PageLinks()
  /// Links are wanted instead of text.
  private var collectsLinks = false
  var body = TextAssembler(capacity: 1 << 16)
  private var open = OpenElements()
  private let elements = ElementTable.shared
  private var isXML = false
  private var hasTitle = false
  /// How many open elements are dropped with their content.
  private var droppedCount = 0
  private var preformattedCount = 0
  /// A line feed directly behind `<pre>` is none.
  private var skipsLineFeed = false

  mutating func reset(isXML: Bool, collectsLinks: Bool) {
    self.isXML = isXML
    self.collectsLinks = collectsLinks
    links = PageLinks()
    body.removeAll()
    title.removeAll()
    open.removeAll()
    signals = PageSignals()
    hasTitle = false
    (droppedCount, preformattedCount, skipsLineFeed) = (0, 0, false)
  }

  mutating func read(_ page: Span<UInt8>) throws(HTMLTextError) {
    var offset = 0
    while offset < page.count {
      let markup = HTMLScanner.first(0x3C, in: page, from: offset)
      if markup > offset { takeText(page, offset, markup) }
      guard markup < page.count else { return }
      offset = try readMarkup(page, at: markup)
    }
  }

  /// Reads what begins with the `<` at `offset`; returns the offset behind it.
  private mutating func readMarkup(
    _ page: Span<UInt8>,
    at offset: Int
  ) throws(HTMLTextError) -> Int {
    let next = offset + 1
    guard next < page.count else {
      takeText(page, offset, next)
      return next
    }
    switch page[next] {
    case let byte where HTMLScanner.isLetter(byte):
      guard let tag = HTMLScanner.tag(in: page, at: next) else { return page.count }
      return try start(tag, page)
    case 0x2F:
      guard next + 1 < page.count else {
        takeText(page, offset, next + 1)
        return next + 1
      }
      if HTMLScanner.isLetter(page[next + 1]) {
        guard let tag = HTMLScanner.tag(in: page, at: next + 1) else { return page.count }
        end(tag.name)
        return tag.end
      }
      return HTMLScanner.declarationEnd(in: page, from: next + 1)
    case 0x21: return declaration(page, at: next + 1)
    case 0x3F: return HTMLScanner.declarationEnd(in: page, from: next + 1)
    default:
      takeText(page, offset, next)
      return next
    }
  }

  private mutating func declaration(_ page: Span<UInt8>, at offset: Int) -> Int {
    if HTMLScanner.has("--", at: offset, in: page) {
      return HTMLScanner.commentEnd(in: page, from: offset + 2)
    }
    if isXML || open.holdsSections,
      HTMLScanner.has("[CDATA[", at: offset, in: page, caseCounts: true)
    {
      let start = offset + 7
      let end = HTMLScanner.sectionEnd(in: page, from: start)
      take(page.extracting(start..<end))
      return min(page.count, end + 3)
    }
    return HTMLScanner.declarationEnd(in: page, from: offset)
  }

  // MARK: Text

  /// Takes text in which references stand for characters.
  private mutating func takeText(_ page: Span<UInt8>, _ start: Int, _ end: Int) {
    if droppedCount > 0 || collectsLinks { return }
    var start = start
    while start < end {
      let ampersand = HTMLScanner.first(0x26, in: page, from: start, to: end)
      if ampersand > start { take(page.extracting(start..<ampersand)) }
      guard ampersand < end else { return }
      if let reference = CharacterReference.read(in: page, at: ampersand, to: end) {
        take(reference.text.span)
        start = reference.end
      } else {
        take(page.extracting(ampersand..<ampersand + 1))
        start = ampersand + 1
      }
    }
  }

  private mutating func take(_ text: Span<UInt8>) {
    if droppedCount > 0 || collectsLinks || text.isEmpty { return }
    if preformattedCount > 0 {
      let isSkipped = skipsLineFeed && text[0] == 0x0A
      skipsLineFeed = false
      body.appendPreformatted(isSkipped ? text.extracting(1...) : text)
    } else {
      body.append(text)
    }
  }

  // MARK: Elements

  /// Begins an element; returns the offset behind its tag, or behind its content if that is no markup.
  private mutating func start(_ tag: HTMLTag, _ page: Span<UInt8>) throws(HTMLTextError) -> Int {
    if tag.attributeCount > HTMLTextExtractor.attributeLimit { throw .tooManyAttributes }
    skipsLineFeed = false
    if collectsLinks { links.take(tag, page) }
    let element = elements.element(tag.name)
    if open.isForeign {
      guard element.traits.contains(.breakout) || element.kind == .font && tag.setsFont(in: page)
      else {
        try openForeign(tag, element)
        return tag.end
      }
      close(to: open.countOutsideForeign())
    }
    if element.traits.contains(.foreign) {
      try openForeign(tag, element)
      return tag.end
    }
    guard let count = open.countBeforeStart(of: element) else { return tag.end }
    close(to: count)
    if element.kind == .anchor, let anchor = open.indexOfAnchor() { open.remove(at: anchor) }
    let isEmpty = tag.isSelfClosing && isXML
    if !isEmpty {
      switch element.content {
      case .references: return takeReferences(tag, element.role, page)
      case .raw, .script, .plain: return takeRaw(tag, element, page)
      case .none, .markup: break
      }
    }
    begin(element.role)
    if droppedCount == 0 {
      if element.role == .meta { signals.takeMeta(tag, page) }
      if element.role == .link { signals.takeLink(tag, page) }
    }
    if element.content == .none || element.traits.contains(.page) { return tag.end }
    if isEmpty {
      finish(element.role)
    } else {
      try push(tag.name, element, isForeign: false)
      skipsLineFeed = element.role == .preformatted
    }
    return tag.end
  }

  /// SVG and MathML: of their elements those alone have a role that are dropped.
  private mutating func openForeign(
    _ tag: HTMLTag,
    _ element: HTMLElement
  ) throws(HTMLTextError) {
    guard !tag.isSelfClosing else { return }
    let role = element.role == .dropped ? HTMLElement.Role.dropped : .inline
    let kept = HTMLElement(role: role, traits: element.traits.intersection(.integration))
    begin(role)
    try push(tag.name, kept, isForeign: true)
  }

  private mutating func push(
    _ name: ElementName,
    _ element: HTMLElement,
    isForeign: Bool
  ) throws(HTMLTextError) {
    open.append(name, element, isForeign: isForeign)
    if open.count > HTMLTextExtractor.depthLimit { throw .tooDeep }
  }

  private mutating func end(_ name: ElementName) {
    skipsLineFeed = false
    let element = elements.element(name)
    if element.traits.contains(.page) || element.content == .none {
      // `</br>` breaks the line as `<br>` does; the others open nothing, and end nothing.
      if element.role == .lineBreak || element.traits.contains(.page) { begin(element.role) }
      return
    }
    switch open.ending(of: name, element) {
    case .from(let count): close(to: count)
    case .only(let index): open.remove(at: index)
    // A paragraph that ends without having begun is an empty one.
    case .nothing: if element.kind == .paragraph { begin(.paragraph) }
    }
  }

  private mutating func close(to count: Int) {
    while open.count > count { finish(open.removeLast().role) }
  }

  /// What an element's beginning does to the text.
  private mutating func begin(_ role: HTMLElement.Role) {
    if role == .dropped { droppedCount += 1 }
    guard droppedCount == 0 else {
      if role == .preformatted { preformattedCount += 1 }
      return
    }
    switch role {
    case .block: body.breakLine()
    case .paragraph: body.breakLine(2)
    case .cell: body.beginCell()
    case .preformatted:
      body.breakLine()
      preformattedCount += 1
    case .lineBreak: body.addBreak()
    case .dropped, .title, .meta, .link, .inline: break
    }
  }

  /// What its end does.
  private mutating func finish(_ role: HTMLElement.Role) {
    if role == .dropped { droppedCount -= 1 }
    if role == .preformatted { preformattedCount -= 1 }
    guard droppedCount == 0 else { return }
    switch role {
    case .block, .preformatted: body.breakLine()
    case .paragraph: body.breakLine(2)
    case .dropped, .title, .cell, .lineBreak, .meta, .link, .inline: break
    }
  }

  // MARK: Content without markup

  /// A title or a textarea: up to its end tag there are references and nothing else.
  private mutating func takeReferences(
    _ tag: HTMLTag,
    _ role: HTMLElement.Role,
    _ page: Span<UInt8>
  ) -> Int {
    let isTitle = role == .title
    let end = HTMLScanner.textEnd(of: isTitle ? "title" : "textarea", in: page, from: tag.end)
    if isTitle {
      if !hasTitle, droppedCount == 0 {
        swap(&title, &body)
        takeTitle(page, tag.end, end)
        swap(&title, &body)
        hasTitle = true
      }
    } else {
      begin(role)
      skipsLineFeed = true
      takeText(page, tag.end, end)
      finish(role)
    }
    return behindEndTag(page, end)
  }

  /// A title collapses white space wherever it stands.
  private mutating func takeTitle(_ page: Span<UInt8>, _ start: Int, _ end: Int) {
    let count = preformattedCount
    preformattedCount = 0
    takeText(page, start, end)
    preformattedCount = count
  }

  private mutating func takeRaw(
    _ tag: HTMLTag,
    _ element: HTMLElement,
    _ page: Span<UInt8>
  ) -> Int {
    let end =
      switch element.content {
      case .script: HTMLScanner.scriptEnd(in: page, from: tag.end)
      case .plain: page.count
      default: rawEnd(tag, page)
      }
    if element.role == .preformatted {
      begin(.preformatted)
      take(page.extracting(tag.end..<end))
      finish(.preformatted)
    }
    return behindEndTag(page, end)
  }

  private func rawEnd(_ tag: HTMLTag, _ page: Span<UInt8>) -> Int {
    for name in Self.rawNames where tag.name == name.name {
      return HTMLScanner.textEnd(of: name.text, in: page, from: tag.end)
    }
    return page.count
  }

  /// The offset behind the end tag at `offset`; the page's end if it has none.
  private func behindEndTag(_ page: Span<UInt8>, _ offset: Int) -> Int {
    guard offset < page.count else { return page.count }
    return HTMLScanner.tag(in: page, at: offset + 2)?.end ?? page.count
  }

  private static let rawNames: [(name: ElementName, text: StaticString)] =
    ["style", "noscript", "iframe", "noembed", "noframes", "xmp"].map { (ElementName($0), $0) }
}
