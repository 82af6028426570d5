import CanonicalCoding
import CrawlRules
import Testing
import _TestSupport

@Suite struct WebAddressTests {
  @Test func `addresses are read as the WHATWG parser of Node.js reads them`() throws {
    let cases = try #require(try Fixture.json("Fixtures/vectors/web_addresses.json").elements)
    #expect(cases.count > 4500)
    var differences: [String] = []
    for entry in cases {
      let parts = try #require(entry.elements)
      let input = try #require(parts[0].text)
      let base = parts[1].text.flatMap { WebAddress($0) }
      let found = WebAddress(input, base: base)?.text
      if found != parts[2].text {
        differences.append(
          "\(input.debugDescription) on \(parts[1].text ?? "nothing"): \(found ?? "none") instead of \(parts[2].text ?? "none")"
        )
      }
    }
    #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(20))")
  }

  @Test func `the canonical form is its own canonical form`() throws {
    let cases = try #require(try Fixture.json("Fixtures/vectors/web_addresses.json").elements)
    for entry in cases {
      guard let text = entry.elements?[2].text, let address = WebAddress(text) else { continue }
      #expect(address.text == text)
      #expect(WebAddress(address.text) == address)
    }
  }

  @Test func `parameters that say where a visitor came from go, the order of the others stays`() {
    let address = WebAddress("https://x.example/p?b=2&utm_source=m&a=1&fbclid=z&utm=kept#f")
    #expect(
      address?.dropping(parameters: ["utm_*", "fbclid"]).text
        == "https://x.example/p?b=2&a=1&utm=kept"
    )
    #expect(
      WebAddress("https://x.example/?utm_x=1")?.dropping(parameters: ["utm_*"]).text
        == "https://x.example/"
    )
  }

  @Test func `an address that is too long is none`() {
    #expect(WebAddress("http://x.example/" + String(repeating: "a", count: 5000)) == nil)
    #expect(WebAddress("http://x.example/" + String(repeating: "ü", count: 1500)) == nil)
  }
}
