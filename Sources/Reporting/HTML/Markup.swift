internal import CanonicalCoding

/// A piece of a page: every text of somebody else is escaped where it comes in, and nothing else can come in.
struct Markup {
  /// The bytes of the piece, in order.
  private(set) var html = ""

  /// Nothing.
  static let empty = Markup()

  private init() {}
  private init(html: String) { self.html = html }

  /// A text: markup is no markup in it, and what cannot be seen is shown as its number.
  static func text(_ text: String) -> Markup { Markup(html: escape(text)) }

  /// Pieces one after the other.
  static func all(_ pieces: [Markup]) -> Markup { Markup(html: pieces.map(\.html).joined()) }

  /// An element.
  ///
  /// - Precondition: the names of element and attributes are ours.
  static func element(
    _ name: StaticString,
    _ attributes: [(StaticString, String)] = [],
    _ content: [Markup]
  ) -> Markup {
    var html = "<\(name)"
    for (name, value) in attributes { html += " \(name)=\"\(escape(value))\"" }
    html += ">"
    for piece in content { html += piece.html }
    return Markup(html: html + "</\(name)>")
  }

  /// An element with nothing but a text in it.
  static func element(
    _ name: StaticString,
    _ attributes: [(StaticString, String)] = [],
    _ text: String
  ) -> Markup { element(name, attributes, [.text(text)]) }

  /// A whole page: encoding, the strictest policy for content, our style sheet, and nothing from elsewhere.
  static func page(title: String, _ body: [Markup]) -> [UInt8] {
    var html = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    html +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-\(StyleSheet.digest)'; base-uri 'none'; form-action 'none'\">"
    html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    html += "<meta name=\"referrer\" content=\"no-referrer\">"
    html += "<title>\(escape(title))</title><style>\(StyleSheet.text)</style></head><body>\n"
    for piece in body { html += piece.html + "\n" }
    return Array((html + "</body></html>\n").utf8)
  }

  private static func escape(_ text: String) -> String {
    // Most texts have nothing to escape; whole runs are kept as they are.
    guard text.unicodeScalars.contains(where: needsEscape) else { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": shown += "&lt;"
      case ">": shown += "&gt;"
      case "&": shown += "&amp;"
      case "\"": shown += "&quot;"
      case "'": shown += "&#39;"
      default:
        if needsEscape(scalar) {
          shown += HiddenCharacters.visible(scalar)
        } else {
          shown.unicodeScalars.append(scalar)
        }
      }
    }
    return shown
  }

  /// Characters of markup, hidden ones but line ends, and what HTML calls noncharacters.
  private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A: false
    case 0x22, 0x26, 0x27, 0x3C, 0x3E, 0xFDD0...0xFDEF: true
    default: HiddenCharacters.contains(scalar) || scalar.value & 0xFFFE == 0xFFFE
    }
  }
}

extension Markup {
  static func paragraph(_ text: String) -> Markup { element("p", [], text) }
  static func code(_ text: String) -> Markup { element("code", [], text) }
  static func link(_ address: String, _ text: String) -> Markup {
    element("a", [("href", address)], text)
  }

  /// A section with its heading, which others can link to.
  static func section(_ id: String, _ title: String, _ content: [Markup]) -> Markup {
    element("section", [("id", id)], [element("h2", [], title)] + content)
  }

  /// A list of pieces; a sentence where there is none.
  static func list(_ items: [Markup], empty: String) -> Markup {
    items.isEmpty
      ? element("p", [("class", "none")], empty)
      : element("ul", [], items.map { element("li", [], [$0]) })
  }

  /// Names and values; wide ones one a line.
  static func facts(_ pairs: [(name: String, value: Markup)], isWide: Bool = false) -> Markup {
    element(
      "dl",
      isWide ? [("class", "wide")] : [],
      pairs.map { pair in
        element("div", [], [element("dt", [], pair.name), element("dd", [], [pair.value])])
      }
    )
  }

  /// A table that becomes a list of cards where the page is narrow: each cell knows its column.
  static func table(
    _ head: [String],
    _ rows: [[Markup]],
    numbers: Set<Int> = [],
    empty: String
  ) -> Markup {
    guard !rows.isEmpty else { return element("p", [("class", "none")], empty) }
    func attributes(_ index: Int) -> [(StaticString, String)] {
      numbers.contains(index) ? [("class", "number")] : []
    }
    let top = element(
      "tr",
      [],
      head.enumerated().map { index, name in
        element("th", [("scope", "col")] + attributes(index), name)
      }
    )
    let body = rows.map { cells in
      element(
        "tr",
        [],
        zip(cells, head).enumerated().map { index, pair in
          element("td", [("data-label", pair.1)] + attributes(index), [pair.0])
        }
      )
    }
    return element(
      "table",
      [],
      [element("thead", [], [top]), element("tbody", [], body)]
    )
  }
}
