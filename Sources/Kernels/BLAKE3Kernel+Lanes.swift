public import Algebra
internal import CKernels

extension BLAKE3Kernel {
  /// The fastest kernel that this processor can run; the reference where it can run no other.
  public static let best = available.last ?? .reference

  /// Every kernel that this processor can run, slowest first.
  public static let available: [BLAKE3Kernel] = {
    var kernels = [reference]
    // SAFETY: the pointers are to constants of the library, or null.
    if let form = unsafe blake3_avx2() { kernels.append(lanes("avx2", unsafe form.pointee)) }
    if let form = unsafe blake3_avx512() { kernels.append(lanes("avx512", unsafe form.pointee)) }
    return kernels
  }()

  private static func lanes(_ name: String, _ form: blake3_form) -> BLAKE3Kernel {
    BLAKE3Kernel(name: name) { key, messages, length in
      precondition(length > 0 && messages.count % length == 0, "messages of one length")
      let count = messages.count / length
      var digests = [UInt8](repeating: 0, count: 32 * count)
      let words = (0..<8).map { key[$0] }
      // SAFETY: the loop reads count · length bytes and eight words, and writes 32 · count bytes.
      unsafe digests.withUnsafeMutableBufferPointer { out in
        unsafe messages.withUnsafeBufferPointer { input in
          unsafe form.keyed_hashes(words, input.baseAddress, length, count, out.baseAddress)
        }
      }
      return digests
    }
  }
}
