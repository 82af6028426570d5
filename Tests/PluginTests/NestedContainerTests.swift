import Files
import LicensedArchive
import SourceAPI
import SourceConformance
import Testing
import WebCrawl
import _TestSupport

/// Containers in containers: one pass, a locator for every member, and damage that costs what it must.
@Suite struct NestedContainerTests {
  private static let plugins: [any SourcePlugin.Type] = [
    LicensedArchiveSource.self, WebCrawlSource.self,
  ]
  private var package: String { Fixture.path("Fixtures/wacz/handbook-start.wacz") }
  private var crawl: String { Fixture.path("manifests/sources/crawl/handbook.warc.gz") }

  private func seen(
    _ plugin: any SourcePlugin.Type,
    _ path: String,
    _ change: (inout SourceConfiguration) -> Void = { _ in }
  ) throws -> [SeenMember] {
    try members(plugin, path) {
      $0.containers = Self.plugins
      change(&$0)
    }
  }

  /// `a.tar.gz` with a WARC, a WACZ, a zip, a tar and files; `c.zip` with that and more.
  private func make(_ folder: String) throws {
    let made = try Command.shell(
      """
      cp '\(crawl)' x.warc.gz && cp '\(package)' b.wacz && mkdir d && echo one > d/1.txt && seq 1 400000 > d/2.txt
      (cd d && zip -q ../in.zip 1.txt 2.txt && tar cf ../in.tar 1.txt 2.txt && zip -q -0 ../stored.zip 1.txt 2.txt)
      echo 'no zip' > fake.zip && tar czf a.tar.gz x.warc.gz b.wacz in.zip in.tar fake.zip d/1.txt
      tar cf b.tar in.zip d/1.txt stored.zip x.warc.gz && xz -0 -c in.tar > in.tar.xz && zip -q c.zip a.tar.gz in.tar.xz b.tar d/1.txt
      """,
      folder: folder
    )
    #expect(made.status == 0, "\(made.errors)")
  }

  @Test func `members of nested containers are those of the containers alone`() throws {
    try Fixture.withFolder { folder in
      try make(folder)
      let all = try seen(LicensedArchiveSource.self, "\(folder)/a.tar.gz")
      let alone = try members(WebCrawlSource.self, "\(folder)/x.warc.gz")
      let inner = all.filter { $0.locator.hasPrefix("a.tar.gz!/x.warc.gz@") }
      #expect(inner.map(\.locator) == alone.map { "a.tar.gz!/" + $0.locator })
      #expect(inner.map(\.verdict) == alone.map(\.verdict))
      let locators = Set(all.filter { $0.verdict == .record }.map(\.locator))
      for name in ["in.zip!/1.txt", "in.zip!/2.txt", "in.tar!/2.txt", "d/1.txt", "fake.zip"] {
        #expect(locators.contains("a.tar.gz!/\(name)"), "\(name)")
      }
      #expect(all.filter { $0.verdict == .skipped("container") }.count == 5)
      #expect(
        all.count { $0.locator.hasPrefix("a.tar.gz!/b.wacz!/archive/handbook-start.warc.gz@") } == 9
      )
    }
  }

  @Test func `nested containers conform: any checkpoint, also inside of them, gives the rest`()
    throws
  {
    try Fixture.withFolder { folder in
      try make(folder)
      for (plugin, name) in [
        (LicensedArchiveSource.self as any SourcePlugin.Type, "a.tar.gz"),
        (LicensedArchiveSource.self, "c.zip"), (LicensedArchiveSource.self, "b.tar"),
        (WebCrawlSource.self, "b.wacz"),
      ] {
        var configuration = SourceConfiguration(inputs: [
          .init(path: "\(folder)/\(name)", name: name),
          .init(path: "\(folder)/\(name)", name: "again-\(name)"),
        ])
        configuration.containers = Self.plugins
        configuration.budget.depth = 4
        #expect(ConformanceSuite(plugin, configuration: configuration).findings() == [], "\(name)")
      }
    }
  }

  @Test func `a container that lies too deep is rejected unread`() throws {
    try Fixture.withFolder { folder in
      try make(folder)
      let all = try seen(LicensedArchiveSource.self, "\(folder)/c.zip")
      let deep = all.filter { $0.reason == "budget-depth" }
      #expect(deep.map(\.locator) == ["c.zip!/a.tar.gz!/b.wacz!/archive/handbook-start.warc.gz"])
      let flat = try seen(LicensedArchiveSource.self, "\(folder)/c.zip") { $0.budget.depth = 1 }
      #expect(flat.count { $0.reason == "budget-depth" } == 3)
      #expect(flat.filter { $0.verdict == .record }.map(\.name) == ["d/1.txt"])
    }
  }

  @Test func `a bomb in a container ends the container, and a damaged one costs no other`() throws {
    try Fixture.withFolder { folder in
      let made = try Command.shell(
        """
        head -c 300000000 /dev/zero > z && zip -q -9 bomb.zip z && gzip -9 -c z > z.warc.gz && tar czf bomb.tar.gz z && echo one > 1.txt
        tar cf bombs.tar bomb.zip z.warc.gz bomb.tar.gz 1.txt && (printf 'WARC/1.0\\r\\n'; cat z) > z.warc && zip -q -9 outer.zip z.warc 1.txt && rm z z.warc
        head -c 400000 '\(crawl)' > cut.warc.gz && cp '\(crawl)' x.warc.gz
        tar cf early.tar 1.txt x.warc.gz && head -c 1700 early.tar | gzip -c | head -c -8 > early.tar.gz
        printf 'PK\\003\\004 nothing behind it' > broken.zip && tar czf damaged.tar.gz cut.warc.gz broken.zip x.warc.gz 1.txt
        python3 -c "
        d = bytearray(open('x.warc.gz', 'rb').read()); d[400000] ^= 0xFF; open('flip.warc.gz', 'wb').write(d)"
        zip -q -0 flip.zip flip.warc.gz 1.txt && zip -q -0 crc.zip x.warc.gz 1.txt
        python3 -c "
        d = bytearray(open('crc.zip', 'rb').read()); i = d.rindex(b'PK\\1\\2', 0, d.rindex(b'PK\\1\\2')); d[i + 16] ^= 1; d[14] ^= 1; open('crc.zip', 'wb').write(d)"
        """,
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      let bombs = try seen(LicensedArchiveSource.self, "\(folder)/bombs.tar")
      for name in ["bomb.zip", "bomb.tar.gz"] {
        let inner = bombs.filter { $0.locator.hasPrefix("bombs.tar!/\(name)!/") }
        #expect(inner.contains { $0.reason == "budget-ratio" }, "\(name): \(inner.map(\.locator))")
      }
      #expect(
        bombs.contains {
          $0.locator.hasPrefix("bombs.tar!/z.warc.gz@") && $0.reason == "warc-header"
        }
      )
      #expect(bombs.last?.name == "1.txt")
      // What the zip inflates is a bomb already, whatever would come out of that.
      let outer = try seen(LicensedArchiveSource.self, "\(folder)/outer.zip")
      #expect(outer.contains { $0.locator == "outer.zip!/z.warc" && $0.reason == "budget-ratio" })
      let damaged = try seen(LicensedArchiveSource.self, "\(folder)/damaged.tar.gz")
      #expect(
        damaged.contains {
          $0.reason == "truncated" && $0.locator.hasPrefix("damaged.tar.gz!/cut.warc.gz@")
        }
      )
      #expect(
        damaged.contains { $0.locator.hasPrefix("damaged.tar.gz!/broken.zip") && $0.reason != nil }
      )
      #expect(damaged.count { $0.locator.hasPrefix("damaged.tar.gz!/x.warc.gz@") } == 275)
      #expect(damaged.last?.name == "1.txt")
      let flipped = try seen(LicensedArchiveSource.self, "\(folder)/flip.zip")
      #expect(flipped.count { $0.locator.hasPrefix("flip.zip!/flip.warc.gz@") } == 275)
      #expect(flipped.count { $0.reason != nil } == 1)
      // Every record was whole, and the entry as a whole is not what its archive says.
      // An archive that breaks in the first bytes of a container has one entry for it and one for the rest.
      let early = try seen(LicensedArchiveSource.self, "\(folder)/early.tar.gz")
      #expect(early.compactMap(\.reason) == ["truncated", "truncated"], "\(early.map(\.locator))")
      let wrong = try seen(LicensedArchiveSource.self, "\(folder)/crc.zip")
      #expect(
        wrong.contains { $0.locator == "crc.zip!/x.warc.gz" && $0.reason == "corrupt-stream" }
      )
      #expect(wrong.last?.name == "1.txt")
    }
  }

  @Test func `a WACZ that is not what it says of itself is not read at all`() throws {
    try Fixture.withFolder { folder in
      let made = try Command.shell(
        """
        cp '\(package)' good.wacz && python3 - <<'END'
        import hashlib, json, zipfile
        good = zipfile.ZipFile('good.wacz')
        files = {n: good.read(n) for n in good.namelist()}
        def write(name, change, again=True):
            new = dict(files)
            change(new)
            if again and 'datapackage.json' in new and 'datapackage-digest.json' in new:
                pass
            with zipfile.ZipFile(name + '.wacz', 'w') as z:
                for n, b in new.items(): z.writestr(n, b)
        warc = 'archive/handbook-start.warc.gz'
        def data(new, f):
            d = json.loads(new['datapackage.json']); f(d); new['datapackage.json'] = json.dumps(d).encode()
            e = json.loads(new['datapackage-digest.json'])
            e['hash'] = 'sha256:' + hashlib.sha256(new['datapackage.json']).hexdigest()
            new['datapackage-digest.json'] = json.dumps(e).encode()
        def digest(new, f):
            e = json.loads(new['datapackage-digest.json']); f(e); new['datapackage-digest.json'] = json.dumps(e).encode()
        write('same', lambda n: None)
        write('unsigned', lambda n: n.pop('datapackage-digest.json'))
        own = json.loads(files['datapackage-digest.json'])['hash']
        write('signed', lambda n: digest(n, lambda e: e.update(signatureData={'hash': own, 'signature': 'x'})))
        write('warc', lambda n: n.update({warc: n[warc][:-1] + b'x'}))
        write('index', lambda n: n.update({'indexes/index.idx': b'x'}))
        write('extra', lambda n: n.update({'archive/more.warc.gz': n[warc]}))
        write('less', lambda n: n.pop('indexes/index.idx'))
        write('nodata', lambda n: n.pop('datapackage.json'))
        write('nohash', lambda n: data(n, lambda d: d['resources'][0].pop('hash')))
        write('md5', lambda n: data(n, lambda d: d['resources'][0].update(hash='md5:00')))
        write('data', lambda n: n.update({'datapackage.json': n['datapackage.json'] + b' '}))
        write('other', lambda n: digest(n, lambda e: e.update(signedData={'hash': 'sha256:00'})))
        open('none.wacz', 'wb').write(b'WARC/1.0')
        END
        """,
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      for name in ["good", "same", "unsigned", "signed"] {
        let all = try seen(WebCrawlSource.self, "\(folder)/\(name).wacz")
        #expect(
          all.count { $0.locator.hasPrefix("\(name).wacz!/archive/handbook-start.warc.gz@") } == 9,
          "\(name)"
        )
        #expect(!all.contains { $0.reason != nil }, "\(name)")
      }
      for name in ["warc", "index", "extra", "less", "nodata", "nohash", "md5", "data", "other"] {
        let all = try seen(WebCrawlSource.self, "\(folder)/\(name).wacz")
        #expect(all.map(\.reason) == ["wacz-digest"], "\(name): \(all.map(\.locator))")
      }
      #expect(try seen(WebCrawlSource.self, "\(folder)/none.wacz").map(\.reason) == ["wacz-zip"])
    }
  }

  @Test func `WET is read as conversion records, and what is no text is refused by its digest`()
    throws
  {
    try Fixture.withFolder { folder in
      let made = try Command.shell(
        """
        python3 - <<'END'
        import base64, gzip, hashlib
        def record(kind, body, **more):
            head = {'WARC-Type': kind, 'WARC-Record-ID': '<urn:uuid:%s>' % hashlib.md5(body).hexdigest(), 'WARC-Date': '2026-01-01T00:00:00Z',
                    'Content-Length': str(len(body)), **more}
            return gzip.compress(b'WARC/1.0\\r\\n' + ''.join('%s: %s\\r\\n' % i for i in head.items()).encode() + b'\\r\\n' + body + b'\\r\\n\\r\\n')
        def text(n, body, digest=None):
            digest = digest or 'sha1:' + base64.b32encode(hashlib.sha1(body).digest()).decode()
            return record('conversion', body, **{'WARC-Target-URI': 'https://example.org/%d' % n, 'Content-Type': 'text/plain',
                'WARC-Refers-To': '<urn:uuid:page-%d>' % n, 'WARC-Block-Digest': digest})
        with open('a.warc.wet.gz', 'wb') as f:
            f.write(record('warcinfo', b'software: test', **{'Content-Type': 'application/warc-fields'}))
            for n in range(5): f.write(text(n, ('Seite %d, caf\\u00e9\\n' % n).encode()))
            f.write(text(5, b'other', 'sha1:' + 'A' * 32))
        END
        """,
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      for format in [nil, "wet"] {
        let all = try seen(WebCrawlSource.self, "\(folder)/a.warc.wet.gz") { $0.format = format }
        #expect(
          all.filter { $0.verdict == .record }.map(\.kind)
            == Array(repeating: "conversion", count: 5)
        )
        #expect(all.compactMap(\.reason) == ["digest-mismatch"])
        #expect(all.first?.verdict == .skipped("warcinfo"))
      }
    }
  }
}
