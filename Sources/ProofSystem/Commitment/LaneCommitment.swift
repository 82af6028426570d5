internal import Algebra

/// A group that is committed: its lane messages, their codewords, salts and tree.
struct LaneCommitment: Sendable {
  /// The messages of all lanes: data, then tail.
  let lanes: [[BaseField]]
  private let codewords: [[BaseField]]
  /// The salts of all positions, one behind the other.
  private let salts: [UInt8]
  private let tree: MerkleTree

  /// Encodes and commits.
  ///
  /// - Precondition: no lane is longer than the domain.
  /// - Complexity: O(lanes · n log n).
  init(
    lanes: [[BaseField]],
    code: CodeParameters,
    salts stream: inout ProverRandomness.Stream,
    kernels: ProverKernels
  ) {
    self.lanes = lanes
    codewords = kernels.transform.values(lanes, code.logDomainSize)
    salts = stream.bytes(MerkleHash.byteCount * code.domainSize)
    var leaves: [UInt8] = []
    leaves.reserveCapacity(MerkleHash.byteCount * code.domainSize)
    let length = MerkleHash.byteCount + 4 * lanes.count
    // So many leaves at once that their messages stay in the cache.
    let step = max(16, (1 << 18) / length)
    for first in stride(from: 0, to: code.domainSize, by: step) {
      let positions = first..<min(first + step, code.domainSize)
      var messages = [UInt8](repeating: 0, count: length * positions.count)
      for position in positions {
        let start = length * (position - first)
        let salt = MerkleHash.byteCount * position
        for index in 0..<MerkleHash.byteCount { messages[start + index] = salts[salt + index] }
      }
      for (lane, codeword) in codewords.enumerated() {
        for position in positions {
          let start = length * (position - first) + MerkleHash.byteCount + 4 * lane
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
  func opening(of positions: [Int], depth: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for position in positions {
      bytes += salts[MerkleHash.byteCount * position..<MerkleHash.byteCount * (position + 1)]
      for codeword in codewords { bytes += ProofCoding.bytes(codeword[position]) }
    }
    for place in MultiOpening.places(positions, depth: depth) { bytes += tree.digest(place) }
    return bytes
  }
}

/// What a verifier reads of a group: the values of all lanes at the positions, bound to a root.
struct LaneOpening: Sendable {
  /// By position, then by lane.
  let values: [[BaseField]]

  /// Reads and checks an opening.
  ///
  /// - Throws: `VerificationError.truncated`, `.nonCanonical`, `.merklePath`.
  init(
    _ transcript: inout VerifierTranscript,
    root: [UInt8],
    positions: [Int],
    laneCount: Int,
    depth: Int
  ) throws(VerificationError) {
    var values: [[BaseField]] = []
    var leaves: [[UInt8]] = []
    for _ in positions {
      let salt = try transcript.readOpening(MerkleHash.byteCount)
      let row = try ProofCoding.baseElements(try transcript.readOpening(4 * laneCount))
      leaves.append(MerkleHash.leaf(salt: salt, values: row))
      values.append(row)
    }
    var digests: [[UInt8]] = []
    for _ in MultiOpening.places(positions, depth: depth) {
      digests.append(try transcript.readOpening(MerkleHash.byteCount))
    }
    guard
      MultiOpening.root(positions, leaves: leaves, digests: digests, depth: depth) == root
    else { throw .merklePath }
    self.values = values
  }
}
