import CanonicalCoding
import Files
import Manifests
import Merkle
import Testing
import TextScan
import _TestSupport

/// The worked example of docs/formats.md: every line is recomputed and must stand in the document.
@Suite struct WorkedExampleTests {
  private static let key = Array(repeating: UInt8(7), count: 32)

  private static func leaf(_ index: Int, _ content: String, _ payload: String, key: [UInt8]?) -> (
    RecordLeaf, [UInt8]
  ) {
    let descriptor = RecordDescriptor(
      locator: "notes.jsonl#L\(index + 1)@\(index * 40)",
      mediaType: "text/plain",
      profile: SHA256Hash.of(Array("profile".utf8)).hex,
      memberByteCount: UInt64(payload.utf8.count),
      memberDigest: .of(Array(payload.utf8)),
      payloadByteCount: UInt64(payload.utf8.count),
      rule: .source
    ).bytes
    let digest = SHA256Hash.of(descriptor)
    let leaf = RecordLeaf(
      contentDigest: .of(Array(content.utf8)),
      payloadDigest: .of(Array(payload.utf8)),
      descriptorDigest: digest,
      licenseIndex: 0,
      flags: [],
      contentByteCount: UInt64(content.utf8.count),
      wordCount: TextSurvey(Array(content.utf8)[...]).wordCount,
      salt: RecordLeaf.salt(key: key, descriptorDigest: digest)
    )
    return (leaf, descriptor)
  }

  static func lines() throws -> [String] {
    var lines: [String] = []
    let records = [
      leaf(0, "Café crème\n", "Cafe\u{301} crème\r\n", key: key),
      leaf(1, "two  words\n", "two  words\n", key: key), leaf(2, "", "", key: nil),
    ]
    for (index, (leaf, descriptor)) in records.enumerated() {
      lines.append(
        "record \(index) descriptor       \(String(decoding: descriptor, as: UTF8.self))"
      )
      lines.append("record \(index) salt             \(leaf.salt.hex)")
      lines.append("record \(index) IRL1             \(Hex.encode(leaf.bytes))")
      lines.append("record \(index) sha256 leaf      \(leaf.sha256.hex)")
      lines.append(
        "record \(index) P2KB-1           \(leaf.elements.map { String($0.value) }.joined(separator: " "))"
      )
      lines.append("record \(index) poseidon2 leaf   \(leaf.poseidon2.hex)")
    }
    let sha = MemoryTree<SHA256TreeHasher>(leaves: records.map(\.0.sha256))
    let poseidon = MemoryTree<Poseidon2TreeHasher>(leaves: records.map(\.0.poseidon2))
    let (head, other) = (try sha.head(size: 3), try poseidon.head(size: 3))
    lines.append("sha256Root                \(head.root.hex)")
    lines.append("poseidon2Root             \(other.root.hex)")
    lines.append(
      "path of record 1, sha256  \(try sha.inclusionProof(index: 1, size: 3).path.map(\.hex).joined(separator: " "))"
    )
    let stone = Tombstone(
      reason: .erasure,
      day: try #require(CivilDate("2026-11-20")),
      formerLeaf: records[1].0.sha256
    )
    lines.append("tombstone of record 1     \(Hex.encode(stone.bytes))")
    lines.append("tombstone sha256 leaf     \(stone.sha256.hex)")
    lines.append("tombstone poseidon2 leaf  \(stone.poseidon2.hex)")
    lines.append(
      "combined manifest         \(String(decoding: try manifest(head, other).bytes, as: UTF8.self))"
    )
    lines.append("combined manifest sha256  \(SHA256Hash.of(try manifest(head, other).bytes).hex)")
    return lines
  }

  private static func manifest(
    _ head: TreeHead<SHA256TreeHasher>,
    _ other: TreeHead<Poseidon2TreeHasher>
  ) throws -> CommittedManifest {
    var counts = SourceCounts()
    (counts.members, counts.records, counts.bytes, counts.words) = (3, 3, 24, 4)
    let source = SourceCommitment(
      id: "notes",
      version: "1",
      pluginName: "private-corpus",
      pluginVersion: "1.0.0",
      confidential: true,
      manifestDigest: .of(Array("manifest".utf8)),
      manifestFileDigest: .of(Array("file".utf8)),
      profileName: "text-nfc-v1",
      profileDigest: .of(Array("profile".utf8)),
      counts: counts,
      licenses: [
        .init(
          expression: "CC0-1.0",
          records: 3,
          preferences: [.unknown: 3, .allowed: 0, .disallowed: 0],
          until: nil
        )
      ],
      ledger: .empty,
      size: 3,
      tombstones: 0,
      sha256Root: head.root,
      poseidon2Root: other.root
    )
    let text =
      "apiVersion: ingest/v1\nkind: LicensePolicy\nid: example\nversion: \"1\"\nuse: train\njurisdictions: [EU]\ndefault: allow\nunknown: deny\noutside: deny\nrules:\n  - {id: all, when: {category: public-domain}, then: allow, reason: Free.}\n"
    let policy = try PolicyFile.decode(Array(text.utf8), file: "example.policy")
    return CommittedManifest(
      created: "2026-11-20T00:00:00Z",
      epoch: 1,
      toolVersion: "1.0.0",
      sources: [source],
      policy: .init(policy, asOf: try #require(CivilDate("2026-11-20")), table: .empty),
      previous: nil
    )
  }

  @Test func `every line of the worked example is what the code computes`() throws {
    let document = String(decoding: try Fixture.bytes("docs/formats.md"), as: UTF8.self)
    let standing = Set(document.split(separator: "\n").map(String.init))
    for line in try Self.lines() {
      if !standing.contains(line) { print("WORKED \(line)") }
      #expect(standing.contains(line), "\(line.prefix(60))")
    }
    // And the whole manifest passes the verifier's own check.
    let whole = try #require(try Self.lines().first { $0.hasPrefix("combined manifest         ") })
    _ = try VerifiedManifest(Array(whole.dropFirst("combined manifest         ".count).utf8))
  }
}
