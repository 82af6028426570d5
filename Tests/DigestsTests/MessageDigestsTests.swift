import Crypto
import Digests
import Testing
import _TestSupport

@Suite struct MessageDigestsTests {
  private static let forms = MessageDigests.Form.allCases.filter {
    $0.rawValue <= MessageDigests.bestForm.rawValue
  }

  @Test func `every form gives the digests of the library, whatever the lengths`() {
    var random = SeededRandom(seed: 180)
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    for index in bytes.indices { bytes[index] = UInt8.random(in: 0...255, using: &random) }
    for round in 0..<60 {
      let limit = [70, 300, 5000, 60_000][round % 4]
      let ranges = (0..<Int.random(in: 0...70, using: &random)).map { _ -> Range<Int> in
        let start = Int.random(in: 0..<bytes.count - limit, using: &random)
        return start..<start + Int.random(in: 0...limit, using: &random)
      }
      for algorithm in [MessageDigests.Algorithm.sha1, .sha256] {
        let expected = ranges.flatMap { range -> [UInt8] in
          algorithm == .sha1
            ? Array(Insecure.SHA1.hash(data: bytes[range])) : Array(SHA256.hash(data: bytes[range]))
        }
        for form in Self.forms {
          #expect(
            MessageDigests.of(ranges, in: bytes, by: algorithm, form: form) == expected,
            "seed 180, round \(round), \(form), \(algorithm)"
          )
        }
      }
    }
  }

  @Test func `every length around the padding's steps is right in every lane`() {
    let bytes = (0..<400).map { UInt8(truncatingIfNeeded: $0 * 7) }
    for count in [1, 2, 3, 9, 10, 16, 17, 33] {
      let ranges = (0..<200).map { length in 0..<length }
      for part in stride(from: 0, to: ranges.count, by: count) {
        let list = Array(ranges[part..<min(part + count, ranges.count)])
        let expected = MessageDigests.of(list, in: bytes, by: .sha256, form: .library)
        for form in Self.forms {
          #expect(MessageDigests.of(list, in: bytes, by: .sha256, form: form) == expected)
        }
      }
    }
  }
}
