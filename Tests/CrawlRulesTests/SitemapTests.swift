import CrawlRules
import Testing

@Suite struct SitemapTests {
  private func read(_ text: String) -> Sitemap { Sitemap(Array(text.utf8)) }

  private static let namespace = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""

  @Test func `pages of a sitemap come in order, with their hints, and pictures do not`() {
    let sitemap = read(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <urlset \(Self.namespace) xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
        <url><loc> https://x.example/a?b=1&amp;c=2
        </loc><lastmod>2026-01-02</lastmod><priority>0.5</priority></url>
        <url><image:image><image:loc>https://x.example/picture.png</image:loc></image:image>
          <loc><![CDATA[https://x.example/<b>]]></loc></url>
        <url><loc>/relative</loc></url><url><loc>ftp://x.example/</loc></url><url/>
        <url><loc>HTTPS://x.example/c</loc><loc>https://x.example/second</loc></url>
      </urlset>
      """
    )
    #expect(sitemap.kind == .pages && sitemap.damage == nil && !sitemap.isCut)
    #expect(
      sitemap.entries.map(\.location) == [
        "https://x.example/a?b=1&c=2", "https://x.example/<b>", "HTTPS://x.example/c",
      ]
    )
    #expect(
      sitemap.entries.map(\.modified) == ["2026-01-02", nil, nil] && sitemap.invalidCount == 3
    )
  }

  @Test func `an index, RSS 1.0 and 2.0, Atom and a list of lines are read too`() {
    let forms: [(Sitemap.Kind, String, [String?])] = [
      (
        .index,
        "<sitemapindex \(Self.namespace)><sitemap><loc>https://x.example/1</loc><lastmod>2025</lastmod></sitemap><sitemap><loc>https://x.example/2</loc></sitemap></sitemapindex>",
        ["2025", nil]
      ),
      (
        .rss,
        "<rss version='2.0'><channel><title>t</title><link>https://x.example/</link><image><link>https://x.example/i</link></image><item><link>https://x.example/1</link><pubDate>Mon, 01 Jan 2024 00:00:00 GMT</pubDate></item><item><link>https://x.example/2</link></item></channel></rss>",
        ["Mon, 01 Jan 2024 00:00:00 GMT", nil]
      ),
      (
        .rss,
        "<rdf:RDF xmlns:rdf='r' xmlns='http://purl.org/rss/1.0/' xmlns:dc='d'><channel><link>https://x.example/</link></channel><item><link>https://x.example/1</link><dc:date>2024</dc:date></item><item><link>https://x.example/2</link></item></rdf:RDF>",
        ["2024", nil]
      ),
      (
        .atom,
        "<feed xmlns='http://www.w3.org/2005/Atom'><link href='https://x.example/'/><entry><link rel='self' href='https://x.example/self'/><link href='https://x.example/1'/><updated>2024</updated></entry><entry><link rel='alternate' href='https://x.example/2'/></entry></feed>",
        ["2024", nil]
      ),
      (.text, "\u{FEFF}https://x.example/1\r\n\n  https://x.example/2  \rnothing\n", [nil, nil]),
    ]
    for (kind, text, hints) in forms {
      let sitemap = read(text)
      #expect(
        sitemap.kind == kind && sitemap.damage == nil,
        "\(kind): \(String(describing: sitemap.damage))"
      )
      #expect(
        sitemap.entries.map(\.location) == ["https://x.example/1", "https://x.example/2"],
        "\(kind)"
      )
      #expect(sitemap.entries.map(\.modified) == hints, "\(kind)")
    }
  }

  @Test func `other encodings are read as they declare themselves`() {
    let latin =
      Array("<?xml version='1.0' encoding='iso-8859-1'?><urlset><url><loc>https://x.example/".utf8)
      + [0xE9] + Array("</loc></url></urlset>".utf8)
    #expect(Sitemap(latin).entries.map(\.location) == ["https://x.example/é"])
    var wide: [UInt8] = [0xFF, 0xFE]
    for unit in "<urlset><url><loc>https://x.example/日</loc></url></urlset>".utf16 {
      wide += [UInt8(truncatingIfNeeded: unit), UInt8(unit >> 8)]
    }
    #expect(Sitemap(wide).entries.map(\.location) == ["https://x.example/日"])
  }

  @Test func `what is damaged, foreign or hostile is named, and what stands before it is kept`() {
    let page = "<url><loc>https://x.example/1</loc></url>"
    for (text, code, count) in [
      ("<urlset>\n\(page)\n<url><loc>x</urlset>", "xml-syntax", 1),
      ("<urlset>\(page)", "xml-syntax", 1), ("<html><body/></html>", "unknown-root", 0),
      (
        "<!DOCTYPE x [<!ENTITY a 'b'><!ENTITY c '&a;&a;&a;'>]><urlset>\(page)</urlset>", "xml-dtd",
        0
      ),
      ("<!DOCTYPE x SYSTEM 'file:///etc/passwd'><urlset>\(page)</urlset>", "xml-dtd", 0),
      ("<urlset>\(page)" + String(repeating: "<a>", count: 100), "xml-depth", 1),
      ("<urlset>\(page)&undefined;</urlset>", "xml-syntax", 1),
      ("<urlset \(String(repeating: "a", count: 12_000_000))='1'>", "xml-syntax", 0),
      ("<", "xml-syntax", 0),
    ] {
      let sitemap = read(text)
      #expect(
        sitemap.damage?.code == code && sitemap.entries.count == count,
        "\(text.prefix(60)): \(String(describing: sitemap.damage))"
      )
    }
    #expect(Sitemap([0x1F, 0x8B, 8, 0, 1]).damage?.code == "compression")
    #expect(read("<urlset>\n\(page)\n<url><loc>x</urlset>").damage?.detail == "line 3")
    #expect(read("").entries.isEmpty && read("").kind == .text)
  }

  @Test func `more entries than the protocol allows are cut, and a long address is none`() {
    let many = read(
      "<urlset>" + (0..<50_003).map { "<url><loc>https://x.example/\($0)</loc></url>" }.joined()
        + "</urlset>"
    )
    #expect(many.entries.count == 50_000 && many.isCut && many.damage == nil)
    #expect(many.entries.last?.location == "https://x.example/49999")
    let lines = read((0..<50_003).map { "https://x.example/\($0)\n" }.joined())
    #expect(lines.entries.count == 50_000 && lines.isCut)
    let long = read(
      "https://x.example/" + String(repeating: "a", count: 2048)
        + "\nhttps://x.example/a b\nhttps://x.example/ok\n"
    )
    #expect(long.entries.map(\.location) == ["https://x.example/ok"] && long.invalidCount == 2)
  }
}
