public import Algebra
internal import CKernels

extension TransformKernel {
  /// The fastest kernel that this processor can run; the reference where it can run no other.
  public static let best = available.last ?? .reference

  /// Every kernel that this processor can run, slowest first.
  public static let available: [TransformKernel] = {
    var kernels = [reference]
    // SAFETY: the pointers are to constants of the library, or null.
    if let form = unsafe transform_neon() {
      kernels.append(lanes("neon", unsafe form.pointee))
    }
    if let form = unsafe transform_avx2() {
      kernels.append(lanes("avx2", unsafe form.pointee))
    }
    if let form = unsafe transform_avx512() {
      kernels.append(lanes("avx512", unsafe form.pointee))
    }
    return kernels
  }()

  private static func lanes(_ name: String, _ form: transform_form) -> TransformKernel {
    TransformKernel(
      name: name,
      width: form.lanes,
      gather: { columns, block in
        let rows = block.count / form.lanes
        // SAFETY: the parts' words were checked to be there, and their rows end inside of the block.
        let target = unsafe block.pointer(at: 0, length: block.count)
        var row = 0
        for part in 0..<(columns.first?.count ?? 0) {
          let length = columns.first?[part].length ?? 0
          precondition(length <= rows - row && columns.count <= form.lanes, "inside of the block")
          var pointers = unsafe [UnsafePointer<UInt32>?]()
          for column in columns {
            let words = unsafe column[part].words.pointer(at: column[part].offset, length: length)
            unsafe pointers.append(UnsafePointer(words))
          }
          unsafe form.gather(pointers, columns.count, row, length, target)
          row += length
        }
        withExtendedLifetime(columns) {}
      },
      transform: { block, roots, filled in
        let n = 1 << roots.log
        precondition(block.count >= n * form.lanes && (0...n).contains(filled), "n rows")
        // SAFETY: the loop reads and writes n rows of `lanes` words, and reads n / 2 roots.
        unsafe form.transform(
          block.pointer(at: 0, length: block.count),
          n,
          filled,
          roots.words.pointer(at: 0, length: roots.words.count)
        )
      },
      twist: { block, part, roots in
        let rows = block.count / form.lanes
        precondition(
          rows >= part.length && rows <= 2 * part.length && roots.log == part.log,
          "rows of a part, and a tail behind them"
        )
        // SAFETY: the loop reads and writes the block's rows, and reads half as many roots as the order.
        unsafe form.twist(
          block.pointer(at: 0, length: block.count),
          part.length,
          rows - part.length,
          roots.words.pointer(at: 0, length: roots.words.count),
          1 << part.log,
          part.residue
        )
      }
    )
  }
}
