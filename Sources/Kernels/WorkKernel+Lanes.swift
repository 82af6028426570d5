public import Algebra
internal import CKernels

extension WorkKernel {
  /// The fastest kernel that this processor can run; the reference where it can run no other.
  public static let best = available.last ?? .reference

  /// Every kernel that this processor can run, slowest first.
  public static let available: [WorkKernel] = {
    var kernels = [reference]
    // SAFETY: the pointers are to constants of the library, or null.
    if let form = unsafe keccak_neon() { kernels.append(lanes("neon", unsafe form.pointee)) }
    if let form = unsafe keccak_avx2() { kernels.append(lanes("avx2", unsafe form.pointee)) }
    if let form = unsafe keccak_avx512() { kernels.append(lanes("avx512", unsafe form.pointee)) }
    return kernels
  }()

  private static func lanes(_ name: String, _ form: keccak_form) -> WorkKernel {
    WorkKernel(name: name) { sponge, bits, range in
      let (state, position) = sponge.absorbing
      // The nonce and the padding behind it must end in this block.
      guard position + 8 < SHAKE128.rate, (0..<64).contains(bits) else {
        return reference.search(sponge, bits, range)
      }
      let count = range.upperBound - range.lowerBound
      // SAFETY: the loop reads 25 words of the state.
      let found = unsafe form.find_nonce(
        state,
        position,
        range.lowerBound,
        count,
        UInt32(bits)
      )
      return found < count ? range.lowerBound + found : nil
    }
  }
}
