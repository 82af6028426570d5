import CanonicalCoding
import Markup
import Normalization
import Testing
import _TestSupport

@Suite struct NFCTests {
  private func nfc(_ scalars: [UInt32]) -> [UInt8] {
    var text = Array(String(String.UnicodeScalarView(scalars.compactMap(Unicode.Scalar.init))).utf8)
    NFC.normalize(&text)
    return text
  }

  @Test func `the whole NormalizationTest of the pinned Unicode version holds`() throws {
    let result = try Command.shell(
      "bzip2 -dc '\(Fixture.path("Fixtures/vectors/NormalizationTest.txt.bz2"))'"
    )
    #expect(result.output.hasPrefix("# NormalizationTest-\(NFC.unicodeVersion).txt"))
    var count = 0
    var listed: Set<UInt32> = []
    var isFirstPart = false
    for line in result.output.split(separator: "\n") {
      if line.hasPrefix("@Part") { isFirstPart = line.hasPrefix("@Part1") }
      guard !line.hasPrefix("#"), !line.hasPrefix("@") else { continue }
      let columns = line.split(separator: ";").prefix(5).map {
        $0.split(separator: " ").compactMap { UInt32($0, radix: 16) }
      }
      guard columns.count == 5 else { continue }
      count += 1
      if isFirstPart, columns[0].count == 1 { listed.insert(columns[0][0]) }
      // c2 = NFC(c1) = NFC(c2) = NFC(c3); c4 = NFC(c4) = NFC(c5).
      let forms = columns.map(nfc)
      let expected = Array(
        String(String.UnicodeScalarView(columns[1].compactMap(Unicode.Scalar.init))).utf8
      )
      let compatible = Array(
        String(String.UnicodeScalarView(columns[3].compactMap(Unicode.Scalar.init))).utf8
      )
      #expect(
        forms[0] == expected && forms[1] == expected && forms[2] == expected
          && forms[3] == compatible && forms[4] == compatible,
        "\(line.prefix(60))"
      )
    }
    #expect(count > 18_000)
    // Characters that part 1 does not list are their own form.
    for value in stride(from: UInt32(0), to: 0x110000, by: 7)
    where Unicode.Scalar(value) != nil && !listed.contains(value) {
      #expect(
        nfc([value]) == Array(String(String.UnicodeScalarView([Unicode.Scalar(value)!])).utf8)
      )
    }
  }

  @Test func `normalizing twice changes nothing, and pieces of text keep their neighbours`() {
    var random = SeededRandom(seed: 15)
    let pool: [UInt32] = [
      0x41, 0x20, 0x301, 0x308, 0x327, 0x345, 0xE9, 0x1100, 0x1161, 0x11A8, 0xAC00, 0x1E9B, 0x323,
      0x9BC, 0x9BE, 0x9C7, 0x1F600, 0x2126, 0x212B,
    ]
    for _ in 0..<2000 {
      let scalars = (0..<Int.random(in: 0..<14, using: &random)).map { _ in
        pool.randomElement(using: &random) ?? 0x41
      }
      let once = nfc(scalars)
      var twice = once
      #expect(!NFC.normalize(&twice))
      #expect(once == twice)
    }
  }
}

@Suite struct CharsetTests {
  private func text(_ bytes: [UInt8], label: String? = nil, type: String = "text/plain") throws -> (
    String, CharsetDecision?
  ) {
    let normalizer = Normalizer(NormalizationProfile(type == "text/html" ? .html : .text))
    let record = try normalizer.normalize(bytes[...], mediaType: type, charset: label)
    switch record.content {
    case .payload: return (String(decoding: bytes, as: UTF8.self), record.charset)
    case .buffer: return (String(decoding: normalizer.buffer, as: UTF8.self), record.charset)
    }
  }

  @Test(arguments: [
    ("utf-8", "c3a9", "é"), ("latin1", "e9 80", "é€"), ("iso-8859-1", "85", "…"),
    ("windows-1251", "cff0e8e2e5f2", "Привет"), ("koi8-r", "f0d2c9d7c5d4", "Привет"),
    ("shift_jis", "93fa967b8cea 5c b1", "日本語\\ｱ"), ("euc-jp", "c6fccbdcb8ec 8eb1 8fb0a1", "日本語ｱ丂"),
    ("iso-2022-jp", "1b2442 467c4b5c 1b2842 41", "日本A"),
    ("gbk", "d6d0cec4", "中文"), ("gb2312", "80", "€"),
    ("gb18030", "81308130 90308130 d6d0", "\u{80}\u{10000}中"),
    ("big5", "a4a4a4e5 8862", "中文Ê̄"), ("euc-kr", "c7d1b1db", "한글"),
    ("ks_c_5601-1987", "c7d1", "한"), ("utf-16le", "4100 0dd8 00dc", "A\u{13400}"),
    ("utf-16be", "00e9", "é"), ("macintosh", "8e", "é"), ("x-user-defined", "41 80", "A\u{F780}"),
    ("ibm866", "8f", "П"),
  ])
  func `an encoding of the standard decodes as browsers do`(
    _ label: String,
    _ hex: String,
    _ expected: String
  ) throws {
    let bytes = try #require(Hex.decode(hex.filter { $0 != " " }))
    var normal = Array(expected.utf8)
    NFC.normalize(&normal)
    #expect(try text(bytes, label: label).0 == String(decoding: normal, as: UTF8.self))
  }

  @Test func `four-byte GB18030 reaches every plane`() throws {
    #expect(try text([0x81, 0x30, 0x81, 0x30], label: "gb18030").0 == "\u{80}")
    #expect(try text([0x90, 0x30, 0x81, 0x30], label: "gb18030").0 == "\u{10000}")
    #expect(try text([0xE3, 0x32, 0x9A, 0x35], label: "gb18030").0 == "\u{10FFFF}")
  }

  @Test
  func
    `the byte order mark beats the transport, the transport beats meta, UTF-8 beats the fallback`()
    throws
  {
    let html = "<meta charset=\"windows-1251\"><p>"
    let marked = try text([0xEF, 0xBB, 0xBF] + Array("é".utf8), label: "windows-1251")
    #expect(marked.0 == "é" && marked.1?.reason == .byteOrderMark)
    let declared = try text(Array(html.utf8) + [0xE9], label: "latin1", type: "text/html")
    #expect(declared.0 == "é\n" && declared.1?.reason == .transport)
    let meta = try text(Array(html.utf8) + [0xE9], type: "text/html")
    #expect(meta.0 == "й\n" && meta.1?.reason == .meta)
    #expect(try text(Array("é".utf8)).1?.reason == .utf8)
    let fallback = try text(Array("caf".utf8) + [0xE9] + Array(" au lait".utf8))
    #expect(fallback.0 == "café au lait" && fallback.1?.reason == .fallback)
    // A label that is none, and UTF-7, are no labels.
    #expect(try text(Array("é".utf8), label: "utf-7").1?.reason == .utf8)
  }

  @Test func `a wrong label is refused when a hundredth of the text is garbage, and counted below`()
    throws
  {
    let clean = Array(repeating: UInt8(0x61), count: 500)
    #expect(try text(clean + [0xFF], label: "utf-8").1?.malformed == 1)
    #expect(throws: NormalizationError.self) {
      try text([0x93, 0xFA, 0x96, 0x7B, 0x8C, 0xEA], label: "utf-8")
    }
    #expect(
      throws: NormalizationError.rejected(
        code: "charset-replacement",
        detail: "the label names an encoding that the standard refuses"
      )
    ) {
      try text(Array("a".utf8), label: "iso-2022-kr")
    }
  }

  @Test func `newlines, NUL and a leading mark are unified; all else stays`() throws {
    #expect(
      try text(Array("a\r\nb\rc\n\u{0}d\u{200D}\u{202E}".utf8)).0
        == "a\nb\nc\n\u{FFFD}d\u{200D}\u{202E}"
    )
    #expect(try text(Array("Cafe\u{301} crème\r\n".utf8)).0.utf8.elementsEqual("Café crème\n".utf8))
    #expect(try text([]).0 == "")
  }
}

@Suite struct HTMLTextTests {
  private func text(_ html: String) throws -> String {
    let normalizer = Normalizer(NormalizationProfile(.html))
    _ = try normalizer.normalize(Array(html.utf8)[...], mediaType: "text/html", charset: "utf-8")
    return String(decoding: normalizer.buffer, as: UTF8.self)
  }

  @Test(arguments: [
    ("<p>a</p><p>b</p>", "a\n\nb\n"), ("a<br>b", "a\nb\n"), ("a<br><br><br>b", "a\n\nb\n"),
    ("<div>a</div><div>b</div>", "a\nb\n"), ("<h1>t</h1>x", "t\n\nx\n"),
    ("  a \n\t b  ", "a b\n"), ("a\u{A0} b", "a\u{A0} b\n"),
    ("<pre>a\n  b \n\n\n c</pre>", "a\n  b\n\n c\n"),
    ("<table><tr><td>1<td>2<tr><td>3<td>4</table>", "1\t2\n3\t4\n"),
    ("a<script>x</script>b<style>y</style>c<!-- z -->d", "abcd\n"),
    ("<svg><text>x</text></svg>a", "a\n"), ("<title>t</title>a", "a\n"),
    ("&lt;a&gt; &eacute;&#x1F600;&amp;", "<a> é😀&\n"),
    ("<a>link</a> <b>bold</b>, <i>i</i>.", "link bold, i.\n"), ("<ul><li>a<li>b</ul>", "a\nb\n"),
    ("", ""), ("<p></p>", ""), ("a<template><p>x</p></template>b", "ab\n"),
    ("<blockquote>q</blockquote>r", "q\n\nr\n"),
    ("<textarea> a\n b</textarea>", " a\n b\n"), ("<template-x>shown</template-x>", "shown\n"),
    ("x<noscript><p>n</noscript>y", "xy\n"), ("<p>e\u{301}", "é\n"),
    ("<pre>\n\nx</pre>", "x\n"), ("a<!-->b<!--->c<!-- --!>d", "abcd\n"),
    ("1 < 2 <3 </ x>", "1 < 2 <3\n"),
    ("<b>a<p>b</b>c</p>d", "a\n\nbc\n\nd\n"), ("<p>a<div>b</p>c", "a\n\nb\n\nc\n"),
    ("<td>a<tr>b", "ab\n"),
    ("<table><tr><td>a<table><tr><td>b</table>c<td>d</table>e", "a\nb\nc\td\ne\n"),
    ("<svg><title>x</title><text>y</text><p>z", "z\n"), ("<svg/>a<math><mi>b</mi></math>", "ab\n"),
    ("<div><video>x</div>y", "y\n"), ("<object><div>x</div>y</object>z", "z\n"),
    ("<script><!--<script></script>x--></script>a", "a\n"), ("<style></styles>x</style >a", "a\n"),
    ("a<title>t", "a\n"), ("a<textarea>\n&lt;b></textarea>c", "a\n<b>\nc\n"),
    ("a<p title='>'>b", "a\n\nb\n"),
    ("a<b c=d/>e</b>", "ae\n"), ("a<br", "a\n"), ("a<!-- b", "a\n"), ("a<", "a<\n"),
    ("a</", "a</\n"),
    (
      "&notit; &notin; &copy=1 &amp &#128; &#0; &#xD800; &#x110000; &#; &nosuch;",
      "¬it; ∉ ©=1 & € � � � &#; &nosuch;\n"
    ),
    ("<select><option>a<option>b</select>", "a\nb\n"), ("<DIV>A</Div>B", "A\nB\n"),
  ])
  func `markup becomes text by the rules of the profile`(_ html: String, _ expected: String) throws
  {
    let found = try text(html)
    #expect(found.utf8.elementsEqual(expected.utf8), "\(found)")
  }

  @Test func `the text does not depend on where in the page it stands`()
    throws
  {
    let body = (0..<400).map { "word\($0) <b>x</b>  é日本 \n<pre> k\($0)\n\n  l </pre> &amp;&lt;" }
      .joined()
    let expected = try text("<p>" + body)
    for shift in 1..<40 {
      let padded = try text("<!--" + String(repeating: "-x", count: shift) + "--><p>" + body)
      #expect(padded == expected)
    }
  }

  @Test func `entities load nothing, and depth and attributes have limits`() throws {
    let external = "<!DOCTYPE html [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><p>a&x;b"
    #expect(!(try text(external)).contains("root:"))
    #expect(throws: NormalizationError.self) { try text(String(repeating: "<div>", count: 300)) }
    let attributes = (0..<1200).map { "a\($0)=1" }.joined(separator: " ")
    #expect(throws: NormalizationError.self) { try text("<p \(attributes)>x") }
    #expect(try text(String(repeating: "<div>", count: 200) + "deep") == "deep\n")
  }

  @Test func `a page served as XHTML ends what it closes itself, and its sections are text`() throws
  {
    let page = "<p>a<script src='x'/>b<![CDATA[ 1 < 2 & ]]>c<div/>d"
    let normalizer = Normalizer(NormalizationProfile(.html))
    for (type, expected) in [
      ("application/xhtml+xml", "ab 1 < 2 & c\n\nd\n"), ("text/html", "a\n"),
    ] {
      _ = try normalizer.normalize(Array(page.utf8)[...], mediaType: type, charset: "utf-8")
      #expect(String(decoding: normalizer.buffer, as: UTF8.self) == expected, "\(type)")
    }
  }

  @Test func `title and signals of the head are taken in the same pass`() throws {
    let page =
      "<title> A \n title </title><meta name=Robots content='noai, noindex'><link rel='license' href='https://x.example/l'><p>b"
    let record = try Normalizer(NormalizationProfile(.html)).normalize(
      Array(page.utf8)[...],
      mediaType: "text/html",
      charset: "utf-8"
    )
    #expect(record.title == "A title")
    #expect(record.signals.map(\.name) == ["robots", "license"])
  }

  @Test func `the profile's digest changes with its options and nothing else`() {
    #expect(NormalizationProfile(.html).digest == NormalizationProfile(.html).digest)
    #expect(NormalizationProfile(.html).digest != NormalizationProfile(.text).digest)
    #expect(
      NormalizationProfile(.text, textField: "a").digest != NormalizationProfile(.text).digest
    )
    #expect(
      NormalizationProfile(.text, declaredCharset: "latin1").digest
        != NormalizationProfile(.text).digest
    )
  }
}
