internal import Algebra
internal import Kernels
internal import Merkle
internal import ProofSystem
internal import Provenance

/// The rows of NODE for the subtrees of a segment: every inner node with its children.
struct TreeWitness {
  /// The input columns of NODE: source, start, both sizes, both digests.
  let columns: [WordBuffer]
  /// The digest of each part.
  let digests: [Poseidon2Digest]

  /// The nodes over leaves in the order of the segment.
  ///
  /// - Precondition: the parts hold as many leaves as there are digests.
  /// - Complexity: O(leaves).
  init(
    _ parts: [(source: Int, node: Subtree)],
    leaves: [Poseidon2Digest],
    into room: [WordBuffer]? = nil
  ) {
    let rowCount = leaves.count - parts.count
    columns = room ?? WordBuffer.unset(TreeTables.nodeInputCount, each: rowCount)
    let hashing = NodeHashing<Poseidon2TreeHasher>(.best)
    var digests: [Poseidon2Digest] = []
    var (offset, row) = (0, 0)
    for part in parts {
      let count = Int(part.node.count)
      var level = Array(leaves[offset..<offset + count])
      // The leaves below each node of the level; only the last can have fewer than the others.
      var sizes = [Int](repeating: 1, count: count)
      while level.count > 1 {
        let pairs = level.count / 2
        var next = hashing.nodes(Array(level.prefix(2 * pairs)))
        var nextSizes: [Int] = []
        var start = offset
        for pair in 0..<pairs {
          let (left, right) = (level[2 * pair], level[2 * pair + 1])
          let (leftSize, rightSize) = (sizes[2 * pair], sizes[2 * pair + 1])
          let values = [part.source, start, leftSize, rightSize]
          for (column, value) in values.enumerated() {
            columns[column][row] = UInt32(truncatingIfNeeded: value)
          }
          for index in 0..<8 {
            columns[4 + index][row] = left.words[index]
            columns[12 + index][row] = right.words[index]
          }
          nextSizes.append(leftSize + rightSize)
          start += leftSize + rightSize
          row += 1
        }
        // RFC 9162 splits at the largest power of two: a last node without sibling goes up as it is.
        if level.count % 2 == 1, let last = level.last, let size = sizes.last {
          next.append(last)
          nextSizes.append(size)
        }
        (level, sizes) = (next, nextSizes)
      }
      digests.append(level[0])
      offset += count
    }
    self.digests = digests
  }

  /// The table's witness with the permutation of every row.
  func table(into room: [WordBuffer]? = nil, _ kernels: ProverKernels) -> TableWitness {
    let given = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($0, $1) })
    let cells = DerivedColumns.cells(
      of: TreeTables.nodeGadget,
      given: given,
      rowCount: columns[0].count,
      into: room,
      kernels: kernels
    )
    return TableWitness(words: columns + cells)
  }
}

/// How often each pair of bytes is looked up.
struct ByteLookups {
  private let counts: WordBuffer

  /// No lookups, counted in the room for the column if there is some.
  init(in room: WordBuffer? = nil) {
    counts = room ?? WordBuffer(zeros: 1 << 16)
    counts.clear(0..<counts.count)
  }

  /// Counts a pair; values that are no bytes are not counted, and the bus stays open.
  func add(_ low: UInt32, _ high: UInt32) {
    guard low < 256, high < 256 else { return }
    counts[Int(low | high << 8)] += 1
  }

  /// Counts the pairs of two columns.
  func add(_ low: WordBuffer, _ high: WordBuffer, times factor: UInt32 = 1) {
    for row in 0..<low.count { add(low[row] &* factor, high[row] &* factor) }
  }

  /// The witness of BYTE.
  var table: TableWitness { TableWitness(words: [counts]) }
}
