internal import Algebra

/// What a verifier reads of a group: the values of all lanes at the positions, bound to a root.
struct LaneOpening: Sendable {
  /// The shape of a commitment.
  struct Shape {
    let laneCount: Int
    /// log2 of the number of positions.
    let depth: Int
    /// Whether each leaf has a salt.
    let isSalted: Bool
    /// Whether challenges follow, so that the opening is absorbed.
    let isAbsorbed: Bool
  }

  /// By position, then by lane.
  let values: [[BaseField]]

  /// Reads and checks an opening.
  ///
  /// - Throws: `VerificationError.truncated`, `.nonCanonical`, `.merklePath`.
  init(
    _ transcript: inout VerifierTranscript,
    root: [UInt8],
    positions: [Int],
    _ shape: Shape
  ) throws(VerificationError) {
    var values: [[BaseField]] = []
    var leaves: [BLAKE3.Words] = []
    let saltLength = shape.isSalted ? MerkleHash.byteCount : 0
    let places = MultiOpening.places(positions, depth: shape.depth)
    let rowLength = saltLength + 4 * shape.laneCount
    let length = positions.count * rowLength + places.count * MerkleHash.byteCount
    let bytes =
      shape.isAbsorbed
      ? try transcript.read(length, "opening") : try transcript.readOpening(length)
    var rest = bytes[...]
    for _ in positions {
      leaves.append(MerkleHash.leaf(rest.prefix(rowLength)))
      values.append(try ProofCoding.baseElements(rest.prefix(rowLength).dropFirst(saltLength)))
      rest = rest.dropFirst(rowLength)
    }
    var digests: [BLAKE3.Words] = []
    for _ in places {
      digests.append(BLAKE3.words(rest.prefix(MerkleHash.byteCount)))
      rest = rest.dropFirst(MerkleHash.byteCount)
    }
    guard
      MultiOpening.root(positions, leaves: leaves, digests: digests, depth: shape.depth)
        == BLAKE3.words(root)
    else { throw .merklePath }
    self.values = values
  }
}
