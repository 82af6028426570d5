import CanonicalCoding
import Files
import SourceAPI
import Testing
import WebCrawl
import _TestSupport

/// What a crawl writes is what the scan reads.
@Suite struct WARCWriterTests {
  private func draft(_ path: String, body: String) -> WARCDraft {
    var draft = WARCDraft(
      .response,
      target: "https://x.example" + path,
      date: "2026-11-29T21:13:31Z",
      contentType: "application/http;msgtype=response",
      head: Array("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n".utf8),
      body: Array(body.utf8)
    )
    draft.fields = [("Ingest-Number", "7")]
    return draft
  }

  @Test func `records are read back with all digests right, one member each`() throws {
    try Fixture.withFolder { folder in
      let file = try WARCFile(folder: folder, name: "a.warc.gz")
      var places: [WARCFile.Place] = []
      for number in 0..<50 {
        places.append(try file.append(draft("/\(number)", body: "<p>page \(number)")))
      }
      #expect(!FilePaths.exists(folder + "/a.warc.gz"))
      try file.close()
      var configuration = SourceConfiguration(inputs: [
        SourceConfiguration.Input(path: folder + "/a.warc.gz", name: "a.warc.gz")
      ])
      configuration.format = "warc"
      let reader = try WebCrawlSource(configuration: configuration).reader(from: nil)
      var batch = MemberBatch()
      _ = try reader.read(into: &batch)
      #expect(batch.members.count == 50)
      #expect(batch.members.allSatisfy { $0.verdict == .record && $0.mediaType == "text/html" })
      for (member, place) in zip(batch.members, places) {
        #expect(member.locator == "a.warc.gz@\(place.offset),\(place.length)")
      }
    }
  }

  @Test func `a file that was cut anywhere is read up to its last whole record`() throws {
    try Fixture.withFolder { folder in
      let file = try WARCFile(folder: folder, name: "a.warc.gz")
      var ends: [UInt64] = []
      for number in 0..<6 {
        _ = try file.append(draft("/\(number)", body: String(repeating: "x", count: number * 100)))
        ends.append(file.byteCount)
      }
      try file.sync()
      let bytes = try InputFile.contents(of: folder + "/a.warc.gz.open", limit: 1 << 20)
      for cut in stride(from: 0, through: bytes.count, by: 7) {
        try Fixture.write(Array(bytes[..<cut]), folder + "/b.warc.gz.open")
        var targets: [String] = []
        let end = try WARCTail.records(folder: folder, name: "b.warc.gz", from: 0) {
          targets.append($0.target)
          #expect($0.number == 7 && $0.kind == "response")
        }
        let whole = ends.count { $0 <= UInt64(cut) }
        #expect(targets.count == whole && end == (whole == 0 ? 0 : ends[whole - 1]), "\(cut)")
      }
      // Begun again behind the last whole record, it goes on as if nothing had been.
      let again = try WARCFile(folder: folder, name: "a.warc.gz", keeping: ends[2])
      for number in 3..<6 {
        _ = try again.append(draft("/\(number)", body: String(repeating: "x", count: number * 100)))
      }
      let isSame = try InputFile.contents(of: folder + "/a.warc.gz.open", limit: 1 << 20) == bytes
      #expect(isSame)
    }
  }

  @Test func `a value never ends its line, and identifiers follow from what is said`() {
    var record = draft("/a", body: "b")
    let first = record.identifier
    record.fields.append(("X", "a\r\nWARC-Type: request\u{0}"))
    #expect(record.identifier != first && record.identifier.hasPrefix("urn:uuid:"))
    let text = String(decoding: record.sealed().bytes, as: UTF8.self)
    #expect(text.contains("X: a  WARC-Type: request \r\n"))
    #expect(
      draft("/a", body: "b").identifier == first && draft("/a", body: "c").identifier != first
    )
  }

  @Test func `evidence survives its line, and what is no evidence is none`() throws {
    let evidence = CrawlEvidence(
      agent: "b/1 (+https://x)",
      time: "2026-11-29T21:13:31Z",
      peer: "192.0.2.1",
      answers: [
        (
          "robots.txt",
          CrawlEvidence.Answer(
            address: "https://x.example/robots.txt",
            time: "2026-11-29T21:13:30Z",
            status: "200",
            sha256: String(repeating: "ab", count: 32)
          )
        )
      ],
      rule: (3, "Allow: /\u{1F600}\n"),
      signals: [
        CrawlEvidence.Signal(
          name: "noai",
          place: "page",
          text: "\"\r\n\u{202E}",
          training: "disallowed"
        )
      ],
      training: "disallowed",
      chain: ["https://x.example/old"],
      certificate: String(repeating: "cd", count: 32)
    )
    #expect(!evidence.line.utf8.contains { $0 < 0x20 })
    let again = try #require(CrawlEvidence(Array(evidence.line.utf8)))
    #expect(again.json == evidence.json && again.training == .disallowed)
    #expect(again.digests.map(\.name) == ["robots-txt", "tls-leaf"])
    for text in ["", "{}", "[]", "{\"train\":1}", "x"] {
      #expect(CrawlEvidence(Array(text.utf8)) == nil, "\(text)")
    }
  }
}
