internal import Algebra
internal import ProofSystem

/// Words that are committed: the lanes with their codewords, salts if it has them, and the tree.
///
/// Codewords are kept where there is memory for them, and made again part by part when positions are opened
/// where there is not.
struct LaneCommitment: Sendable {
  private enum Codewords {
    case kept(BLAKE3Kernel.Rows)
    case remade(LaneEncoder)
  }

  private let codewords: Codewords
  private let salts: WordBuffer?
  private let tree: MerkleTree
  private let log: Int

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
    var codewords = Codewords.remade(encoder)
    encoder.forEachPart { part, blocks in
      let rows = encoder.rows(part, blocks, salts)
      kernels.loop.forRanges(part.rows) { range in
        kernels.hash.keyedRows(MerkleHash.leafKey, rows, range, leaves)
      }
      if keeps { codewords = .kept(rows) }
    }
    (self.codewords, self.salts, self.log) = (codewords, salts, log)
    tree = MerkleTree(leaves: leaves, kernels)
  }

  var root: [UInt8] { tree.root }

  /// The opening of ascending positions: salts and values, then digests.
  func opening(of positions: [Int]) -> [UInt8] {
    let values = values(at: positions)
    var bytes: [UInt8] = []
    for position in positions {
      if let salts {
        for index in 0..<8 { bytes += ProofCoding.bytes(salts[8 * position + index]) }
      }
      for word in values[position] ?? [] { bytes += ProofCoding.bytes(word) }
    }
    for place in MultiOpening.places(positions, depth: log) { bytes += tree.digest(place) }
    return bytes
  }

  /// By position: the values of all lanes.
  private func values(at positions: [Int]) -> [Int: [UInt32]] {
    let rows = positions.map { ($0, TransformKernel.row(of: $0, log: log)) }
    var values: [Int: [UInt32]] = [:]
    switch codewords {
    case .kept(let all):
      for (position, row) in rows { values[position] = all.words(row) }
    case .remade(let encoder):
      encoder.forEachPart { part, blocks in
        let own = encoder.rows(part, blocks, nil)
        for (position, row) in rows where part.rows.contains(row) {
          values[position] = own.words(row)
        }
      }
    }
    return values
  }
}
