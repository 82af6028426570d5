internal import Algebra
internal import ProofSystem

/// Words that are committed: the codewords of all lanes, salts if it has them, and the tree.
struct LaneCommitment: Sendable {
  private let codewords: [[BaseField]]
  /// The salts of all positions, one behind the other; none for a commitment without.
  private let salts: [UInt8]
  private let tree: MerkleTree
  private let logDomainSize: Int
  private var saltLength: Int { salts.isEmpty ? 0 : MerkleHash.byteCount }

  /// Encodes and commits.
  ///
  /// - Precondition: no lane is longer than the domain, and there are no salts or one a position.
  /// - Complexity: O(lanes · n log n).
  init(lanes: [[BaseField]], logDomainSize log: Int, salts: [UInt8], kernels: ProverKernels) {
    logDomainSize = log
    self.salts = salts
    codewords = kernels.transform.values(lanes, log)
    let (size, saltLength) = (1 << log, salts.isEmpty ? 0 : MerkleHash.byteCount)
    var leaves: [UInt8] = []
    leaves.reserveCapacity(MerkleHash.byteCount * size)
    let length = saltLength + 4 * lanes.count
    // So many leaves at once that their messages stay in the cache.
    let step = max(16, (1 << 18) / length)
    for first in stride(from: 0, to: size, by: step) {
      let positions = first..<min(first + step, size)
      var messages = [UInt8](repeating: 0, count: length * positions.count)
      for position in positions {
        let (start, salt) = (length * (position - first), saltLength * position)
        for index in 0..<saltLength { messages[start + index] = salts[salt + index] }
      }
      for (lane, codeword) in codewords.enumerated() {
        for position in positions {
          let start = length * (position - first) + saltLength + 4 * lane
          let value = codeword[position].value
          for byte in 0..<4 {
            messages[start + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))
          }
        }
      }
      leaves += kernels.hash.keyedHashes(MerkleHash.leafKey, messages, length)
    }
    tree = MerkleTree(leaves: leaves, kernel: kernels.hash)
  }

  var root: [UInt8] { tree.root }

  /// The opening of ascending positions: salts and values, then digests.
  func opening(of positions: [Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    for position in positions {
      bytes += salts[saltLength * position..<saltLength * (position + 1)]
      for codeword in codewords { bytes += ProofCoding.bytes(codeword[position]) }
    }
    for place in MultiOpening.places(positions, depth: logDomainSize) {
      bytes += tree.digest(place)
    }
    return bytes
  }
}
