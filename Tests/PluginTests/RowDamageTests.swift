import Files
import PrivateCorpus
import SourceAPI
import Testing
import _TestSupport

/// Damaged rows of JSONL and CSV: each costs one record and one entry.
@Suite struct RowDamageTests {
  @Test func `bad lines of JSONL are rejected one by one, with line and offset`() throws {
    let lines = [
      "{\"text\":\"a\"}", "{\"text\":", "{\"text\":\"b\",\"text\":\"c\"}", "{\"text\":\"\\ud800\"}",
      "", "{\"other\":1}", "{\"text\":7}", "{\"text\":null}", "[1]", "{\"text\":\"é\"}",
      "{\"text\":9007199254740993}",
    ]
    try Fixture.withFolder { folder in
      try Fixture.write(
        lines.joined(separator: "\n") + "\n{\"text\":\"\u{1}\"}\r\n{\"text\":\"last\"}",
        "\(folder)/a.jsonl"
      )
      let seen = try members(PrivateCorpusSource.self, "\(folder)/a.jsonl") {
        $0.mapping.text = "text"
      }
      #expect(
        seen.map { $0.reason ?? ($0.verdict == .record ? "record" : "skipped") } == [
          "record", "json-syntax", "json-duplicate-key", "json-lone-surrogate", "skipped",
          "field-missing", "record", "field-type", "json-syntax", "record", "json-number",
          "json-syntax", "record",
        ]
      )
      #expect(seen[2].locator == "a.jsonl#L3@22")
      #expect(seen.map(\.offset) == seen.map(\.offset).sorted())
    }
  }

  @Test func `a line over the budget is rejected by its length alone, and the next is read`() throws
  {
    let limit = DecodeBudget().lineBytes
    try Fixture.withFolder { folder in
      for (length, verdict) in [(limit, "record"), (limit + 1, "budget-line")] {
        let line = "{\"text\":\"" + String(repeating: "a", count: length - 11) + "\"}"
        #expect(line.utf8.count == length)
        for tail in ["", "\n", "\n{\"text\":\"b\"}\n"] {
          try Fixture.write("{\"text\":\"first\"}\n" + line + tail, "\(folder)/l.jsonl")
          let seen = try members(PrivateCorpusSource.self, "\(folder)/l.jsonl") {
            $0.mapping.text = "text"
          }
          #expect(seen[1].reason ?? "record" == verdict)
          #expect(seen.count == (tail.count > 1 ? 3 : 2))
        }
      }
    }
  }

  @Test func `rows in xz and bzip2 are the rows of the plain file, and a cut stream says so`()
    throws
  {
    let corpus = Fixture.path("manifests/sources/corpus/policy.jsonl")
    try Fixture.withFolder { folder in
      let made = try Command.shell(
        "xz -0 -c '\(corpus)' > a.xz && bzip2 -c '\(corpus)' > a.bz2 && head -c 100000 a.xz > cut.xz && head -c 1000000000 /dev/zero | bzip2 -c > bomb.bz2",
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      let rows = { (path: String) in
        try members(PrivateCorpusSource.self, path) {
          $0.mapping.text = "text"
          $0.format = "jsonl"
        }
      }
      let plain = try rows(corpus)
      for name in ["a.xz", "a.bz2"] {
        let seen = try rows("\(folder)/\(name)")
        #expect(seen.map(\.offset) == plain.map(\.offset))
        #expect(seen.allSatisfy { $0.verdict == .record })
      }
      let cut = try rows("\(folder)/cut.xz")
      #expect(cut.count > 1 && cut.count < plain.count)
      #expect(cut.last?.reason == "corrupt-stream")
      #expect(try rows("\(folder)/bomb.bz2").last?.reason == "budget-ratio")
    }
  }

  /// Each of these once took time that grew with the square of the line: they would not end here.
  @Test
  func `lines just below the limit that are all escapes, all accents or all members are read`()
    throws
  {
    let room = DecodeBudget().lineBytes - 100
    let escapes = String(repeating: "\\u00e9", count: room / 6)
    let accents = String(repeating: "e\u{301}", count: room / 3)
    let names = (0..<room / 14).map { "\"\(1_000_000 + $0 * 7919 % 1_000_000)\":1" }
    let lines = [
      "{\"z\":1,\"text\":\"\(escapes)\"}", "{\"z\":1,\"text\":\"\(accents)\"}",
      "{\(Set(names).sorted().reversed().joined(separator: ",")),\"text\":\"x\"}",
    ]
    try Fixture.withFolder { folder in
      try Fixture.write(lines.joined(separator: "\n"), "\(folder)/long.jsonl")
      let seen = try members(PrivateCorpusSource.self, "\(folder)/long.jsonl") {
        $0.mapping.text = "text"
      }
      #expect(seen.map(\.verdict) == [.record, .record, .record])
    }
  }

  @Test func `the member of a CSV row is the row as it is stored, without its line end`() throws {
    try Fixture.withFolder { folder in
      let rows = ["1,\"a\r\nb\"", "2,\"say \"\"x\"\"\"", "3,plain", "4,"]
      try Fixture.write("id,text\r\n" + rows.joined(separator: "\r\n"), "\(folder)/a.csv")
      var configuration = SourceConfiguration(inputs: [
        .init(path: "\(folder)/a.csv", name: "a.csv")
      ])
      configuration.mapping.text = "text"
      let reader = try PrivateCorpusSource(configuration: configuration).reader(from: nil)
      var batch = MemberBatch()
      _ = try reader.read(into: &batch)
      var stored: [String] = []
      for member in batch.members {
        guard case .held(let range) = member.member else { continue }
        stored.append(String(decoding: batch.bytes[range], as: UTF8.self))
      }
      #expect(stored == rows)
      #expect(batch.members.map { $0.text.map { batch.bytes[$0].count } } == [4, 7, 5, 0])
    }
  }

  @Test func `ragged and misquoted rows of CSV are rejected one by one`() throws {
    try Fixture.withFolder { folder in
      try Fixture.write(
        "id,text\n1,a\n2\n3,b,c\n4,\"x\"y\n5,\"line\r\nbreak\"\n6,q\"q\n7,ok\n8,\"open",
        "\(folder)/a.csv"
      )
      let seen = try members(PrivateCorpusSource.self, "\(folder)/a.csv") {
        $0.mapping.text = "text"
      }
      #expect(
        seen.map { $0.reason ?? "record" } == [
          "record", "csv-ragged", "csv-ragged", "csv-quote", "record", "csv-quote", "record",
          "csv-unclosed",
        ]
      )
      let commas = String(repeating: ",", count: DecodeBudget().lineBytes - 1)
      try Fixture.write("id,text\n\(commas)\n1,a\n", "\(folder)/c.csv")
      let wide = try members(PrivateCorpusSource.self, "\(folder)/c.csv") {
        $0.mapping.text = "text"
      }
      #expect(wide.map { $0.reason ?? "record" } == ["csv-columns", "record"])
      for header in ["id,id\n1,2\n", "id,\n1,2\n", "", commas] {
        try Fixture.write(header, "\(folder)/h.csv")
        #expect(throws: SourceError.self) {
          try members(PrivateCorpusSource.self, "\(folder)/h.csv")
        }
      }
    }
  }
}
