import CanonicalCoding
import Testing
import _TestSupport

@Suite struct ByteFormTests {
  @Test func `hexadecimal and base64 read back what they wrote and nothing else`() {
    var random = SeededRandom(seed: 1)
    for count in 0..<70 {
      let bytes = random.bytes(count)
      #expect(Hex.decode(Hex.encode(bytes)) == bytes)
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
    for text in ["0", "0G", "AB", "0x"] { #expect(Hex.decode(text) == nil) }
    // No padding, padding inside, white space, bits behind the last byte.
    for text in ["QQ", "QQ=", "Q===", "QQ==QQ==", "Q Q=", "QR==", "QUJ=", "QQ=="] {
      #expect((Base64.decode(text) == nil) == (text != "QQ=="))
    }
  }

  @Test func `a reader gives what a writer wrote, and refuses missing and left-over bytes`() throws
  {
    var writer = ByteWriter()
    writer.write(UInt16(0x0102))
    writer.write(UInt64.max)
    writer.write("tag")
    var reader = ByteReader(writer.bytes)
    #expect(try reader.read(UInt16.self) == 0x0102)
    #expect(try reader.read(UInt64.self) == .max)
    #expect(throws: ByteReaderError.leftOver(offset: 10, count: 3)) { try reader.finish() }
    #expect(try reader.read(count: 3).elementsEqual("tag".utf8))
    #expect(throws: ByteReaderError.endOfBytes(offset: 13, needed: 8)) {
      try reader.read(UInt64.self)
    }
    #expect(throws: ByteReaderError.endOfBytes(offset: 13, needed: Int.max)) {
      try reader.read(count: .max)
    }
    try reader.finish()
  }

  @Test func `a day is real, between 1900 and 2199, and written one way`() {
    #expect(CivilDate("1970-01-01")?.dayNumber == 0)
    #expect(CivilDate("2026-11-20")?.dayNumber == 20777)
    #expect(CivilDate("1900-01-01")?.dayNumber == -25567)
    #expect(CivilDate("2000-02-29")?.description == "2000-02-29")
    for text in [
      "1900-02-29", "2100-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "26-01-01", "2026-1-1",
      "1899-12-31", "2200-01-01", "2026/01/01", "+026-01-01",
    ] {
      #expect(CivilDate(text) == nil)
    }
  }

  @Test func `the fast scans agree with loops that read like their definition`() {
    var random = SeededRandom(seed: 77)
    for round in 0..<2000 {
      let count = Int.random(in: 0..<70, using: &random)
      var bytes = random.bytes(count)
      if round % 2 == 0 { bytes = bytes.map { $0 % 0x7F } }
      if round % 3 == 0 { bytes = bytes.map { $0 | 0x20 } }
      let slice = bytes[...]
      let start = count == 0 ? 0 : Int.random(in: 0...count, using: &random)
      #expect(ByteScan.asciiRun(slice, from: start) == bytes[start...].prefix { $0 < 0x80 }.count)
      #expect(
        ByteScan.jsonStringStop(slice, from: start)
          == bytes[start...].firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }
      )
      #expect(ByteScan.first(0x41, in: slice, from: start) == bytes[start...].firstIndex(of: 0x41))
    }
  }

  @Test func `UTF-8 is checked as the standard library does`() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<3000 {
      let pool: [UInt8] = [0x41, 0x80, 0xBF, 0xC2, 0xE0, 0xED, 0xA0, 0xF0, 0x90, 0xF4, 0x8F, 0xFF]
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0..<9, using: &random) {
        bytes.append(pool.randomElement(using: &random) ?? 0)
      }
      #expect(
        (UTF8Check.firstInvalid(bytes) == nil) == (String(validating: bytes, as: UTF8.self) != nil)
      )
    }
  }
}
