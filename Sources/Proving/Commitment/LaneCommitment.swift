internal import Algebra
internal import ProofSystem

/// Words that are committed: the codewords of all lanes, salts if it has them, and the tree.
struct LaneCommitment: Sendable {
  private let rows: BLAKE3Kernel.Rows
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
    let (transform, roots) = (kernels.transform, TransformKernel.Roots(log: log))
    let groups = stride(from: 0, to: lanes.count, by: transform.width).map {
      Array(lanes[$0..<min($0 + transform.width, lanes.count)])
    }
    let blocks = kernels.loop.map(groups.count) { index in
      let block = WordBuffer(zeros: transform.width << log)
      transform.gather(groups[index], block)
      transform.transform(block, roots)
      return block
    }
    let rows = BLAKE3Kernel.Rows(
      blocks: blocks,
      width: transform.width,
      columnCount: lanes.count,
      log: log,
      salts: salts
    )
    let leaves = WordBuffer(zeros: 8 << log)
    kernels.loop.forRanges(0..<1 << log) { range in
      kernels.hash.keyedRows(MerkleHash.leafKey, rows, range, leaves)
    }
    self.rows = rows
    tree = MerkleTree(leaves: leaves, kernels)
  }

  var root: [UInt8] { tree.root }

  /// The opening of ascending positions: salts and values, then digests.
  func opening(of positions: [Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    for position in positions {
      if let salts = rows.salts {
        for index in 0..<8 { bytes += ProofCoding.bytes(salts[8 * position + index]) }
      }
      for word in rows.words(TransformKernel.row(of: position, log: rows.log)) {
        bytes += ProofCoding.bytes(word)
      }
    }
    for place in MultiOpening.places(positions, depth: rows.log) { bytes += tree.digest(place) }
    return bytes
  }
}
