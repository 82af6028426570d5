import Files
import LicensedArchive
import SourceAPI
import Testing
import _TestSupport

/// Damaged and hostile archives: names are data, bombs and contradictions are named.
@Suite struct ArchiveDamageTests {
  @Test func `names that leave the archive are data: rejected, and nothing is written anywhere`()
    throws
  {
    try Fixture.withFolder { folder in
      let script = """
        import tarfile, io
        t = tarfile.open('x.tar', 'w')
        def add(name, data=b'x', type=tarfile.REGTYPE, link=''):
            i = tarfile.TarInfo(name); i.size = len(data) if type == tarfile.REGTYPE else 0; i.type = type; i.linkname = link
            t.addfile(i, io.BytesIO(data))
        for n in ['ok.txt', '../../up.txt', '/etc/abs.txt', 'a/../../b.txt', 'back\\\\slash.txt', 'ok.txt', 'nach/ümlaut.txt']: add(n)
        add('link', type=tarfile.SYMTYPE, link='/etc/passwd'); add('hard', type=tarfile.LNKTYPE, link='ok.txt'); add('fifo', type=tarfile.FIFOTYPE); add('dir/', type=tarfile.DIRTYPE)
        t.close()
        """
      let made = try Command.run("/usr/bin/env", ["python3", "-c", script], folder: folder)
      guard made.status == 0 else {
        // python3 makes names that no honest tool writes; without it the case is said to be skipped.
        print("skipped: python3 is not installed")
        return
      }
      let before = try FolderWalk.entries(of: folder).count
      let seen = try members(LicensedArchiveSource.self, "\(folder)/x.tar")
      #expect(seen.filter { $0.reason == "unsafe-name" }.count == 4)
      #expect(
        seen.filter { $0.verdict == .record }.map(\.locator) == [
          "x.tar!/ok.txt", "x.tar!/ok.txt#2", "x.tar!/nach/%C3%BCmlaut.txt",
        ]
      )
      #expect(
        seen.compactMap { if case .skipped(let kind) = $0.verdict { kind } else { nil } } == [
          "link", "link", "special", "directory",
        ]
      )
      #expect(try FolderWalk.entries(of: folder).count == before)
    }
  }

  @Test func `a zip bomb, a cut archive and a foreign format each end as they should`() throws {
    try Fixture.withFolder { folder in
      let archive = Fixture.path("manifests/sources/archive/flask-3.1.2.tar.gz")
      let made = try Command.shell(
        "head -c 300000000 /dev/zero > z && zip -q -9 bomb.zip z && tar cf - z | gzip -9 > bomb.tar.gz && rm z && head -c 400000 '\(archive)' > cut.tar.gz && printf 'Rar!\\032\\007\\001\\000rest' > a.rar && printf 'nothing' > a.tar",
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      for name in ["bomb.zip", "bomb.tar.gz"] {
        #expect(
          try members(LicensedArchiveSource.self, "\(folder)/\(name)").first?.reason
            == "budget-ratio"
        )
      }
      let cut = try members(LicensedArchiveSource.self, "\(folder)/cut.tar.gz")
      #expect(cut.last?.reason == "truncated")
      #expect(cut.count { $0.verdict == .record } > 5)
      for name in ["a.rar", "a.tar"] {
        #expect(throws: SourceError.self) {
          try members(LicensedArchiveSource.self, "\(folder)/\(name)")
        }
        let inspected = try Command.run(
          Command.ingest,
          ["inspect", "\(folder)/\(name)", "--plugin", "licensed-archive"]
        )
        #expect(inspected.status == 69)
        #expect(inspected.errors.contains("is not enabled"))
      }
    }
  }

  @Test func `large entries of a zip are whole, and a long comment leaves them to libarchive`()
    throws
  {
    try Fixture.withFolder { folder in
      let made = try Command.shell(
        """
        for n in 1 2 3; do head -c ${n}500000 /dev/urandom | base64 > $n.txt; done
        sha256sum *.txt | sort -k2 > sums && zip -q a.zip *.txt
        python3 -c "
        import zipfile
        with zipfile.ZipFile('a.zip') as z, zipfile.ZipFile('b.zip', 'w', zipfile.ZIP_DEFLATED) as o:
            for n in z.namelist(): o.writestr(n, z.read(n))
            o.comment = b'c' * 20480"
        """,
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      let sums = try String(
        decoding: InputFile.contents(of: "\(folder)/sums", limit: 4096),
        as: UTF8.self
      )
      .split(separator: "\n").map { $0.prefix(64) }
      for name in ["a.zip", "b.zip"] {
        let inspected = try Command.run(
          Command.ingest,
          ["inspect", "\(folder)/\(name)", "--plugin", "licensed-archive", "--json"]
        )
        #expect(inspected.status == 0, "\(inspected.errors)")
        #expect(
          sums.count == 3 && sums.allSatisfy { inspected.output.contains($0) },
          "\(name): \(inspected.output)"
        )
        #expect(!inspected.output.contains("rejected"), "\(name): \(inspected.output)")
      }
    }
  }

  @Test
  func `a zip whose directory and headers differ, or whose entries overlap, names each entry`()
    throws
  {
    try Fixture.withFolder { folder in
      let made = try Command.shell(
        """
        for n in a b c d; do head -c 3000 /dev/urandom | base64 > $n.txt; done
        zip -q good.zip a.txt b.txt c.txt d.txt && cat a.txt | zip -q stream.zip - && cat a.txt good.zip > prefixed.zip
        python3 - <<'END'
        import struct
        good = open('good.zip', 'rb').read()
        def central(data, n):
            at = struct.unpack_from('<I', data, data.rindex(b'PK\\5\\6') + 16)[0]
            for _ in range(n):
                name, extra, comment = struct.unpack_from('<HHH', data, at + 28)
                at += 46 + name + extra + comment
            return at
        def local(data, n):
            return struct.unpack_from('<I', data, central(data, n) + 42)[0]
        def change(name, f):
            data = bytearray(good)
            f(data)
            open(name, 'wb').write(data)
        change('name.zip', lambda d: d.__setitem__(local(d, 1) + 30, ord('x')))
        change('method.zip', lambda d: d.__setitem__(local(d, 1) + 8, 0))
        change('checksum.zip', lambda d: d.__setitem__(local(d, 1) + 14, d[local(d, 1) + 14] ^ 1))
        change('length.zip', lambda d: d.__setitem__(local(d, 1) + 22, d[local(d, 1) + 22] ^ 1))
        def payload(d, n):
            at = local(d, n)
            return at + 30 + sum(struct.unpack_from('<HH', d, at + 26))
        change('data.zip', lambda d: d.__setitem__(slice(payload(d, 1), payload(d, 1) + 40), b'\\xff' * 40))
        change('crc.zip', lambda d: [d.__setitem__(p, d[p] ^ 1) for p in (central(d, 1) + 16, local(d, 1) + 14)])
        change('header.zip', lambda d: d.__setitem__(local(d, 1), 0))
        change('overlap.zip', lambda d: d.__setitem__(slice(central(d, 2) + 42, central(d, 2) + 46), d[central(d, 1) + 42:central(d, 1) + 46]))
        change('beyond.zip', lambda d: [d.__setitem__(p + 3, 0x7F) for p in (central(d, 3) + 20, local(d, 3) + 18)])
        END
        """,
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      func verdicts(_ name: String) throws -> [String: String] {
        var verdicts: [String: String] = [:]
        for member in try members(LicensedArchiveSource.self, "\(folder)/\(name).zip") {
          verdicts[member.name] = member.reason ?? "record"
        }
        return verdicts
      }
      let clean = ["a.txt": "record", "b.txt": "record", "c.txt": "record", "d.txt": "record"]
      #expect(try verdicts("good") == clean)
      #expect(try verdicts("prefixed") == clean)
      #expect(try verdicts("stream") == ["-": "record"])
      for name in ["name", "method", "checksum", "length"] {
        var expected = clean
        expected["b.txt"] = "zip-headers-disagree"
        #expect(try verdicts(name) == expected, "\(name)")
      }
      #expect(
        try verdicts("overlap") == [
          "a.txt": "record", "b.txt": "zip-overlap", "c.txt": "zip-overlap", "d.txt": "record",
        ]
      )
      var oneLost = clean
      oneLost["b.txt"] = "zip-headers-disagree"
      #expect(try verdicts("header") == oneLost)
      for name in ["data", "crc"] {
        oneLost["b.txt"] = "corrupt-stream"
        #expect(try verdicts(name) == oneLost, "\(name)")
      }
      #expect(try verdicts("beyond")["d.txt"] == "zip-overlap")
    }
  }
}
