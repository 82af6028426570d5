internal import Algebra

/// A group that is committed: its lane messages, their codewords, salts and tree.
struct LaneCommitment: Sendable {
  /// The messages of all lanes: data, then tail.
  let lanes: [[BaseField]]
  private let codewords: [[BaseField]]
  private let salts: [[UInt8]]
  private let tree: MerkleTree

  /// Encodes and commits.
  ///
  /// - Precondition: every lane has the code's message length.
  /// - Complexity: O(lanes · n log n).
  init(lanes: [[BaseField]], code: CodeParameters, salts stream: inout ProverRandomness.Stream) {
    self.lanes = lanes
    let transform = NumberTheoreticTransform(log: code.logDomainSize)
    let codewords = lanes.map { transform.values(of: $0) }
    var salts: [[UInt8]] = []
    var leaves: [[UInt8]] = []
    for position in 0..<code.domainSize {
      let salt = stream.bytes(MerkleHash.byteCount)
      leaves.append(MerkleHash.leaf(salt: salt, values: codewords.map { $0[position] }))
      salts.append(salt)
    }
    (self.codewords, self.salts, tree) = (codewords, salts, MerkleTree(leaves: leaves))
  }

  var root: [UInt8] { tree.root }

  /// The opening of ascending positions: salts and values, then digests.
  func opening(of positions: [Int], depth: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for position in positions {
      bytes += salts[position]
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
