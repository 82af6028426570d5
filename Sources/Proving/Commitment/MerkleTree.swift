internal import Algebra
internal import ProofSystem

/// All levels of a tree of 2^depth leaves, for the prover.
struct MerkleTree: Sendable {
  /// Leaves first, the root last; each level's digests one behind the other.
  private let levels: [[UInt8]]

  /// - Parameters:
  ///   - leaves: the leaves' digests one behind the other, as little-endian words.
  ///   - kernel: hashes the nodes of a level.
  init(leaves: WordBuffer, kernel: BLAKE3Kernel) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * leaves.count)
    for index in 0..<leaves.count {
      let word = leaves[index]
      for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * shift))) }
    }
    self.init(leaves: bytes, kernel: kernel)
  }

  /// A tree of leaves' digests one behind the other.
  init(leaves: [UInt8], kernel: BLAKE3Kernel) {
    precondition(
      leaves.count % MerkleHash.byteCount == 0
        && (leaves.count / MerkleHash.byteCount).nonzeroBitCount == 1,
      "the number of leaves is a power of two"
    )
    var levels = [leaves]
    while let level = levels.last, level.count > MerkleHash.byteCount {
      levels.append(kernel.keyedHashes(MerkleHash.nodeKey, level, 2 * MerkleHash.byteCount))
    }
    self.levels = levels
  }

  var root: [UInt8] { levels.last ?? [] }

  func digest(_ place: MultiOpening.Place) -> ArraySlice<UInt8> {
    let start = MerkleHash.byteCount * place.index
    return levels[place.level][start..<start + MerkleHash.byteCount]
  }
}
