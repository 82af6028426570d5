public import Algebra
internal import CKernels

extension Poseidon2Kernel {
  /// The fastest kernel that this processor can run; the reference where it can run no other.
  public static let best = available.last ?? .reference

  /// Every kernel that this processor can run, slowest first.
  public static let available: [Poseidon2Kernel] = {
    var kernels = [reference]
    // SAFETY: the pointers are to constants of the library, or null.
    if let form = unsafe poseidon2_neon() {
      kernels.append(Poseidon2Kernel(name: "neon", unsafe Poseidon2Lanes(form: form.pointee)))
    }
    if let form = unsafe poseidon2_avx2() {
      kernels.append(Poseidon2Kernel(name: "avx2", unsafe Poseidon2Lanes(form: form.pointee)))
    }
    if let form = unsafe poseidon2_avx512() {
      kernels.append(Poseidon2Kernel(name: "avx512", unsafe Poseidon2Lanes(form: form.pointee)))
    }
    return kernels
  }()

  private init(name: String, _ lanes: Poseidon2Lanes) {
    self.init(name: name, hashBlocks: lanes.hashBlocks, compressPairs: lanes.compressPairs)
  }
}

/// One permutation a vector lane.
private struct Poseidon2Lanes: Sendable {
  let form: poseidon2_form

  @Sendable func hashBlocks(_ tag: UInt32, _ blocks: [SIMD16<UInt32>]) -> [Poseidon2.Words] {
    let capacity: [UInt32] = [tag, 1, 16, 0, 0, 0, 0, 0]
    // SAFETY: a block is sixteen words and a digest eight, in memory without gaps; the loops read and
    // write `count` of each.
    return unsafe Self.with(.wide) { parameters in
      unsafe Self.digests(blocks.count) { digests in
        unsafe blocks.withUnsafeBytes { raw in
          unsafe form.hash_blocks(
            parameters,
            capacity,
            raw.assumingMemoryBound(to: UInt32.self).baseAddress,
            blocks.count,
            digests
          )
        }
      }
    }
  }

  @Sendable func compressPairs(_ digests: [Poseidon2.Words]) -> [Poseidon2.Words] {
    let count = digests.count / 2
    // SAFETY: two neighbors are sixteen words without gaps; the loops read and write `count` pairs.
    return unsafe Self.with(.narrow) { parameters in
      unsafe Self.digests(count) { nodes in
        unsafe digests.withUnsafeBytes { raw in
          unsafe form.compress_pairs(
            parameters,
            raw.assumingMemoryBound(to: UInt32.self).baseAddress,
            count,
            nodes
          )
        }
      }
    }
  }

  /// A list of digests that `fill` writes into.
  private static func digests(
    _ count: Int,
    _ fill: (UnsafeMutablePointer<UInt32>?) -> Void
  ) -> [Poseidon2.Words] {
    var digests = [Poseidon2.Words](repeating: Poseidon2.Words(), count: count)
    // SAFETY: the pointer does not outlive the call.
    unsafe digests.withUnsafeMutableBytes { raw in
      unsafe fill(raw.assumingMemoryBound(to: UInt32.self).baseAddress)
    }
    return digests
  }

  /// Hands the constants of a width to C.
  private static func with<Result>(
    _ constants: Poseidon2Parameters,
    _ body: (UnsafePointer<poseidon2_parameters>) -> Result
  ) -> Result {
    // SAFETY: the four lists live until the call returns, and C keeps no pointer.
    unsafe constants.initial.withUnsafeBufferPointer { initial in
      unsafe constants.inner.withUnsafeBufferPointer { inner in
        unsafe constants.final.withUnsafeBufferPointer { final in
          unsafe constants.diagonal.withUnsafeBufferPointer { diagonal in
            var parameters = unsafe poseidon2_parameters(
              width: diagonal.count,
              inner_count: inner.count,
              initial: initial.baseAddress,
              inner: inner.baseAddress,
              final: final.baseAddress,
              diagonal: diagonal.baseAddress
            )
            return unsafe body(&parameters)
          }
        }
      }
    }
  }
}
