/// The elements that a rule speaks of, by open addressing: a page asks some thousand times.
struct ElementTable: Sendable {
  static let shared = ElementTable()

  private var names = [ElementName](repeating: ElementName(), count: 1 << 10)
  private var elements = [HTMLElement](repeating: HTMLElement(), count: 1 << 10)

  /// What is known of an element of this name.
  func element(_ name: ElementName) -> HTMLElement {
    var place = Self.place(name)
    while names[place] != name {
      if names[place].length == 0 { return HTMLElement() }
      place = (place + 1) & (names.count - 1)
    }
    return elements[place]
  }

  private static func place(_ name: ElementName) -> Int {
    Int(((name.low ^ (name.high &* 31)) &* 0x9E37_79B9_7F4A_7C15) >> 54)
  }

  private mutating func update(_ list: StaticString, _ change: (inout HTMLElement) -> Void) {
    for word in list.description.split(whereSeparator: \.isWhitespace) {
      var name = ElementName()
      for byte in word.utf8 { name.append(byte) }
      var place = Self.place(name)
      while names[place].length != 0, names[place] != name {
        place = (place + 1) & (names.count - 1)
      }
      names[place] = name
      change(&elements[place])
    }
  }

  private mutating func assign(_ role: HTMLElement.Role, _ list: StaticString) {
    update(list) { $0.role = role }
  }

  private mutating func assign(_ content: HTMLElement.Content, _ list: StaticString) {
    update(list) { $0.content = content }
  }

  private mutating func assign(kind: HTMLElement.Kind, _ list: StaticString) {
    update(list) { $0.kind = kind }
  }

  private mutating func assign(_ trait: HTMLElement.Traits, _ list: StaticString) {
    update(list) { $0.traits.insert(trait) }
  }

  private init() {
    assignRoles()
    assignContent()
    assignTraits()
    assignKinds()
  }

  private mutating func assignRoles() {
    // The content of noembed and noframes is no markup in HTML 5, and no browser shows it.
    assign(
      .dropped,
      """
      script style template noscript iframe object svg canvas audio video noembed noframes
      """
    )
    assign(.title, "title")
    assign(
      .block,
      """
      address article aside body caption center dd details dialog dir div dl dt fieldset figcaption
      figure footer form frameset header hgroup hr html legend li listing main menu nav ol optgroup
      option search section select summary table tbody tfoot thead tr ul
      """
    )
    assign(.paragraph, "p h1 h2 h3 h4 h5 h6 blockquote")
    assign(.cell, "td th")
    assign(.preformatted, "pre textarea xmp plaintext")
    assign(.lineBreak, "br")
    assign(.meta, "meta")
    assign(.link, "link")
  }

  private mutating func assignContent() {
    assign(.references, "title textarea")
    assign(.raw, "style noscript iframe noembed noframes xmp")
    assign(.script, "script")
    assign(.plain, "plaintext")
    assign(
      .none,
      """
      area base basefont bgsound br col embed frame hr image img input keygen link meta param source
      track wbr
      """
    )
  }

  private mutating func assignTraits() {
    assign(
      .endsParagraph,
      """
      address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption
      figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr li listing main menu nav ol p plaintext
      pre search section summary table ul xmp
      """
    )
    assign(
      .special,
      """
      address applet area article aside base basefont bgsound blockquote body br button caption
      center col colgroup dd details dir div dl dt embed fieldset figcaption figure footer form frame
      frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img input keygen li link listing
      main marquee menu meta nav noembed noframes noscript object ol p param plaintext pre script
      search section select source style summary table tbody td template textarea tfoot th thead
      title tr track ul wbr xmp
      """
    )
    assign(.scope, "applet caption html marquee object table td template th")
    assign(.formatting, "a b big code em font i nobr s small strike strong tt u")
    assign(.heading, "h1 h2 h3 h4 h5 h6")
    assign(
      .container,
      """
      address applet article aside blockquote button center details dialog dir div dl fieldset
      figcaption figure footer form header hgroup listing main marquee menu nav object ol pre search
      section select summary ul dd dt li p
      """
    )
    assign(
      .breakout,
      """
      b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li
      listing menu meta nobr ol p pre ruby s small span strike strong sub sup table tt u ul var
      """
    )
    assign(.tableSection, "tbody tfoot thead")
    assign(.tablePart, "caption col colgroup tbody td tfoot th thead tr")
    assign(.tableCell, "td th")
    assign(.listItem, "li")
    assign(.description, "dd dt")
    assign(.foreign, "math svg")
    assign(.integration, "annotation-xml desc foreignobject mi mn mo ms mtext title")
    assign(.page, "body frameset head html")
  }

  private mutating func assignKinds() {
    assign(kind: .anchor, "a")
    assign(kind: .address, "address")
    assign(kind: .button, "button")
    assign(kind: .caption, "caption")
    assign(kind: .division, "div")
    assign(kind: .font, "font")
    assign(kind: .list, "ul")
    assign(kind: .option, "option")
    assign(kind: .optionGroup, "optgroup")
    assign(kind: .orderedList, "ol")
    assign(kind: .paragraph, "p")
    assign(kind: .row, "tr")
    assign(kind: .table, "table")
    assign(kind: .template, "template")
  }
}
