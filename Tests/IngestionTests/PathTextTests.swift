import Files
import Testing
import _TestSupport

@Suite struct PathTextTests {
  @Test func `every name has one text and every text gives the name back`() {
    var random = SeededRandom(seed: 31)
    let pieces: [[UInt8]] = [
      [0x41], [0x2F], [0xC3, 0xA9], [0xE6, 0x97, 0xA5], [0xF0, 0x9F, 0x98, 0x80], [0xFF], [0x80],
      [0xC3], [0xE6, 0x97], [0xF4, 0x8F, 0xBE, 0x80], [0xF4, 0x8F, 0xBF, 0xBF], [0xED, 0xA0, 0x80],
      [0xF4, 0x8F, 0xBD, 0xBF],
    ]
    var names: [String: [UInt8]] = [:]
    for _ in 0..<4000 {
      let name = (0..<Int.random(in: 0..<6, using: &random)).flatMap { _ in
        pieces.randomElement(using: &random) ?? []
      }
      let text = PathText.text(of: name)
      #expect(PathText.bytes(of: text) == name)
      #expect(names.updateValue(name, forKey: text) ?? name == name)
    }
    #expect(PathText.text(of: Array("é/日".utf8)) == "é/日")
  }

  @Test func `a file whose name is no UTF-8 is read, under a percent-encoded locator`() throws {
    try Fixture.withFolder { folder in
      let made = try Command.shell(
        "mkdir d && printf 'one text' > \"d/$(printf 'bad\\377.txt')\" && printf 'two' > d/good.txt",
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      let seen = try Command.run(
        Command.ingest,
        ["inspect", "\(folder)/d", "--plugin", "private-corpus", "--json"]
      )
      #expect(seen.status == 0, "\(seen.errors)")
      #expect(seen.output.contains("bad%FF.txt"))
      // SHA-256 of "one text", by sha256sum.
      #expect(
        seen.output.contains("b94ddd8ea66566c04f83c6c02e925f269e40180e9acc9cf6cbdf440b7efff704")
      )
    }
  }
}
