import CrawlRules
import Testing

/// Files in which a site speaks about training beside robots.txt.
@Suite struct ReservationFileTests {
  @Test func `the most specific rule of a tdmrep file counts, and 1 alone reserves`() {
    let file = TDMReservationFile(
      Array(
        #"[{"location":"/","tdm-reservation":1},{"location":"/open/*","tdm-reservation":0},{"location":"/open/no","tdm-reservation":"1","tdm-policy":"https://x.example/p.json"},{"location":"/odd","tdm-reservation":2},{"location":5,"tdm-reservation":1},7]"#
          .utf8
      )
    )
    #expect(file.isReadable)
    func said(_ path: String) -> UsagePreference? {
      file.statement(on: "https://x.example" + path)?.training
    }
    #expect(said("/a") == .disallowed && said("/open/a") == .unknown)
    #expect(said("/open/no") == .disallowed && said("/odd") == .disallowed)
    #expect(file.statement(on: "/open/no")?.text.contains("https://x.example/p.json") == true)
  }

  @Test(arguments: [
    "", "{}", "[", "<html>", "[{\"location\":\"/\",\"tdm-reservation\":1,\"tdm-reservation\":0}]",
  ])
  func `a tdmrep file that cannot be read says so`(_ text: String) {
    let file = TDMReservationFile(Array(text.utf8))
    #expect(!file.isReadable && file.statement(on: "/") == nil)
  }

  @Test func `an ai.txt refuses by its lines, and permits nothing`() {
    let file = AITextFile(
      Array("# x\nUser-Agent: *\nDisallow: /\nDisallow: *.html\nAllow: /free\n".utf8),
      agent: "examplebot"
    )
    #expect(file.statement(on: "/a")?.training == .disallowed)
    #expect(file.statement(on: "/free/x")?.training == .unknown)
    let other = file.statement(on: "/x/y.html")
    #expect(other?.training == .disallowed && other?.line == 4)
    for text in ["<html>Disallow: /", "An essay about ai.", ""] {
      #expect(AITextFile(Array(text.utf8), agent: "b").statement(on: "/") == nil)
    }
  }

  @Test func `an RSL license prohibits, permits, or wants to be paid`() {
    func said(_ terms: String, _ path: String = "/a") -> UsagePreference? {
      RSLDocument(
        Array(
          "<rsl xmlns='https://rslstandard.org/rsl'><content url='https://x.example/'><license>\(terms)</license></content></rsl>"
            .utf8
        )
      ).statement(on: "https://x.example" + path)?.training
    }
    for (terms, training) in [
      ("<prohibits type='usage'>ai-train</prohibits>", .disallowed),
      ("<prohibits type='usage'>search, ALL</prohibits>", .disallowed),
      ("<permits type='usage'>search</permits>", .disallowed),
      ("<permits type='usage'>ai-train search</permits>", .allowed),
      ("<permits type='usage'>ai-all</permits><payment type='free'/>", .allowed),
      ("<permits type='usage'>all</permits><payment type='subscription'/>", .disallowed),
      ("<permits type='geo'>EU</permits>", .unknown),
      (
        "<permits type='usage'>all</permits><prohibits type='usage'>ai-train</prohibits>",
        .disallowed
      ),
      ("", .unknown),
    ] as [(String, UsagePreference)] {
      #expect(said(terms) == training, "\(terms)")
    }
    for text in ["", "<html/>", "<rsl>", "<!DOCTYPE x [<!ENTITY a 'b'>]><rsl/>"] {
      #expect(RSLDocument(Array(text.utf8)).statement(on: "/") == nil, "\(text)")
    }
  }

  @Test func `the license of the most specific part counts`() {
    let file = RSLDocument(
      Array(
        "<rsl><content url='/'><license><permits type='usage'>all</permits></license></content><content url='/paid/'><license><prohibits type='usage'>ai-all</prohibits></license></content></rsl>"
          .utf8
      )
    )
    #expect(file.statement(on: "/a")?.training == .allowed)
    #expect(file.statement(on: "/paid/a")?.training == .disallowed)
  }

  @Test(
    arguments: [
      ("nofollow", true), ("noindex, nofollow", true), ("none", true), ("noindex", false),
      ("examplebot: nofollow", true), ("otherbot: nofollow", false), ("", false),
    ]
  )
  func `links are not followed where a robots tag asks for it`(_ field: String, _ forbids: Bool) {
    #expect(UsageSignals.forbidsFollowing(field, agent: "examplebot") == forbids)
  }
}
