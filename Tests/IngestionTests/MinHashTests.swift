import Ingestion
import Testing
import _TestSupport

/// Signatures estimate how many word sequences two texts share, and are the same everywhere.
@Suite struct MinHashTests {
  private func signature(_ text: String) -> MinHash? { MinHash(Array(text.utf8)[...]) }

  @Test func `values are those of an independent program`() throws {
    // Computed in Python with integers of any size, from the definition alone.
    let text = try #require(signature("the quick brown fox jumps over the lazy dog"))
    #expect(text.values[0] == 288_759_930_190_271_313)
    #expect(text.values[1] == 305_170_529_941_151_286)
    #expect(text.values[127] == 67_717_316_100_414_480)
    #expect(text.values.reduce(0) { ($0 + $1) % (1 << 61) } == 1_261_528_071_514_611_334)
    let short = try #require(signature("one two"))
    #expect(short.values[0] == 1_879_280_779_962_241_544)
    #expect(short.values[64] == 2_048_651_757_418_348_019)
    #expect(signature(" \t\n") == nil)
  }

  @Test func `agreement is near the share of common shingles`() throws {
    var random = SeededRandom(seed: 1997)
    let words = (0..<2000).map { _ in "w\(Int.random(in: 0..<100_000, using: &random))" }
    for changed in [0, 5, 20, 100] {
      var other = words
      for number in 0..<changed { other[number * (2000 / max(1, changed))] = "changed\(number)" }
      let first = try #require(signature(words.joined(separator: " ")))
      let second = try #require(signature(other.joined(separator: "\n ")))
      // A changed word is in five shingles of either text.
      let common = Double(1996 - 5 * changed)
      let expected = common / (common + 10 * Double(changed))
      let found = Double(first.agreement(with: second)) / 128
      #expect(abs(found - expected) < 0.13, "\(changed): \(found), expected \(expected)")
    }
  }

  @Test func `texts about the same are one group in any order, others are none`() throws {
    let base = (0..<300).map { "word\($0)" }
    var texts = [base, base, base]
    texts[1][150] = "other"
    texts[2][10] = "third"
    texts.append((0..<300).map { "else\($0)" })
    texts.append(base.map { $0 + "x" })
    for order in [[0, 1, 2, 3, 4], [4, 2, 3, 0, 1]] {
      var near = NearDuplicates()
      for index in order {
        near.add(try #require(signature(texts[index].joined(separator: " "))), record: index)
      }
      #expect(near.groups() == [[0, 1, 2]])
    }
  }
}
