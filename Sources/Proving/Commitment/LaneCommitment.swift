internal import Algebra
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
