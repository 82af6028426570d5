import Files
import Ingestion
import Merkle
import Testing
import _TestSupport

/// Digests in order, whether they fit into memory or not.
@Suite struct DigestSorterTests {
  @Test(arguments: [0, 1, 5, 64, 65, 1000, 4097])
  func `runs on disk give the order that sorting in memory gives`(_ count: Int) throws {
    let digests = (0..<count).map { SHA256Hash.of(Array("\($0 % 900)".utf8)) }
    for length in [7, 64, 100_000] {
      var sorter = try DigestSorter(runLength: length)
      for digest in digests { try sorter.add(digest) }
      var found: [SHA256Hash] = []
      try sorter.finish { found += $0 }
      #expect(found == digests.sorted())
    }
  }
}
