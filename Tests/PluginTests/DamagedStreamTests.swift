import Archives
import Files
import Testing
import _TestSupport

/// Damaged gzip streams give the bytes before the damage, and no other: what an independent inflater gives, byte by byte.
@Suite struct DamagedStreamTests {
  @Test func `a stream gives exactly what is sound before its damage, wherever that is`() throws {
    try Fixture.withFolder { folder in
      let made = try Command.shell(
        """
        python3 - <<'END'
        import gzip, hashlib, random, zlib
        random.seed(5)
        words = [bytes(random.choices(b'abcdefghij', k=random.randrange(1, 9))) for _ in range(60)]
        def text(n): return b' '.join(random.choices(words, k=n))
        def sound(data):
            d, out = zlib.decompressobj(31), bytearray()
            try:
                for i in range(len(data)):
                    rest = data[i:i + 1]
                    while True:
                        got = d.decompress(rest, 1)
                        out += got
                        rest = d.unconsumed_tail
                        if not got and not rest: break
            except zlib.error: pass
            return bytes(out)
        with open('expected', 'w') as expected:
            for number in range(600):
                # A distance that reaches back before the start lies near it; the other cases are anywhere.
                data = bytearray(gzip.compress(text(random.choice((3, 40, 400, 3000))), random.choice((1, 6, 9)), mtime=0))
                for _ in range(random.randrange(1, 4)):
                    data[random.randrange(10, min(len(data), random.choice((30, 200, 1 << 20))))] ^= 1 << random.randrange(8)
                name = '%03d.gz' % number
                open(name, 'wb').write(data)
                good = sound(bytes(data))
                expected.write('%s %d %s\\n' % (name, len(good), hashlib.sha256(good).hexdigest()))
        END
        printf '\\037\\213\\010\\000\\000\\000\\000\\000\\002\\003\\253\\126\\312\\114\\121\\262\\122\\062\\124\\322\\121\\052\\377\\377\\377\\377' > back.gz
        """,
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      let list = String(
        decoding: try InputFile.contents(of: "\(folder)/expected", limit: 1 << 20),
        as: UTF8.self
      )
      var damagedCount = 0
      for line in list.split(separator: "\n") {
        let parts = line.split(separator: " ")
        let (bytes, isDamaged) = try inflated("\(folder)/\(parts[0])")
        #expect(bytes.count == Int(parts[1]), "\(parts[0])")
        try Fixture.write(bytes, "\(folder)/out")
        if bytes.count == Int(parts[1]), !bytes.isEmpty {
          let again = try inflated("\(folder)/\(parts[0])").bytes
          #expect(again == bytes, "\(parts[0])")
        }
        if isDamaged { damagedCount += 1 }
        let digest = try Command.shell("sha256sum < '\(folder)/out'").output.prefix(64)
        #expect(digest == parts[2], "\(parts[0])")
      }
      #expect(damagedCount > 400, "\(damagedCount) were damaged")
    }
  }

  private func inflated(_ path: String) throws -> (bytes: [UInt8], isDamaged: Bool) {
    let stream = try InflatedStream(InputFile(path), limits: InflationLimits())
    var bytes: [UInt8] = []
    while true {
      let supply = try stream.require(1)
      guard stream.available > 0 else {
        if case .damaged = supply { return (bytes, true) }
        return (bytes, false)
      }
      stream.take(stream.available, into: &bytes)
    }
  }
}
