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
}
