import Files
import LicensedArchive
import PrivateCorpus
import SourceAPI
import Testing
import WebCrawl
import _TestSupport

/// Random damage over every format.
@Suite struct RandomDamageTests {
  private let crawl = Fixture.path("manifests/sources/crawl/handbook.warc.gz")

  @Test
  func `random damage never traps and never loses the count of records that are intact before it`()
    throws
  {
    let crawlBytes = try InputFile.contents(of: crawl, limit: 1 << 24)
    let archiveBytes = try Fixture.bytes("manifests/sources/archive/flask-3.1.2.tar.gz")
    let corpusBytes = Array(
      try Fixture.bytes("manifests/sources/corpus/policy.jsonl").prefix(60_000)
    )
    var random = SeededRandom(seed: 99)
    try Fixture.withFolder { folder in
      for round in 0..<40 {
        let cases: [(plugin: any SourcePlugin.Type, name: String, original: [UInt8])] = [
          (WebCrawlSource.self, "m.warc.gz", crawlBytes),
          (LicensedArchiveSource.self, "m.tar.gz", archiveBytes),
          (PrivateCorpusSource.self, "m.jsonl", corpusBytes),
          (WebCrawlSource.self, "m.warc", corpusBytes),
        ]
        let (plugin, name, original) = cases[round % 4]
        var bytes = original
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          switch Int.random(in: 0..<3, using: &random) {
          case 0:
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(
              in: 1...255,
              using: &random
            )
          case 1:
            bytes.removeSubrange(
              Int.random(
                in: 0..<bytes.count / 2,
                using: &random
              )..<Int.random(in: bytes.count / 2..<bytes.count, using: &random)
            )
          default:
            bytes.insert(
              contentsOf: random.bytes(40),
              at: Int.random(in: 0...bytes.count, using: &random)
            )
          }
        }
        try Fixture.write(bytes, "\(folder)/\(name)")
        _ = try? members(plugin, "\(folder)/\(name)")
      }
    }
  }
}
