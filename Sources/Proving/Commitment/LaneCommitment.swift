internal import Algebra
internal import Files
internal import ProofSystem

/// Words that are committed: the lanes with their codewords, salts if it has them, and the tree.
///
/// Codewords are kept where there is memory for them, and made again part by part when positions are opened
/// where there is not.
struct LaneCommitment: Sendable {
  private let encoder: LaneEncoder
  /// All codewords, or `nil` where they are made again.
  private let blocks: [WordBuffer]?
  private let salts: WordBuffer?
  private let tree: MerkleTree

  /// Encodes and commits.
  ///
  /// - Precondition: no lane is longer than the domain, and there are no salts or eight words a position.
  /// - Complexity: O(lanes · n log n).
  init(
    lanes: [[TransformKernel.Column]],
    logDomainSize log: Int,
    salts: WordBuffer?,
    kernels: ProverKernels
  ) {
    let keeps = kernels.keepsCodewords(byteCount: lanes.count << (log + 2))
    let encoder = LaneEncoder(lanes, log, isWhole: keeps, kernels)
    let leaves = WordBuffer(zeros: 8 << log)
    var kept: [WordBuffer]?
    encoder.forEachPart { part, blocks in
      let rows = encoder.rows(part, blocks, salts)
      kernels.loop.forRanges(part.rows) { range in
        kernels.hash.keyedRows(MerkleHash.leafKey, rows, range, leaves)
      }
      if keeps { kept = blocks }
    }
    (self.encoder, self.salts, blocks) = (encoder, salts, kept)
    tree = MerkleTree(leaves: leaves, kernels)
  }

  var root: [UInt8] { tree.root }

  /// The opening of ascending positions: salts and values, then digests.
  func opening(of positions: [Int]) -> [UInt8] {
    var found: [Int: [UInt32]] = [:]
    func read(_ part: TransformKernel.Part, _ blocks: [WordBuffer]) {
      let rows = encoder.rows(part, blocks, nil)
      for position in positions {
        let row = TransformKernel.row(of: position, log: part.log)
        if part.rows.contains(row) { found[position] = rows.words(row) }
      }
    }
    if let blocks {
      read(encoder.whole, blocks)
    } else {
      encoder.forEachPart(read)
    }
    var bytes: [UInt8] = []
    for position in positions {
      if let salts {
        for index in 0..<8 { bytes += ProofCoding.bytes(salts[8 * position + index]) }
      }
      for word in found[position] ?? [] { bytes += ProofCoding.bytes(word) }
    }
    let places = MultiOpening.places(positions, depth: encoder.whole.log)
    for place in places { bytes += tree.digest(place) }
    return bytes
  }
}

/// Makes the codewords of lanes, whole or in parts of the domain that are as long as the lanes.
struct LaneEncoder: Sendable {
  private let lanes: [[TransformKernel.Column]]
  /// The only part of the whole domain.
  let whole: TransformKernel.Part
  private let logCount: Int
  /// The rows of a block: the part's, and what of the lanes is longer.
  private let rowCount: Int
  private let kernels: ProverKernels

  init(
    _ lanes: [[TransformKernel.Column]],
    _ log: Int,
    isWhole: Bool,
    _ kernels: ProverKernels
  ) {
    (self.lanes, self.kernels) = (lanes, kernels)
    whole = TransformKernel.Part(log: log, logCount: 0, index: 0)
    let length = lanes.first?.reduce(0) { $0 + $1.length } ?? 0
    var logCount = 0
    // Rows behind a part's are folded once: lanes are at most twice as long as a part.
    while !isWhole, logCount < log, 2 << (log - logCount - 1) >= length, length > 1 {
      logCount += 1
    }
    self.logCount = logCount
    rowCount = max(1 << (log - logCount), logCount == 0 ? 0 : length)
  }

  /// Hands over the blocks of each part, one part after the other; blocks are used again for the next part.
  func forEachPart(_ body: (TransformKernel.Part, [WordBuffer]) -> Void) {
    let (transform, log) = (kernels.transform, whole.log)
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
        let block = before.isEmpty ? WordBuffer(zeros: transform.width * rowCount) : before[group]
        transform.gather(groups[group], block)
        if logCount > 0 { transform.twist(block, part, roots) }
        transform.transform(block, partRoots)
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
      log: whole.log,
      firstRow: part.rows.lowerBound,
      salts: salts
    )
  }
}
