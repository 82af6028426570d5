internal import Algebra
internal import ProofSystem

/// All levels of a tree of 2^depth leaves, for the prover.
struct MerkleTree: Sendable {
  /// Leaves first, the root last; each level's digests one behind the other as words.
  private let levels: [WordBuffer]

  /// A tree of leaves' digests, eight words each.
  init(leaves: WordBuffer, _ kernels: ProverKernels) {
    precondition(
      leaves.count % 8 == 0 && (leaves.count / 8).nonzeroBitCount == 1,
      "the number of leaves is a power of two"
    )
    var levels = [leaves]
    while let level = levels.last, level.count > 8 {
      let next = WordBuffer(unset: level.count / 2)
      kernels.loop.forRanges(0..<next.count / 8) { range in
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 4096) {
          let end = min(start + 4096, range.upperBound)
          let pairs = level.littleEndianBytes(16 * start..<16 * end)
          let nodes = kernels.hash.keyedHashes(MerkleHash.nodeKey, pairs, 2 * MerkleHash.byteCount)
          next.write(littleEndian: nodes, at: 8 * start)
        }
      }
      levels.append(next)
    }
    self.levels = levels
  }

  /// The leaves' digests.
  var leaves: WordBuffer { levels[0] }

  var root: [UInt8] { levels.last?.littleEndianBytes(0..<8) ?? [] }

  func digest(_ place: MultiOpening.Place) -> [UInt8] {
    levels[place.level].littleEndianBytes(8 * place.index..<8 * (place.index + 1))
  }
}
