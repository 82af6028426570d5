import CrawlRules
import Files
import Testing
import _TestSupport

/// Verdicts beside those of Protego, the parser that Scrapy uses.
///
/// The files leave out where the two are known to differ: Protego lets one product's name begin another's, takes unknown
/// lines for the end of a group, does not code the query, and reads `//a/b` as host and path.
@Suite struct RobotsReferenceTests {
  private static let hasReference: Bool =
    (try? Command.run("/usr/bin/python3", ["-c", "import protego"]).status) == 0

  private static let pieces = [
    "/", "/a", "/b", "a", "b", "/ab", "*", "*", "$", "%61", "%2F", "%e3%83%84", "ツ", ".html",
    "?x=1", "-", "~",
  ]

  private static func path(_ random: inout SeededRandom, isPattern: Bool) -> String {
    var path = "/"
    for _ in 0..<(random.next() % 5) {
      let piece = pieces.randomElement(using: &random) ?? ""
      if piece.hasPrefix("/"), path.hasSuffix("/") { continue }
      if path.hasSuffix("?x=1"), piece.contains(where: { "%/ツ".contains($0) }) { continue }
      if isPattern || (piece != "*" && piece != "$") { path += piece }
    }
    return path
  }

  private static func file(_ random: inout SeededRandom) -> String {
    var lines: [String] = []
    for _ in 0..<(1 + random.next() % 3) {
      for _ in 0..<(1 + random.next() % 2) {
        lines.append(
          "User-agent: " + (["alpha", "Beta", "*", "gamma"].randomElement(using: &random) ?? "*")
        )
      }
      for _ in 0..<(1 + random.next() % 5) {
        let key = ["Allow", "Disallow", "disallow"].randomElement(using: &random) ?? "Allow"
        lines.append(
          "\(key): \(path(&random, isPattern: true))" + (random.next() % 6 == 0 ? " # c" : "")
        )
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  @Test(.enabled(if: hasReference, "python3-protego is not installed"))
  func `verdicts on random files are those of Protego`() throws {
    var random = SeededRandom(seed: 9309)
    var cases: [(robots: String, agent: String, path: String)] = []
    for _ in 0..<4_000 {
      let robots = Self.file(&random)
      for agent in ["alpha", "beta", "delta"] {
        cases.append((robots, agent, Self.path(&random, isPattern: false)))
      }
    }
    let expected = try Fixture.withFolder { folder in
      let file = FilePaths.join(folder, "cases")
      try Fixture.write(cases.map { "\($0.robots)\0\($0.agent)\0\($0.path)\0" }.joined(), file)
      let result = try Command.run(
        "/usr/bin/python3",
        [Fixture.path("Tests/independent/robots_protego.py"), file]
      )
      #expect(result.status == 0, "\(result.errors)")
      return result.output.split(separator: "\n").map { $0 == "1" }
    }
    #expect(expected.count == cases.count && Set(expected).count == 2)
    var differences = 0
    for (item, allowed) in zip(cases, expected) {
      let verdict = RobotsRules(RobotsFile(Array(item.robots.utf8)), agent: item.agent)
        .verdict(on: item.path)
      if verdict.isAllowed != allowed {
        differences += 1
        if differences < 6 { Issue.record("\(item), by us \(verdict), by Protego \(allowed)") }
      }
    }
    #expect(differences == 0)
  }
}
