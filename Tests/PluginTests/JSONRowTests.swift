import CanonicalCoding
import PrivateCorpus
import Testing
import _TestSupport

@Suite struct JSONRowTests {
  @Test func `the fast scanner agrees with the reference on canonical bytes, fields and errors`()
    throws
  {
    var random = SeededRandom(seed: 20261120)
    var scanner = JSONRowScanner(wanted: ["text", "id", "é"])
    let pieces = [
      "{", "}", "[", "]", ",", ":", "\"text\"", "\"id\"", "\"é\"", "\"a\"", "\"\\u0074ext\"", "1",
      "-0.0", "1e3", "9007199254740993", "true", "null", "\"a\\nb\"", "\"\\ud83d\\ude00\"",
      "\"\\ud800\"", " ", "\t", "\"x", "\\", "1.", "\"日本\"", "\u{7F}", "0", "01", "\"b\":2",
      "\"a\":1",
    ]
    var agreed = 0
    for round in 0..<20_000 {
      var text: String
      if round % 2 == 0 {
        text = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
          pieces.randomElement(using: &random) ?? ""
        }.joined()
      } else {
        let members = (0..<Int.random(in: 0..<5, using: &random)).map { _ in
          (["\"text\"", "\"id\"", "\"é\"", "\"z\"", "\"\\u007a\"", "\"😀\"", "\"\u{FB33}\""]
            .randomElement(using: &random) ?? "") + ":"
            + (pieces.randomElement(using: &random) ?? "")
        }
        text = "{" + members.joined(separator: ",") + "}"
      }
      var bytes = Array(text.utf8)
      if round % 11 == 0, !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255,
          using: &random
        )
      }
      let reference = Result { try JSONParser.parse(bytes) }
      let fast = Result { try scanner.scan(bytes[...]) }
      switch (reference, fast) {
      case (.success(let value), .success):
        var canonical: [UInt8] = []
        scanner.appendCanonical(to: &canonical)
        #expect(CanonicalJSON.encode(value) == canonical, "\(text)")
        if value.object != nil {
          #expect(scanner.isCanonical(bytes[...]) == (canonical == bytes), "\(text)")
        }
        agreed += 1
        guard let object = value.object else { continue }
        for (index, name) in ["text", "id", "é"].enumerated() {
          switch (object[name], scanner.fields[index]) {
          case (nil, nil): break
          case (.string(let expected), .plain(let range)?):
            #expect(Array(expected.utf8) == Array(bytes[range]))
          case (.string(let expected), .escaped(let range)?):
            var line = bytes
            scanner.appendText(of: .escaped(range), lineAt: 0, in: &line)
            #expect(Array(expected.utf8) == Array(line[bytes.count...]), "\(text)")
          case (.number, .value(let range)?), (.bool, .value(let range)?):
            var line = bytes
            scanner.appendText(of: .value(range), lineAt: 0, in: &line)
            let expected = object[name].map(CanonicalJSON.encode) ?? []
            #expect(expected == Array(line[bytes.count...]), "\(text)")
          case (.null, .other?), (.array, .other?), (.object, .other?): break
          default: Issue.record("\(text): field \(name)")
          }
        }
      case (.failure(let a), .failure(let b)):
        // A row with two faults may be refused for either: the scanner sees a name that stands twice
        // at the end of its object, the reference where it stands.
        let reasons = [a, b].map { ($0 as? JSONError)?.code }
        #expect(
          reasons[0] == reasons[1] || reasons.contains("json-duplicate-key"),
          "\(text): \(a) and \(b)"
        )
      default: Issue.record("\(text): the reference says \(reference), the scanner \(fast)")
      }
    }
    #expect(agreed > 300)
  }
}
