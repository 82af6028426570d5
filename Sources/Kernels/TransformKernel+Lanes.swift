public import Algebra
internal import CKernels

extension TransformKernel {
  /// The fastest kernel that this processor can run; the reference where it can run no other.
  public static let best = available.last ?? .reference

  /// Every kernel that this processor can run, slowest first.
  public static let available: [TransformKernel] = {
    var kernels = [reference]
    // SAFETY: the pointers are to constants of the library, or null.
    if let form = unsafe transform_avx2() {
      kernels.append(lanes("avx2", unsafe form.pointee))
    }
    if let form = unsafe transform_avx512() {
      kernels.append(lanes("avx512", unsafe form.pointee))
    }
    return kernels
  }()

  private static func lanes(_ name: String, _ form: transform_form) -> TransformKernel {
    TransformKernel(name: name) { columns, log in
      let (n, lanes) = (1 << log, form.lanes)
      let roots = montgomeryRoots(log: log)
      // Where the value at each power of the root ends.
      let rows = (0..<n).map { index in
        log == 0 ? 0 : Int(UInt64(index).bitReversed >> UInt64(64 - log))
      }
      var values: [[KoalaBear]] = []
      values.reserveCapacity(columns.count)
      var buffer = [UInt32](repeating: 0, count: n * lanes)
      for first in stride(from: 0, to: columns.count, by: lanes) {
        let group = columns[first..<min(first + lanes, columns.count)]
        for index in buffer.indices { buffer[index] = 0 }
        for (lane, column) in group.enumerated() {
          precondition(column.count <= n, "at most n coefficients")
          for (row, element) in column.enumerated() { buffer[row * lanes + lane] = element.value }
        }
        // SAFETY: the loop reads and writes n rows of `lanes` words, and reads n / 2 roots.
        unsafe buffer.withUnsafeMutableBufferPointer { words in
          unsafe roots.withUnsafeBufferPointer { roots in
            unsafe form.transform(words.baseAddress, n, roots.baseAddress)
          }
        }
        for lane in group.indices {
          values.append(
            rows.map { KoalaBear(reducing: UInt64(buffer[$0 * lanes + lane - first])) }
          )
        }
      }
      return values
    }
  }
}

extension UInt64 {
  /// The bits in the other order.
  fileprivate var bitReversed: UInt64 {
    var x = self
    x = (x & 0x5555_5555_5555_5555) << 1 | x >> 1 & 0x5555_5555_5555_5555
    x = (x & 0x3333_3333_3333_3333) << 2 | x >> 2 & 0x3333_3333_3333_3333
    x = (x & 0x0F0F_0F0F_0F0F_0F0F) << 4 | x >> 4 & 0x0F0F_0F0F_0F0F_0F0F
    return x.byteSwapped
  }
}
