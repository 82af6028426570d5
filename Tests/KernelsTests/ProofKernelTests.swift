import Algebra
import Kernels
import Testing
import _TestSupport

@Suite struct ProofKernelTests {
  @Test func `every BLAKE3 kernel gives what the reference gives, for any length and number`() {
    var random = SeededRandom(seed: 3)
    let short = Array(1...8) + [31, 32, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025]
    let lengths =
      short + [2048, 2049, 3072, 3073, 4096, 5121, 7168, 8193]
    for length in lengths {
      for count in [1, 2, 7, 8, 9, 16, 17, 33] {
        let messages = random.bytes(length * count)
        let key = BLAKE3.words(random.bytes(32))
        let expected = BLAKE3Kernel.reference.keyedHashes(key, messages, length)
        #expect(expected.count == 32 * count)
        for kernel in BLAKE3Kernel.available {
          let found = kernel.keyedHashes(key, messages, length)
          #expect(found == expected, "\(kernel.name): \(count) messages of \(length)")
        }
      }
    }
    for kernel in BLAKE3Kernel.available {
      let none = kernel.keyedHashes(BLAKE3.Words(), [], 7)
      #expect(none == [])
    }
  }

  @Test func `rows of blocks are hashed as their messages are, with and without salts`() {
    var random = SeededRandom(seed: 9)
    let key = BLAKE3.words(random.bytes(32))
    for (log, columns) in [(0, 1), (3, 5), (5, 16), (6, 40), (5, 300)] {
      for width in [4, 8, 16] {
        func words(_ count: Int) -> WordBuffer {
          let words = WordBuffer(zeros: count)
          for index in 0..<count { words[index] = UInt32.random(in: 0..<1 << 31, using: &random) }
          return words
        }
        let blocks = (0..<(columns + width - 1) / width).map { _ in words(width << log) }
        for salts in [nil, words(8 << log)] {
          let rows = BLAKE3Kernel.Rows(
            blocks: blocks,
            width: width,
            columnCount: columns,
            log: log,
            salts: salts
          )
          let digests = BLAKE3Kernel.available.map { kernel in
            let target = WordBuffer(zeros: 8 << log)
            kernel.keyedRows(key, rows, 0..<1 << log, target)
            return target.littleEndianBytes(0..<target.count)
          }
          for (kernel, found) in zip(BLAKE3Kernel.available, digests) {
            #expect(found == digests[0], "\(kernel.name): 2^\(log) rows of \(columns)")
          }
        }
      }
    }
  }

  @Test func `every transform kernel gives what the reference gives, edges of the field included`()
  {
    var random = SeededRandom(seed: 4)
    let p = KoalaBear.modulus
    let edges: [UInt32] = [0, 1, 2, p - 1, p - 2, p / 2, 1 << 30]
    for log in 0...11 {
      for count in [1, 3, 8, 16, 17] {
        let columns: [[KoalaBear]] = (0..<count).map { index in
          (0..<(index % 2 == 0 ? 1 << log : (1 << log) / 2)).map { _ in
            let word =
              Bool.random(using: &random)
              ? edges.randomElement(using: &random) ?? 0 : UInt32.random(in: 0..<p, using: &random)
            return KoalaBear(reducing: UInt64(word))
          }
        }
        let expected = TransformKernel.reference.values(columns, log)
        for kernel in TransformKernel.available {
          let found = kernel.values(columns, log)
          #expect(found == expected, "\(kernel.name): 2^\(log), \(count) columns")
        }
      }
    }
  }

  @Test func `each part of a transform is made alone, from columns that are up to twice as long`() {
    var random = SeededRandom(seed: 14)
    for kernel in TransformKernel.available {
      for (log, logCount, tail) in [
        (0, 0, 0), (3, 1, 0), (5, 2, 3), (8, 2, 64), (9, 3, 17), (10, 0, 0), (11, 4, 100),
        (12, 1, 2048), (15, 2, 4097), (16, 2, 3),
      ] {
        let length = 1 << (log - logCount)
        let columns: [[TransformKernel.Column]] = (0..<kernel.width - 1).map { _ in
          [length, tail].map { count in
            let words = WordBuffer(zeros: max(1, count))
            for index in 0..<count {
              words[index] = UInt32.random(in: 0..<KoalaBear.modulus, using: &random)
            }
            return (words, 0, count)
          }
        }
        let roots = TransformKernel.Roots(log: log)
        // What stands behind the columns counts as zero.
        let whole = WordBuffer(zeros: kernel.width << log)
        for index in 0..<whole.count { whole[index] = 7 }
        kernel.gather(columns, whole)
        kernel.transform(whole, roots, length + tail)
        for index in 0..<1 << logCount {
          let part = TransformKernel.Part(log: log, logCount: logCount, index: index)
          let block = WordBuffer(zeros: kernel.width * (length + tail))
          kernel.gather(columns, block)
          kernel.twist(block, part, roots)
          kernel.transform(block, TransformKernel.Roots(log: log - logCount), length)
          let first = part.rows.lowerBound * kernel.width
          let found = (0..<kernel.width * length).map { block[$0] }
          let expected = found.indices.map { whole[first + $0] }
          #expect(found == expected, "\(kernel.name): part \(index) of 2^\(logCount) of 2^\(log)")
        }
      }
    }
  }
}
