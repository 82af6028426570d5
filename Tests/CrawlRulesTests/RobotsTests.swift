import CrawlRules
import Testing

/// RFC 9309 rule by rule; the examples are those of the RFC where it has one.
@Suite struct RobotsTests {
  private func isAllowed(_ robots: String, _ agent: String, _ address: String) -> Bool {
    RobotsRules(RobotsFile(Array(robots.utf8)), agent: agent).verdict(on: address).isAllowed
  }

  private func line(_ robots: String, _ agent: String, _ address: String) -> Int? {
    RobotsRules(RobotsFile(Array(robots.utf8)), agent: agent).verdict(on: address).rule?.line
  }

  @Test
  func `all groups that name the product are merged, and others stand for it only if none does`() {
    let robots = """
      User-agent: ExampleBot
      Disallow: /foo
      Disallow: /bar

      User-agent: *
      Disallow: /everything

      User-agent: ExampleBot
      Disallow: /baz
      """
    for (agent, path, allowed) in [
      ("ExampleBot", "/foo", false), ("ExampleBot", "/baz", false), ("examplebot", "/bar/x", false),
      ("EXAMPLEBOT", "/everything", true), ("OtherBot", "/everything", false),
      ("OtherBot", "/foo", true),
    ] {
      #expect(isAllowed(robots, agent, path) == allowed, "\(agent) \(path)")
    }
  }

  @Test func `several product lines share a group, whatever other lines stand between them`() {
    let robots = """
      User-agent: a
      Sitemap: https://x.example/s.xml

      # a comment
      Crawl-delay: 2
      Something: else
      User-agent: b
      Disallow: /
      User-agent: c
      Allow: /
      """
    #expect(!isAllowed(robots, "a", "/x") && !isAllowed(robots, "b", "/x"))
    #expect(isAllowed(robots, "c", "/x") && isAllowed(robots, "d", "/x"))
    let file = RobotsFile(Array(robots.utf8))
    #expect(file.sitemaps == ["https://x.example/s.xml"] && file.unknownLines == 1)
    #expect(RobotsRules(file, agent: "a").delay == 2 && RobotsRules(file, agent: "b").delay == nil)
  }

  @Test(arguments: [
    // The most octets win, whatever stands first; the allowing one of two that are as long.
    ("Allow: /p\nDisallow: /", "/page", true), ("Disallow: /\nAllow: /p", "/page", true),
    ("Allow: /page\nDisallow: /*.html", "/page.html", false),
    ("Allow: /folder\nDisallow: /folder", "/folder/x", true),
    ("Allow: /$\nDisallow: /", "/", true), ("Allow: /$\nDisallow: /", "/page", false),
    ("Disallow: /x\nAllow: /x/page", "/x/page", true),
    ("Disallow: /x/page\nAllow: /x", "/x/page", false),
    // RFC 9309, section 5.2.
    (
      "Allow: /example/page/\nDisallow: /example/page/disallowed.gif",
      "/example/page/disallowed.gif", false
    ),
    // Special characters.
    ("Disallow: *.gif$", "/a/b.gif", false), ("Disallow: *.gif$", "/a/b.gif?x", true),
    ("Disallow: /a*c", "/abbbcd", false),
    ("Disallow: /fish*.php", "/fish/x.php?y", false), ("Disallow: /fish*.php", "/Fish.php", true),
    ("Disallow: /*/b*/c$", "/a/bb/x/c", false),
    ("Disallow: /a**b", "/axb", false), ("Disallow: *", "/x", false), ("Disallow: $", "/x", true),
    ("Disallow: /x$y", "/x$y", false),
    ("Disallow: /x$y", "/x", true),
    ("Disallow: /file-with-a-%2A.html", "/file-with-a-*.html", false),
    ("Disallow: /file-with-a-%2A.html", "/file-with-a-x.html", true),
    ("Disallow: /foo-%24$", "/foo-$", false), ("Disallow: /foo-%24$", "/foo-$x", true),
    // Section 2.2.2: the table of its examples.
    ("Disallow: /foo/bar?baz=quz", "/foo/bar?baz=quz", false),
    ("Disallow: /foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", false),
    ("Disallow: /foo/bar/\u{30C4}", "/foo/bar/%E3%83%84", false),
    ("Disallow: /foo/bar/%E3%83%84", "/foo/bar/%e3%83%84", false),
    ("Disallow: /foo/bar/%62%61%7A", "/foo/bar/baz", false), ("Disallow: /a%2Fb", "/a/b", true),
    ("Disallow: /a%3cd.html", "/a%3Cd.html", false),
    // Nothing is ruled.
    ("Disallow:", "/x", true), ("Allow:\nDisallow: /", "/x", false), ("", "/x", true),
    ("Disallow: /X", "/x", true),
    ("Disallow: /", "/robots.txt", true), ("Disallow: /", "https://x.example/robots.txt?x", false),
    ("Disallow: /", "https://x.example", false),
    ("Disallow: /?", "https://x.example?q=1", false), ("Disallow: /a", "/a#b", false),
    ("Disallow: /a#b", "/a", false), ("Disallow: x", "/x", true),
    // Spelling.
    ("disallow :  /a \t# c", "/a", false), ("DISALLOW:/a", "/a", false),
    ("Dissallow: /a", "/a", true), ("Disallow /a", "/a", true),
  ])
  func `a rule matches as the RFC says`(_ rules: String, _ address: String, _ allowed: Bool) {
    #expect(isAllowed("User-agent: *\n" + rules, "bot", address) == allowed)
  }

  @Test
  func
    `a product token ends where something else begins, and rules before any product stand for none`()
  {
    #expect(!isAllowed("User-agent: Foo-Bot/1.2 (x)\nDisallow: /", "foo-bot", "/x"))
    #expect(isAllowed("User-agent: Foo-Bot/1.2\nDisallow: /", "foo", "/x"))
    #expect(isAllowed("User-agent: foo\nDisallow: /", "foobot", "/x"))
    #expect(!isAllowed("User-agent: * # all\nDisallow: /", "foo", "/x"))
    #expect(isAllowed("Disallow: /\nUser-agent: *\nAllow: /", "foo", "/x"))
    #expect(isAllowed("User-agent:\nDisallow: /", "foo", "/x"))
  }

  @Test func `the lines that decided are counted over all three line ends and a byte order mark`() {
    for end in ["\n", "\r", "\r\n"] {
      let robots = ["\u{FEFF}User-agent: *", "", "Disallow: /a", "Allow: /a/b"].joined(
        separator: end
      )
      #expect(
        line(robots, "x", "/a") == 3 && line(robots, "x", "/a/b/c") == 4,
        "\(end.debugDescription)"
      )
      #expect(line(robots, "x", "/b") == nil)
    }
  }

  @Test func `what stands behind 500 KiB is left out, a line that is cut with it`() {
    let head = "User-agent: *\nDisallow: /early\n"
    let filler = String(repeating: "# filler\n", count: RobotsFile.byteLimit / 9)
    let long = RobotsFile(Array((head + filler + "Disallow: /late\n").utf8))
    #expect(long.isCut)
    let rules = RobotsRules(long, agent: "x")
    #expect(!rules.verdict(on: "/early").isAllowed && rules.verdict(on: "/late").isAllowed)
    // The last line that fits in whole counts, the one that is cut does not: half of it says something else.
    let room = RobotsFile.byteLimit - head.utf8.count - 1 - "Disallow: /".utf8.count
    let cut = head + String(repeating: "#", count: room) + "\nDisallow: /a/b\n"
    #expect(RobotsRules(RobotsFile(Array(cut.utf8)), agent: "x").verdict(on: "/z").isAllowed)
    let endless = RobotsFile([UInt8](repeating: 0x3A, count: RobotsFile.byteLimit + 1))
    #expect(endless.isCut && endless.groups.isEmpty && endless.unknownLines == 0)
    #expect(!RobotsFile(Array((head + filler.prefix(RobotsFile.byteLimit / 2)).utf8)).isCut)
  }

  @Test func `the delay, what is preferred and the license are kept with their places`() {
    let robots = """
      License: https://x.example/license.xml
      User-agent: *
      Crawl-delay: 1.5
      Content-Usage: train-ai=n
      Content-Usage: /open train-ai=y, search=y
      Disallow: /x
      Crawl-delay: nonsense
      """
    let file = RobotsFile(Array(robots.utf8))
    let rules = RobotsRules(file, agent: "bot")
    #expect(rules.delay == 1.5 && file.licenses == ["https://x.example/license.xml"])
    #expect(rules.usage.map(\.preferences) == ["train-ai=n", "train-ai=y, search=y"])
    #expect(rules.usage.map(\.line) == [4, 5] && rules.usage.map(\.pattern.text) == ["", "/open"])
    // The longest path counts, and equal ones together; a refusal wins.
    #expect(
      rules.training(on: "/x").preference == .disallowed && rules.training(on: "/x").lines == [4]
    )
    #expect(
      rules.training(on: "/open/y").preference == .allowed
        && rules.training(on: "/open/y").lines == [5]
    )
    let more = RobotsFile(
      Array((robots + "\nContent-Usage: /open train-ai=n\nContent-Usage: /open/all search=n").utf8)
    )
    let both = RobotsRules(more, agent: "bot")
    #expect(
      both.training(on: "/open/y").preference == .disallowed
        && both.training(on: "/open/y").lines == [5, 8]
    )
    #expect(
      both.training(on: "/open/all").preference == .unknown
        && both.training(on: "/open/all").lines == []
    )
    // The specific group's delay counts, not that of all.
    let two = RobotsFile(
      Array("User-agent: *\nCrawl-delay: 9\nUser-agent: bot\nCrawl-delay: 3\n".utf8)
    )
    #expect(RobotsRules(two, agent: "bot").delay == 3 && RobotsRules(two, agent: "x").delay == 9)
  }

  @Test func `no file is slow to ask`() {
    let stars = "User-agent: *\nDisallow: /" + String(repeating: "*a", count: 200_000) + "b\n"
    let many = "User-agent: *\n" + String(repeating: "Disallow: /*a*a*b\n", count: 25_000)
    let address = "/" + String(repeating: "a", count: 8_000)
    for robots in [stars, many] {
      let rules = RobotsRules(RobotsFile(Array(robots.utf8)), agent: "x")
      let clock = ContinuousClock()
      // Far above what it takes (tenths of a second); what was quadratic would take hours.
      #expect(clock.measure { _ = rules.verdict(on: address) } < .seconds(20))
      #expect(rules.verdict(on: address).isAllowed)
    }
  }
}
