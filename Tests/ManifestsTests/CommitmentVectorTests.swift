import Algebra
import CanonicalCoding
import Licensing
import Manifests
import Merkle
import Testing
import TextScan
import _TestSupport

@Suite struct CommitmentVectorTests {
  private let file: JSONValue

  init() throws { file = try Fixture.json("Fixtures/vectors/tree_hashes.json") }

  private func bytes(_ value: JSONValue) throws -> [UInt8] {
    try #require(value.text.flatMap(Hex.decode))
  }
  private func hash(_ value: JSONValue) throws -> SHA256Hash {
    try #require(value.text.flatMap(SHA256Hash.init(hex:)))
  }

  @Test func `record leaves have the worked bytes and hashes of the design`() throws {
    let records = file["records"].elements ?? []
    #expect(records.count == 3)
    var leaves: [RecordLeaf] = []
    for record in records {
      let descriptor = SHA256Hash.of(try bytes(record["descriptorHex"]))
      let key = record["saltKey"].text.flatMap(Hex.decode)
      let leaf = RecordLeaf(
        contentDigest: .of(try bytes(record["contentHex"])),
        payloadDigest: .of(try bytes(record["payloadHex"])),
        descriptorDigest: descriptor,
        licenseIndex: UInt16(record["licenseIndex"].integer ?? 0),
        flags: RecordLeaf.Flags(rawValue: UInt8(record["flags"].integer ?? 0)),
        contentByteCount: UInt64(record["byteCount"].integer ?? 0),
        wordCount: UInt64(record["wordCount"].integer ?? 0),
        salt: RecordLeaf.salt(key: key, descriptorDigest: descriptor)
      )
      #expect(leaf.salt.hex == record["salt"].text)
      #expect(Hex.encode(leaf.bytes) == record["leafBytes"].text)
      #expect(
        leaf.elements.map { Int($0.value) }
          == (record["elements"].elements ?? []).map { $0.integer ?? -1 }
      )
      #expect(leaf.sha256.hex == record["sha256Leaf"].text)
      #expect(leaf.poseidon2.hex == record["poseidon2Leaf"].text)
      #expect(RecordLeaf(leaf.bytes) == leaf)
      #expect(TextSurvey(try bytes(record["contentHex"])[...]).wordCount == leaf.wordCount)
      leaves.append(leaf)
    }
    #expect(
      CompactRange<SHA256TreeHasher>.root(of: leaves.map(\.sha256)).hex
        == file["recordRoots"]["sha256Root"].text
    )
    #expect(
      CompactRange<Poseidon2TreeHasher>.root(of: leaves.map(\.poseidon2)).hex
        == file["recordRoots"]["poseidon2Root"].text
    )
    let tree = MemoryTree<Poseidon2TreeHasher>(leaves: leaves.map(\.poseidon2))
    let proof = try tree.inclusionProof(index: 1, size: 3)
    #expect(
      proof.path.map(\.hex)
        == (file["inclusion"]["poseidon2Path"].elements ?? []).compactMap(\.text)
    )
    try proof.verify(leaf: leaves[1].poseidon2, index: 1, head: tree.head(size: 3))
  }

  @Test
  func `roots of both trees for 0 to 8 leaves, tombstones and source leaves are the worked ones`()
    throws
  {
    let leaves = file["syntheticLeaves"].elements ?? []
    for (count, expected) in file["rootsByCount"].object?.members ?? [:] {
      let some = leaves.prefix(Int(count) ?? 0)
      #expect(
        CompactRange<SHA256TreeHasher>.root(of: try some.map { try hash($0["sha256Leaf"]) }).hex
          == expected["sha256Root"].text
      )
      let digests = try some.map {
        try #require($0["poseidon2Leaf"].text.flatMap(Poseidon2Digest.init(hex:)))
      }
      #expect(
        CompactRange<Poseidon2TreeHasher>.root(of: digests).hex == expected["poseidon2Root"].text
      )
    }
    let stone = file["tombstone"]
    let tombstone = Tombstone(
      reason: .erasure,
      day: try #require(CivilDate("2026-11-20")),
      formerLeaf: try hash(stone["formerSha256Leaf"])
    )
    #expect(tombstone.day.dayNumber == stone["day"].integer)
    #expect(Hex.encode(tombstone.bytes) == stone["leafBytes"].text)
    #expect(tombstone.sha256.hex == stone["sha256Leaf"].text)
    #expect(tombstone.poseidon2.hex == stone["poseidon2Leaf"].text)
    var sha: [SHA256Hash] = []
    var poseidon: [Poseidon2Digest] = []
    for source in file["sources"].elements ?? [] {
      let object = try bytes(source["objectHex"])
      let root = try #require(source["poseidon2Root"].text.flatMap(Poseidon2Digest.init(hex:)))
      sha.append(SHA256TreeHasher.leaf(object))
      poseidon.append(
        SourceCommitment.poseidon2Leaf(
          objectDigest: .of(object),
          size: UInt64(source["size"].integer ?? 0),
          root: root
        )
      )
      #expect(sha.last?.hex == source["sha256Leaf"].text)
      #expect(poseidon.last?.hex == source["poseidon2Leaf"].text)
    }
    #expect(CompactRange<SHA256TreeHasher>.root(of: sha).hex == file["combined"]["sha256Root"].text)
    #expect(
      CompactRange<Poseidon2TreeHasher>.root(of: poseidon).hex
        == file["combined"]["poseidon2Root"].text
    )
  }

  @Test func `roots of the Poseidon2 tree are those of the independent program`() throws {
    var range = CompactRange<Poseidon2TreeHasher>()
    var byCount = [range.root]
    for index in 0..<260 {
      let digest = SHA256Hash.of(Array("golden leaf \(index)".utf8)).bytes
      let words = stride(from: 0, to: 32, by: 4).map { start in
        KoalaBear(reducing: digest[start..<start + 4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
      }
      range.append(
        Poseidon2Digest(words: Poseidon2.sponge(tag: 0x4C45_4146, message: words + words))
      )
      byCount.append(range.root)
    }
    for entry in try Fixture.json("Fixtures/vectors/golden_roots.json")["roots"].elements ?? [] {
      guard let size = entry["size"].integer, size < byCount.count else { continue }
      #expect(byCount[size].hex == entry["poseidon2Root"].text)
    }
  }

  @Test func `the list digest is that of the design's example`() {
    #expect(
      SHA256Hash.of(SPDXLicenseList.canonicalBytes).hex
        == "40c1683343ca74661fb45f995224f55e3b401a75c6a261647e36450eafc2deb9"
    )
    #expect(
      SHA256Hash.of(CanonicalJSON.encode(LicenseTable.json)).hex
        == "32a337823e9faf1b873abbe7fa178595dd669b6cfb920ad4d4d45469fab8e6ce"
    )
  }

  @Test func `a leaf with reserved bits, an impossible preference or a count of 2^30 is none`()
    throws
  {
    let leaf = try bytes((file["records"].elements ?? [])[1]["leafBytes"])
    #expect(RecordLeaf(leaf) != nil)
    let flags = 4 + 96 + 2
    for bad in [UInt8(1), 0x40, 0x80, 0x30] {
      var bytes = leaf
      bytes[flags] = bad
      #expect(RecordLeaf(bytes) == nil)
    }
    var large = leaf
    large[flags + 1 + 4] = 0x40
    #expect(RecordLeaf(large) == nil)
    #expect(RecordLeaf(leaf + [0]) == nil)
    #expect(RecordLeaf(Array(leaf.dropLast())) == nil)
    #expect(RecordLeaf([0x4A] + leaf.dropFirst()) == nil)
  }

  @Test func `a descriptor is written in the canonical form of its value`() throws {
    let descriptor = RecordDescriptor(
      locator: "a\"b\\c\n.warc@1,2",
      mediaType: "text/html",
      profile: "00",
      memberByteCount: 7,
      memberDigest: .of([1]),
      payloadByteCount: 5,
      rule: .override(3),
      title: "Träume \u{1F600}\t",
      language: "de",
      published: "p",
      modified: "m",
      refersTo: "r",
      evidence: [
        .init(name: "http-head", sha256: .of([2])), .init(name: "charset", sha256: .of([3])),
      ]
    )
    let value = try JSONParser.parse(descriptor.bytes)
    #expect(CanonicalJSON.encode(value) == descriptor.bytes)
    #expect(value["rule"].text == "override 3")
    #expect(value["evidence"]["charset"].text == SHA256Hash.of([3]).hex)
  }
}
