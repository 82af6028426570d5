import CanonicalCoding
import Ingestion
import Manifests
import Merkle
import Testing
import _TestSupport

@Suite struct SegmentTests {
  private func row(_ index: Int) -> LeafRow {
    let descriptor = Array("{\"locator\":\"x#\(index)\"}".utf8)
    let leaf = RecordLeaf(
      contentDigest: .of([UInt8(index)]),
      payloadDigest: .of([1]),
      descriptorDigest: .of(descriptor),
      licenseIndex: 0,
      flags: [],
      contentByteCount: 5,
      wordCount: 1,
      salt: .of([2])
    )
    return LeafRow(
      leaf: leaf,
      sha256: leaf.sha256,
      poseidon2: leaf.poseidon2,
      descriptor: descriptor
    )
  }

  @Test func `a segment reads back what was written, and every flipped bit is found`() throws {
    let segment = Segment(
      firstLeaf: 7,
      rows: (0..<5).map(row),
      firstLedger: 2,
      ledger: [Array("{}".utf8), []]
    )
    let bytes = segment.bytes
    let back = try Segment(bytes)
    #expect(
      back.rows == segment.rows && back.ledger == segment.ledger && back.firstLeaf == 7
        && back.firstLedger == 2
    )
    for bit in stride(from: 0, to: bytes.count * 8, by: 5) {
      var bad = bytes
      bad[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: Segment.Failure.digest) { try Segment(bad) }
    }
    for count in [0, 31, 32, 60, bytes.count - 1] {
      #expect(throws: Segment.Failure.self) { try Segment(Array(bytes.prefix(count))) }
    }
  }

  @Test func `a segment whose digest was made anew over false rows is found by its leaf hashes`()
    throws
  {
    var bytes = Segment(firstLeaf: 0, rows: (0..<3).map(row), firstLedger: 0, ledger: []).bytes
    bytes[28 + 4] ^= 1
    let forged = bytes.dropLast(32) + SHA256Hash.of(Array(bytes.dropLast(32))).bytes
    #expect(throws: Segment.Failure.leafHash(index: 0)) { try Segment(Array(forged)) }
    // A length that lies is refused before anything is read with it.
    var long = Segment(firstLeaf: 0, rows: [], firstLedger: 0, ledger: [[1]]).bytes
    long.replaceSubrange(28..<32, with: [0xFF, 0xFF, 0xFF, 0xFF])
    let lie = long.dropLast(32) + SHA256Hash.of(Array(long.dropLast(32))).bytes
    #expect(throws: Segment.Failure.self) { try Segment(Array(lie)) }
  }
}
