internal import Digests
internal import Manifests
package import Merkle

/// The SHA-256 side of many leaves and descriptors, taken side by side.
enum LeafDigests {
  /// H of each of some texts that stand one behind the other in a buffer.
  static func of(_ ranges: [Range<Int>], in bytes: [UInt8]) -> [SHA256Hash] {
    let digests = MessageDigests.of(ranges, in: bytes, by: .sha256)
    return ranges.indices.map { SHA256Hash(digests[32 * $0..<32 * $0 + 32]) ?? .of([]) }
  }

  /// H of each text.
  static func of(_ texts: some Sequence<[UInt8]>) -> [SHA256Hash] {
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    for text in texts {
      let start = bytes.count
      bytes += text
      ranges.append(start..<bytes.count)
    }
    return of(ranges, in: bytes)
  }

  /// H(0x00 | `IRL1`) of each leaf: `RecordLeaf.sha256`.
  static func of(_ leaves: [RecordLeaf]) -> [SHA256Hash] {
    var bytes: [UInt8] = []
    let count = RecordLeaf.byteCount + 1
    bytes.reserveCapacity(leaves.count * count)
    for leaf in leaves {
      bytes.append(0)
      bytes += leaf.bytes
    }
    return of(leaves.indices.map { $0 * count..<($0 + 1) * count }, in: bytes)
  }

  /// H(0x01 | left | right) of each pair of neighbors: `SHA256TreeHasher.node`.
  static func nodes(_ digests: [SHA256Hash]) -> [SHA256Hash] {
    var bytes: [UInt8] = []
    let count = digests.count / 2
    bytes.reserveCapacity(65 * count)
    for pair in 0..<count {
      bytes.append(1)
      digests[2 * pair].append(to: &bytes)
      digests[2 * pair + 1].append(to: &bytes)
    }
    return of((0..<count).map { 65 * $0..<65 * ($0 + 1) }, in: bytes)
  }
}

extension NodeHashing where Hasher == SHA256TreeHasher {
  /// The nodes of a level side by side; the law is tested.
  package static let sideBySide = NodeHashing(nodes: LeafDigests.nodes)
}
