import CanonicalCoding
import Files
import Testing
import _TestSupport

/// `ingest duplicates`: evidence beside the trees, with the licenses of all holders.
@Suite struct DuplicatesTests {
  @Test func `copies within and across sources are found with every holder's license`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      // A second source holds the first three rows of the corpus under another license, one of them changed a little.
      let rows = String(decoding: try bench.read("sources/corpus/policy.jsonl"), as: UTF8.self)
        .split(separator: "\n").map(String.init)
      let long = try #require(rows.firstIndex { $0.utf8.count > 4000 })
      let text = try #require(try JSONParser.parse(Array(rows[long].utf8))["text"].text)
      let words = text.split(separator: " ", omittingEmptySubsequences: false)
      let changed = (words[..<(words.count / 2)] + ["CHANGED"] + words[(words.count / 2)...])
        .joined(separator: " ")
      let value: JSONValue = ["id": "changed", "text": .string(changed)]
      let row = CanonicalJSON.encode(value)
      try bench.write(
        rows[0] + "\n" + rows[1] + "\n" + rows[1] + "\n"
          + String(decoding: row, as: UTF8.self) + "\n",
        "sources/corpus/twin.jsonl"
      )
      _ = try Command.shell("cp corpus.manifest twin.manifest", folder: folder)
      try bench.edit("twin.manifest", "id: policy-corpus", "id: twin-corpus")
      try bench.edit("twin.manifest", "policy.jsonl", "twin.jsonl")
      try bench.edit("twin.manifest", "concluded: GPL-2.0-or-later", "concluded: MIT")
      let before = try bench.scan(["corpus.manifest", "twin.manifest"])
      let result = try bench.run("duplicates", "--near", "--quiet", "--json", "--store", ".ingest")
      #expect(result.status == 0, "\(result.errors)")
      let json = try JSONParser.parse(Array(result.output.utf8.dropLast()))
      #expect(json["payloadCopies"] == "3")
      // The corpus has two sections with the words of others, which an independent program counted.
      #expect(json["contentCopies"] == "5")
      // The changed row too.
      #expect((Int(json["nearCopies"].text ?? "") ?? 0) >= 4)
      let clusters = json["acrossLicenses"].elements ?? []
      #expect(clusters.count >= 5)
      #expect(clusters.allSatisfy { ($0["licenses"].elements ?? []).count == 2 })
      let file = String(
        decoding: try bench.read(".ingest/sources/twin-corpus/attributes/duplicates.jsonl"),
        as: UTF8.self
      ).split(separator: "\n")
      #expect(file.count > 7)
      let first = try JSONParser.parse(Array(file[1].utf8))
      #expect(first["duplicateOf"]["source"] == "policy-corpus")
      #expect(first["duplicateOf"]["leaf"] == "0")
      // The same again, and no leaf changed.
      let again = try bench.run("duplicates", "--near", "--quiet", "--json", "--jobs", "2")
      #expect(again.output == result.output)
      #expect(
        try bench.scan(["corpus.manifest", "twin.manifest"])["combined"] == before["combined"]
      )
    }
  }
}
