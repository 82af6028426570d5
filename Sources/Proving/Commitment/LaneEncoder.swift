internal import Algebra

/// Makes the codewords of lanes, whole or in parts of the domain that are as long as the lanes.
struct LaneEncoder: Sendable {
  private let lanes: [[TransformKernel.Column]]
  /// log2 of the domain's size.
  private let log: Int
  private let logCount: Int
  /// The rows of a block: the part's, and what of the lanes is longer.
  private let rowCount: Int
  /// The rows of a lane.
  private let length: Int
  private let kernels: ProverKernels

  init(
    _ lanes: [[TransformKernel.Column]],
    _ log: Int,
    isWhole: Bool,
    _ kernels: ProverKernels
  ) {
    (self.lanes, self.log, self.kernels) = (lanes, log, kernels)
    let length = lanes.first?.reduce(0) { $0 + $1.length } ?? 0
    var logCount = 0
    // Rows behind a part's are folded once: lanes are at most twice as long as a part.
    while !isWhole, logCount < log, 2 << (log - logCount - 1) >= length, length > 1 {
      logCount += 1
    }
    (self.logCount, self.length) = (logCount, length)
    rowCount = max(1 << (log - logCount), logCount == 0 ? 0 : length)
  }

  /// Hands over the blocks of each part, one part after the other; blocks are used again for the next part.
  func forEachPart(_ body: (TransformKernel.Part, [WordBuffer]) -> Void) {
    let transform = kernels.transform
    let groups = stride(from: 0, to: lanes.count, by: transform.width).map {
      Array(lanes[$0..<min($0 + transform.width, lanes.count)])
    }
    let roots = TransformKernel.Roots(log: log)
    let partRoots = logCount == 0 ? roots : TransformKernel.Roots(log: log - logCount)
    var blocks: [WordBuffer] = []
    for index in 0..<1 << logCount {
      let part = TransformKernel.Part(log: log, logCount: logCount, index: index)
      let before = blocks
      blocks = kernels.loop.map(groups.count) { group in
        let block = before.isEmpty ? WordBuffer(unset: transform.width * rowCount) : before[group]
        transform.gather(groups[group], block)
        if logCount > 0 {
          block.clear(length * transform.width..<rowCount * transform.width)
          transform.twist(block, part, roots)
        }
        transform.transform(block, partRoots, logCount > 0 ? part.length : length)
        return block
      }
      body(part, blocks)
    }
  }

  /// A part's rows, for hashing and reading.
  func rows(
    _ part: TransformKernel.Part,
    _ blocks: [WordBuffer],
    _ salts: WordBuffer?
  ) -> BLAKE3Kernel.Rows {
    BLAKE3Kernel.Rows(
      blocks: blocks,
      width: kernels.transform.width,
      columnCount: lanes.count,
      log: log,
      firstRow: part.rows.lowerBound,
      salts: salts
    )
  }
}
