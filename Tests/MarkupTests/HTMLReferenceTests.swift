import Files
import Foundation
import Markup
import Testing
import _TestSupport

/// The extractor beside an independent one: html5lib's tokenizer with the rules of docs/formats.md written in Python.
@Suite struct HTMLReferenceTests {
  /// What either side makes of a page.
  private enum Reading: Equatable {
    case text(title: String, text: String)
    case refused(String)
  }

  private static let hasReference: Bool =
    (try? Command.run("/usr/bin/python3", ["-c", "import html5lib"]).status) == 0

  @Test(.enabled(if: hasReference, "python3-html5lib is not installed"))
  func
    `text and title are those of an HTML5 tokenizer with the same rules, on pages of random markup`()
    throws
  {
    var random = SeededRandom(seed: 5)
    let isLong = ProcessInfo.processInfo.environment["INGEST_LONG"] != nil
    var pages = (0..<(isLong ? 200_000 : 3_000)).map { _ in Self.page(&random) }
    // Each page once more, cut somewhere and with a byte changed.
    pages += pages.prefix(pages.count / 3).map { page in
      var bytes = Array(page.utf8.prefix(Int(random.next() % UInt64(page.utf8.count)) + 1))
      bytes[Int(random.next() % UInt64(bytes.count))] =
        Array("<>/&;\"'=- !ab".utf8).randomElement(using: &random) ?? 0x20
      return String(decoding: bytes, as: UTF8.self)
    }
    try compare(pages.filter { !$0.isEmpty })
  }

  @Test(.enabled(if: hasReference, "python3-html5lib is not installed"))
  func `text and title agree on every fixture of the fuzzer`() throws {
    let folder = Fixture.path("Fixtures/fuzz/html")
    let pages = try FolderWalk.entries(of: folder).map { entry in
      String(
        decoding: try InputFile.contents(
          of: FilePaths.join(folder, String(decoding: entry.name, as: UTF8.self)),
          limit: 1 << 20
        ),
        as: UTF8.self
      )
    }
    try compare(pages.map { $0.replacing("\0", with: "\u{FFFD}").replacing("\r", with: "\n") })
  }

  private func compare(_ pages: [String]) throws {
    let marked = pages.enumerated().map { ($0.offset % 5 == 0 ? "x" : "h") + $0.element }
    let result = try Fixture.withFolder { folder in
      let file = FilePaths.join(folder, "pages")
      try Fixture.write(marked.joined(separator: "\0"), file)
      return try Command.run(
        "/usr/bin/python3",
        [Fixture.path("Tests/independent/html_text.py"), file]
      )
    }
    #expect(result.status == 0, "\(result.errors)")
    var parts = result.outputBytes.split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }[...]
    let extractor = HTMLTextExtractor()
    var kept = 0
    var differences = 0
    for page in marked {
      let first = parts.popFirst() ?? ""
      let expected: Reading =
        first.hasPrefix("!html")
        ? .refused(String(first.dropFirst())) : .text(title: first, text: parts.popFirst() ?? "")
      let found = Self.reading(extractor, page)
      if case .text(_, let text) = found, !text.isEmpty { kept += 1 }
      if found != expected, differences < 5 {
        differences += 1
        Issue.record("\(page.debugDescription)\n  found    \(found)\n  expected \(expected)")
      }
    }
    #expect(parts.elementsEqual([""]), "the reference must answer for every page and no more")
    #expect(kept > marked.count / 2, "most pages must have text, or little was compared")
  }

  private static func reading(_ extractor: HTMLTextExtractor, _ marked: String) -> Reading {
    do throws(HTMLTextError) {
      let text = try extractor.extract(
        Array(marked.utf8.dropFirst())[...],
        isXML: marked.hasPrefix("x")
      )
      return .text(
        title: String(decoding: text.title, as: UTF8.self),
        text: String(decoding: text.text, as: UTF8.self)
      )
    } catch {
      return .refused(error.rawValue)
    }
  }

  // MARK: Pages

  private static let names =
    """
    p p div div span a b i li ul ol dd dt dl table tr td th tbody caption colgroup col h1 h2 pre textarea title script style
    noscript iframe object svg math template canvas video mi mtext foreignObject desc annotation-xml select option optgroup
    button font br hr img meta link html body head form blockquote address section code x-y plaintext xmp noembed marquee
    """.split(whereSeparator: \.isWhitespace).map(String.init)

  private static let pieces = [
    "<!-- c -->", "<!-->", "<!--->", "<!--a--!>", "<!-- - -- >-->", "<!doctype html>",
    "<![CDATA[ x<y> ]]>", "<?pi x>",
    "</>", "</ x>", "<3", "< b", "&amp;", "&lt", "&notit;", "&notin;", "&#65;", "&#x1F600;",
    "&#128;", "&#0;", "&#xD800;",
    "&#1114112;", "&;", "&", "&#", "&#x;", "&NotEqualTilde;", "&copy=1", "&ampx",
    "&CounterClockwiseContourIntegral;",
    "&nbsp;", "<!-- <script> --></script>", "<script><!-- <script> </script> --> x </script>",
    "-->", "]]>", "\u{A0}",
  ]

  private static func page(_ random: inout SeededRandom) -> String {
    var page = ""
    for _ in 0..<(1 + random.next() % 40) {
      switch random.next() % 12 {
      case 0...3: page += tag(&random)
      case 4...5:
        page +=
          "</\(letters(names.randomElement(using: &random) ?? "p", &random))\([">", ">", " >", " a=b>"].randomElement(using: &random) ?? ">")"
      case 6: page += pieces.randomElement(using: &random) ?? ""
      case 7: page += ["\n", " ", "\t", "\n\n", " \n "].randomElement(using: &random) ?? ""
      default:
        page +=
          ["word", "two words", "é", " x", "y ", "日本", "0"].randomElement(using: &random) ?? ""
      }
    }
    return page
  }

  private static func tag(_ random: inout SeededRandom) -> String {
    var tag = "<" + letters(names.randomElement(using: &random) ?? "p", &random)
    for _ in 0..<(random.next() % 3) {
      tag +=
        [
          " a", " a=b", " a='>'", " b=\"/\"", " color=red", " c=d/", " =x", " 'q'", "/",
          " a = \"x\"", "\nk=v", " a=\"'\"e=f",
        ].randomElement(using: &random) ?? ""
    }
    return tag + ([">", ">", ">", "/>", " >", " />"].randomElement(using: &random) ?? ">")
  }

  private static func letters(_ name: String, _ random: inout SeededRandom) -> String {
    random.next() % 8 == 0 ? name.uppercased() : name
  }
}
