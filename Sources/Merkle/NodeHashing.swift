public import Algebra

/// How a tree hashes many nodes at once.
///
/// Law: `nodes` of 2k digests is `Hasher.node` of each pair of neighbors.
public struct NodeHashing<Hasher: TreeHasher>: Sendable {
  /// Half as many digests as it gets, an even number.
  package let nodes: @Sendable ([Hasher.Digest]) -> [Hasher.Digest]

  /// Hashing by a function that keeps the law.
  package init(nodes: @escaping @Sendable ([Hasher.Digest]) -> [Hasher.Digest]) {
    self.nodes = nodes
  }

  /// One node after the other.
  public static var reference: NodeHashing {
    NodeHashing(nodes: { digests in
      stride(from: 0, to: digests.count - 1, by: 2).map {
        Hasher.node(digests[$0], digests[$0 + 1])
      }
    })
  }
}

extension NodeHashing where Hasher == Poseidon2TreeHasher {
  /// All nodes by one call of a kernel.
  public init(_ kernel: Poseidon2Kernel) {
    self.init(nodes: { digests in
      kernel.compressPairs(digests.map(\.words)).map(Poseidon2Digest.init(words:))
    })
  }
}
