public import Algebra
internal import CKernels

extension BLAKE3Kernel {
  /// The fastest kernel that this processor can run; the reference where it can run no other.
  public static let best = available.last ?? .reference

  /// Every kernel that this processor can run, slowest first.
  public static let available: [BLAKE3Kernel] = {
    var kernels = [reference]
    // SAFETY: the pointers are to constants of the library, or null.
    if let form = unsafe blake3_neon() { kernels.append(lanes("neon", unsafe form.pointee)) }
    if let form = unsafe blake3_avx2() { kernels.append(lanes("avx2", unsafe form.pointee)) }
    if let form = unsafe blake3_avx512() { kernels.append(lanes("avx512", unsafe form.pointee)) }
    return kernels
  }()

  private static func lanes(_ name: String, _ form: blake3_form) -> BLAKE3Kernel {
    BLAKE3Kernel(
      name: name,
      keyedHashes: { key, messages, length in
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
      },
      keyedRows: { key, rows, range, target in
        let words = (0..<8).map { key[$0] }
        let count = 1 << rows.log
        precondition(
          range.lowerBound >= rows.firstRow && range.upperBound <= count
            && rows.columnCount <= rows.blocks.count * rows.width && rows.columnCount > 0,
          "rows of the blocks"
        )
        // SAFETY: blocks hold the range's rows, of `width` words, salts and target eight words a position, the
        // scratch sixteen messages; the words of this processor are little-endian, as digests are.
        var blocks = unsafe [UnsafePointer<UInt32>?]()
        for block in rows.blocks {
          let length = (range.upperBound - rows.firstRow) * rows.width
          unsafe blocks.append(UnsafePointer(block.pointer(at: 0, length: length)))
        }
        let scratch = WordBuffer(zeros: 16 * (8 + rows.columnCount))
        let salts = unsafe rows.salts.map {
          unsafe UnsafeRawPointer($0.pointer(at: 0, length: 8 * count))
        }
        unsafe form.keyed_rows(
          words,
          salts?.assumingMemoryBound(to: UInt8.self),
          blocks,
          rows.width,
          rows.columnCount,
          UInt32(rows.log),
          rows.firstRow,
          range.lowerBound,
          range.upperBound,
          UnsafeMutableRawPointer(scratch.pointer(at: 0, length: scratch.count))
            .assumingMemoryBound(to: UInt8.self),
          UnsafeMutableRawPointer(target.pointer(at: 0, length: 8 * count))
            .assumingMemoryBound(to: UInt8.self)
        )
        withExtendedLifetime((rows, scratch)) {}
      }
    )
  }
}
