internal import ArgumentParser
internal import CanonicalCoding
internal import Ingestion

/// `ingest show`: one committed record.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a committed record: its leaf, hashes and descriptor.",
    discussion: """
      EXAMPLES
        ingest show 17
        ingest show 'crawl:pages.warc.gz@38159649,18233' --json
      """
  )

  @Argument(help: "INDEX, LOCATOR, SOURCE:INDEX or SOURCE:LOCATOR.")
  var record: String
  @OptionGroup var options: StoreOptions
  @Flag(name: .long, help: "One JSON object.")
  var json = false

  func run() async throws {
    try await Terminal.run {
      let found = try ProofMaker(try options.open()).find(record)
      let (row, leaf) = (found.row, found.row.leaf)
      let descriptor = try? JSONParser.parse(row.descriptor)
      if json {
        return Terminal.print(json: [
          "source": .string(found.source), "index": .count(found.index),
          "contentDigest": .string(leaf.contentDigest.hex),
          "payloadDigest": .string(leaf.payloadDigest.hex),
          "descriptorDigest": .string(leaf.descriptorDigest.hex),
          "licenseIndex": .count(leaf.licenseIndex),
          "flags": .count(leaf.flags.rawValue), "byteCount": .count(leaf.contentByteCount),
          "wordCount": .count(leaf.wordCount), "sha256Leaf": .string(row.sha256.hex),
          "poseidon2Leaf": .string(row.poseidon2.hex), "descriptor": descriptor ?? .null,
          "tombstone": row.tombstone.map {
            ["reason": .string($0.reason.rawValue), "day": .string($0.day.description)]
          } ?? .null,
        ])
      }
      let lines: [(String, String)] = [
        ("source", found.source), ("index", "\(found.index)"),
        ("content sha256", leaf.contentDigest.hex),
        ("payload sha256", leaf.payloadDigest.hex),
        ("descriptor sha256", leaf.descriptorDigest.hex),
        ("license entry", "\(leaf.licenseIndex)"), ("flags", "\(leaf.flags.rawValue)"),
        ("content bytes", "\(leaf.contentByteCount)"), ("words", "\(leaf.wordCount)"),
        ("sha256 leaf", row.sha256.hex), ("poseidon2 leaf", row.poseidon2.hex),
        ("descriptor", String(decoding: row.descriptor, as: UTF8.self)),
        ("state", row.tombstone.map { "removed: \($0.reason.rawValue), \($0.day)" } ?? "live"),
      ]
      for (name, value) in lines {
        Terminal.print(
          name + String(repeating: " ", count: 19 - name.count) + Terminal.escaped(value)
        )
      }
    }
  }
}
