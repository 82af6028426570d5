import Algebra
import Testing

/// Memory that threads and loops in C share.
@Suite struct WordBufferTests {
  /// Larger than the smallest that is a mapping of its own and is used again.
  private static let large = 3 << 20

  @Test func `zeros are zeros, also where others left their words behind`() {
    for _ in 0..<3 {
      let used = WordBuffer(unset: Self.large)
      for index in stride(from: 0, to: used.count, by: 97) { used[index] = 7 }
    }
    let fresh = WordBuffer(zeros: Self.large)
    #expect((0..<fresh.count).allSatisfy { fresh[$0] == 0 })
  }

  @Test func `a part is the whole's words, and holds them`() {
    var whole: WordBuffer? = WordBuffer(zeros: 100)
    let part = whole?.part(10, count: 20)
    whole?[10] = 1
    whole?[29] = 2
    whole?[30] = 3
    whole = nil
    #expect(part?.count == 20)
    #expect(part?[0] == 1)
    #expect(part?[19] == 2)
  }

  @Test func `buffers side by side share nothing, and clear only what is said`() {
    let buffers = WordBuffer.unset(5, each: 33)
    for (number, buffer) in buffers.enumerated() {
      for index in 0..<buffer.count { buffer[index] = UInt32(number + 1) }
    }
    buffers[2].clear(1..<32)
    for (number, buffer) in buffers.enumerated() {
      for index in 0..<buffer.count {
        let isCleared = number == 2 && (1..<32).contains(index)
        #expect(buffer[index] == (isCleared ? 0 : UInt32(number + 1)))
      }
    }
  }
}
