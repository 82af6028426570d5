package import Algebra

/// Keyed BLAKE3 over salted leaves; keys keep leaves and nodes apart.
package enum MerkleHash {
  /// The number of bytes of a digest and of a salt.
  package static let byteCount = 32
  package static let leafKey = BLAKE3.words(
    BLAKE3.deriveKey(context: "proof-system v1 commitment leaf", material: [])
  )
  package static let nodeKey = BLAKE3.words(
    BLAKE3.deriveKey(context: "proof-system v1 commitment node", material: [])
  )

  /// The hash of a position's bytes: its salt, if it has one, and the values of all lanes there.
  package static func leaf(_ bytes: ArraySlice<UInt8>) -> BLAKE3.Words {
    BLAKE3.hash(key: leafKey, bytes)
  }

  /// The hash of two nodes.
  static func node(_ left: BLAKE3.Words, _ right: BLAKE3.Words) -> BLAKE3.Words {
    BLAKE3.hash(key: nodeKey, left, right)
  }
}

/// Which digests open a set of positions: they follow from the positions alone.
package enum MultiOpening {
  /// A node, by its level (0 is the leaves) and its place there.
  package struct Place: Hashable, Sendable {
    package let level: Int
    package let index: Int
  }

  /// The digests that are sent, level by level from the leaves up, in ascending order: siblings of
  /// known or computed nodes that are not computed themselves.
  ///
  /// - Precondition: the positions ascend, without repetition, below 2^depth.
  package static func places(_ positions: [Int], depth: Int) -> [Place] {
    var places: [Place] = []
    var known = positions
    for level in 0..<depth {
      var parents: [Int] = []
      var index = 0
      while index < known.count {
        let node = known[index]
        let hasSibling = node & 1 == 0 && index + 1 < known.count && known[index + 1] == node + 1
        if !hasSibling { places.append(Place(level: level, index: node ^ 1)) }
        parents.append(node >> 1)
        index += hasSibling ? 2 : 1
      }
      known = parents
    }
    return places
  }

  /// The root that leaves and digests give, or `nil` when their numbers do not fit.
  package static func root(
    _ positions: [Int],
    leaves: [BLAKE3.Words],
    digests: [BLAKE3.Words],
    depth: Int
  ) -> BLAKE3.Words? {
    guard positions.count == leaves.count, !positions.isEmpty else { return nil }
    var known = Array(zip(positions, leaves))
    var sent = digests.makeIterator()
    for _ in 0..<depth {
      var parents: [(Int, BLAKE3.Words)] = []
      var index = 0
      while index < known.count {
        let (node, digest) = known[index]
        if node & 1 == 0, index + 1 < known.count, known[index + 1].0 == node + 1 {
          parents.append((node >> 1, MerkleHash.node(digest, known[index + 1].1)))
          index += 2
          continue
        }
        guard let sibling = sent.next() else { return nil }
        parents.append(
          (
            node >> 1,
            node & 1 == 0
              ? MerkleHash.node(digest, sibling) : MerkleHash.node(sibling, digest)
          )
        )
        index += 1
      }
      known = parents
    }
    guard sent.next() == nil, known.count == 1, known[0].0 == 0 else { return nil }
    return known[0].1
  }
}
