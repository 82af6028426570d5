import Files
import SourceAPI
import Testing
import WebCrawl
import _TestSupport

/// Damaged and hostile crawls: what is intact is read, what is not is named, and nothing traps.
@Suite struct WARCDamageTests {
  private let crawl = Fixture.path("manifests/sources/crawl/handbook.warc.gz")

  private func warc(_ records: [String]) -> [UInt8] { Array(records.joined().utf8) }

  private func record(
    _ type: String = "response",
    headers: String = "",
    length: String? = nil,
    block: String = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nbody",
    end: String = "\r\n\r\n"
  ) -> String {
    "WARC/1.1\r\nWARC-Type: \(type)\r\nWARC-Target-URI: http://a.example/x\r\n\(headers)Content-Length: \(length ?? String(block.utf8.count))\r\n\r\n\(block)\(end)"
  }

  private func plain(_ records: [String]) throws -> [SeenMember] {
    try Fixture.withFolder { folder in
      try Fixture.write(warc(records), "\(folder)/a.warc")
      return try members(WebCrawlSource.self, "\(folder)/a.warc")
    }
  }

  @Test func `a flipped byte in the middle costs one record and one entry; the rest is read`()
    throws
  {
    let clean = try members(WebCrawlSource.self, crawl)
    let bytes = try InputFile.contents(of: crawl, limit: 1 << 24)
    var random = SeededRandom(seed: 12)
    for _ in 0..<12 {
      let victim = clean[Int.random(in: 3..<clean.count - 3, using: &random)]
      var damaged = bytes
      damaged[Int(victim.offset) + Int(victim.length) / 2] ^= 0x10
      let seen = try Fixture.withFolder { folder in
        try Fixture.write(damaged, "\(folder)/d.warc.gz")
        return try members(WebCrawlSource.self, "\(folder)/d.warc.gz")
      }
      #expect(seen.count == clean.count)
      let rejected = seen.filter { $0.reason != nil }
      // What zlib gives before it sees the damage may already break a rule of WARC: same entry, that reason.
      #expect(
        rejected.count == 1
          && ["corrupt-stream", "warc-length", "warc-header", "truncated"].contains(
            rejected.first?.reason
          )
      )
      #expect(rejected.first?.offset == victim.offset && rejected.first?.length == victim.length)
      #expect(
        seen.filter { $0.reason == nil }.map(\.locator)
          == clean.filter { $0.offset != victim.offset }.map {
            $0.locator.replacing("handbook", with: "d")
          }
      )
    }
  }

  @Test
  func
    `a crawl that is cut is read up to the cut, and the last record is rejected, never committed`()
    throws
  {
    let bytes = try InputFile.contents(of: crawl, limit: 1 << 24)
    let clean = try members(WebCrawlSource.self, crawl)
    for cut in [bytes.count - 1, bytes.count - 9, bytes.count - 700, bytes.count / 2, 300] {
      let seen = try Fixture.withFolder { folder in
        try Fixture.write(Array(bytes[..<cut]), "\(folder)/c.warc.gz")
        return try members(WebCrawlSource.self, "\(folder)/c.warc.gz")
      }
      #expect(seen.last?.reason == "truncated")
      #expect(seen.dropLast().allSatisfy { $0.reason == nil })
      #expect(seen.count - 1 == clean.prefix { $0.offset + $0.length <= UInt64(cut) }.count)
    }
    let whole = try plain([record(), record()])
    #expect(whole.map(\.verdict) == [.record, .record])
    #expect(try plain([record(), record(length: "500")]).last?.reason == "truncated")
  }

  @Test(arguments: [
    ("100", "warc-length"), ("3", "warc-length"), ("-1", "warc-header"),
    ("99999999999999999999", "warc-header"), ("0x10", "warc-header"), ("5 5", "warc-header"),
    ("9999999999", "budget-record"), ("", "warc-header"),
  ])
  func
    `a declared length that lies is refused before anything is allocated, and the next record is read`(
      _ length: String,
      _ reason: String
    ) throws
  {
    let seen = try plain([record(), record(length: length), record(), record()])
    #expect(seen.contains { $0.reason == reason }, "\(seen.map(\.verdict))")
    #expect(seen.count { $0.verdict == .record } >= 2)
    #expect(seen.last?.verdict == .record)
  }

  @Test
  func `wrong digests, doubled lengths, foreign versions and unknown types each have their reason`()
    throws
  {
    let good = "sha256:" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    #expect(
      try plain([record(headers: "WARC-Block-Digest: \(good)\r\n")]).first?.reason
        == "digest-mismatch"
    )
    #expect(
      try plain([record(headers: "WARC-Payload-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n")])
        .first?.reason == "digest-mismatch"
    )
    #expect(
      try plain([record(headers: "Content-Length: 3\r\n"), record()]).first?.reason == "warc-header"
    )
    #expect(
      try plain([record().replacing("WARC/1.1", with: "WARC/2.0"), record()]).map(\.reason) == [
        "warc-header", nil,
      ]
    )
    #expect(try plain([record("response", end: "\r\n"), record()]).first?.reason == "warc-length")
    #expect(try plain([record("revisit")]).first?.reason == "revisit-unresolved")
    #expect(try plain([record("continuation")]).first?.reason == "segment-missing")
    #expect(try plain([record("strange")]).first?.verdict == .skipped("unknown-type"))
    #expect(
      try plain([record(block: "HTTP/1.1 404 Not Found\r\n\r\nx")]).first?.verdict
        == .excluded("status-404")
    )
    #expect(try plain([record(block: "no head")]).first?.reason == "http-head")
  }

  @Test func `HTTP codings are undone, and damaged ones rejected`() throws {
    let chunked =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n"
    #expect(
      try plain([record(block: chunked + "4;x=y\r\nbody\r\n0\r\n\r\n")]).first?.verdict == .record
    )
    for body in [
      "5\r\nbody\r\n0\r\n\r\n", "zz\r\n", "4\r\nbo", "ffffffff\r\nbody\r\n0\r\n\r\n", "",
    ] {
      #expect(try plain([record(block: chunked + body)]).first?.reason == "http-coding")
    }
    let coded = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\n"
    #expect(try plain([record(block: coded + "not gzip")]).first?.reason == "http-coding")
    #expect(
      try plain([record(block: coded.replacing("gzip", with: "rot13") + "x")]).first?.reason
        == "http-coding"
    )
  }

  @Test
  func `a gibibyte in one gzip member is refused in bounded memory, and what follows is read`()
    throws
  {
    try Fixture.withFolder { folder in
      try Fixture.write(record(), "\(folder)/good")
      let head =
        "WARC/1.1\r\nWARC-Type: resource\r\nWARC-Target-URI: http://a.example/b\r\nContent-Type: text/plain\r\nContent-Length: 1073741000\r\n\r\n"
      try Fixture.write(head, "\(folder)/head")
      let made = try Command.shell(
        "gzip -c good > b.warc.gz && (cat head; head -c 1073741000 /dev/zero; printf '\\r\\n\\r\\n') | gzip -c >> b.warc.gz && gzip -c good >> b.warc.gz",
        folder: folder
      )
      #expect(made.status == 0)
      let seen = try members(WebCrawlSource.self, "\(folder)/b.warc.gz")
      #expect(seen.map(\.reason) == [nil, "budget-ratio", nil])
      let plugin = try Command.run(Command.ingest, ["inspect", "\(folder)/b.warc.gz"])
      #expect(plugin.status == 65)
      #expect(plugin.errors.contains("budget-ratio"))
    }
  }

  @Test func `an input made of nothing but false starts ends, with one entry`() throws {
    try Fixture.withFolder { folder in
      try Fixture.write(
        Array(repeating: [0x1F, 0x8B, 0x08], count: 60_000).flatMap { $0 },
        "\(folder)/f.warc.gz"
      )
      let compressed = try members(WebCrawlSource.self, "\(folder)/f.warc.gz")
      #expect(compressed.count == 1 && compressed[0].reason != nil)
      try Fixture.write(String(repeating: "WARC/1.", count: 20_000), "\(folder)/f.warc")
      let plain = try members(WebCrawlSource.self, "\(folder)/f.warc")
      #expect(plain.count == 1 && plain[0].reason != nil)
    }
  }

  @Test func `an ARC is refused unread, and a dictionary of zstd is used`() throws {
    try Fixture.withFolder { folder in
      let arc =
        "filedesc://a.arc 0.0.0.0 20240101000000 text/plain 20\n1 0 Crawler\nURL IP-address\n"
      try Fixture.write(arc, "\(folder)/a.arc")
      let crawl = Fixture.path("manifests/sources/crawl/handbook.warc.gz")
      // Frames of one record each with a dictionary in a leading skippable frame (warc-zstd 1.0).
      let made = try Command.shell(
        """
        gzip -c a.arc > a.arc.gz && python3 - '\(crawl)' <<'END'
        import gzip, os, re, struct, subprocess, sys
        data = gzip.open(sys.argv[1]).read()
        starts = [m.start() for m in re.finditer(rb'(?:^|\\r\\n\\r\\n)(?=WARC/1)', data)]
        starts = [s if data[s:s+5] == b'WARC/' else s + 4 for s in starts] + [len(data)]
        records = [data[a:b] for a, b in zip(starts, starts[1:])][:60]
        os.mkdir('parts')
        for n, r in enumerate(records): open(f'parts/{n:03d}', 'wb').write(r)
        subprocess.run('zstd -q --train parts/* -o dict --maxdict=20000', shell=True, check=True)
        out = open('d.warc.zst', 'wb')
        d = open('dict', 'rb').read()
        out.write(struct.pack('<II', 0x184D2A5D, len(d)) + d)
        for n in range(len(records)):
            out.write(subprocess.run(['zstd', '-q', '-D', 'dict', '-c', f'parts/{n:03d}'], check=True, stdout=subprocess.PIPE).stdout)
        open('p.warc', 'wb').write(b''.join(records))
        END
        """,
        folder: folder
      )
      for name in ["a.arc", "a.arc.gz"] {
        let inspected = try Command.run(
          Command.ingest,
          ["inspect", "\(folder)/\(name)", "--plugin", "web-crawl"]
        )
        #expect(inspected.status == 69 && inspected.errors.contains("format arc"))
      }
      guard made.status == 0 else {
        print("skipped: zstd or python3 is not installed: \(made.errors)")
        return
      }
      let plain = try members(WebCrawlSource.self, "\(folder)/p.warc")
      let packed = try members(WebCrawlSource.self, "\(folder)/d.warc.zst")
      #expect(packed.count == 60)
      #expect(packed.map(\.verdict) == plain.map(\.verdict))
      #expect(packed.allSatisfy { if case .rejected = $0.verdict { false } else { true } })
    }
  }
}
