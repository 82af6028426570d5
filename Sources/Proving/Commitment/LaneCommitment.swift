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

  private enum Salts {
    case none
    case kept(WordBuffer)
    case remade(SaltSource, ProverKernels)
  }

  private let codewords: Codewords
  private let salts: Salts
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
    let leaves = WordBuffer(unset: 8 << log)
    var codewords = Codewords.remade(encoder)
    encoder.forEachPart { part, blocks in
      let rows = encoder.rows(part, blocks, salts)
      kernels.loop.forRanges(part.rows) { range in
        kernels.hash.keyedRows(MerkleHash.leafKey, rows, range, leaves)
      }
      if keeps { codewords = .kept(rows) }
    }
    (self.codewords, self.log) = (codewords, log)
    self.salts = salts.map { .kept($0) } ?? .none
    tree = MerkleTree(leaves: leaves, kernels)
  }

  /// A commitment that was made before, from its leaves' digests: codewords and salts are made where they are opened.
  ///
  /// - Precondition: there are eight words a position.
  init(
    lanes: [[TransformKernel.Column]],
    logDomainSize log: Int,
    salts: SaltSource,
    leaves: WordBuffer,
    kernels: ProverKernels
  ) {
    precondition(leaves.count == 8 << log, "eight words a position")
    codewords = .remade(LaneEncoder(lanes, log, isWhole: false, kernels))
    (self.salts, self.log) = (.remade(salts, kernels), log)
    tree = MerkleTree(leaves: leaves, kernels)
  }

  /// The digests of the leaves, eight words each.
  var leaves: WordBuffer { tree.leaves }

  var root: [UInt8] { tree.root }

  /// The opening of ascending positions: salts and values, then digests.
  func opening(of positions: [Int]) -> [UInt8] {
    let values = values(at: positions)
    var bytes: [UInt8] = []
    for position in positions {
      switch salts {
      case .none: break
      case .kept(let words): bytes += words.littleEndianBytes(8 * position..<8 * position + 8)
      case .remade(let source, let kernels): bytes += source.salt(position, kernels)
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
