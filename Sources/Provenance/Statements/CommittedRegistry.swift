internal import CanonicalCoding
public import Manifests
public import Merkle
internal import ProofSystem

/// What statements say of a registry's epoch: each source's object, size and Poseidon2 root, and both roots.
public struct CommittedRegistry: Hashable, Sendable {
  /// One source in the order of the combined tree.
  public struct Source: Hashable, Sendable {
    /// SHA-256 of the JCS bytes of the source object.
    public var objectDigest: SHA256Hash
    /// The head of its Poseidon2 tree.
    public var head: TreeHead<Poseidon2TreeHasher>

    /// A source from its parts.
    public init(objectDigest: SHA256Hash, head: TreeHead<Poseidon2TreeHasher>) {
      (self.objectDigest, self.head) = (objectDigest, head)
    }
  }

  /// SHA-256 of the combined manifest.
  public var combined: SHA256Hash
  /// The epoch.
  public var epoch: UInt64
  /// R, the combined Poseidon2 root.
  public var root: Poseidon2Digest
  /// The sources by index.
  public var sources: [Source]

  /// The registry of a manifest.
  public init(_ verified: VerifiedManifest) {
    combined = verified.digest
    epoch = verified.manifest.epoch
    root = verified.combined.poseidon2
    sources = verified.manifest.sources.map { source in
      Source(
        objectDigest: .of(CanonicalJSON.encode(source.json)),
        head: TreeHead(size: source.size, root: source.poseidon2Root)
      )
    }
  }

  /// A registry from its parts, for tests that forge one.
  package init(combined: SHA256Hash, epoch: UInt64, root: Poseidon2Digest, sources: [Source]) {
    (self.combined, self.epoch, self.root, self.sources) = (combined, epoch, root, sources)
  }

  /// Leaves of all sources.
  public var size: UInt64 { sources.reduce(0) { $0 &+ $1.head.size } }

  /// Public inputs 1 and 2 of S1.
  var publicInputs: [UInt8] {
    var bytes = combined.bytes + root.statementBytes + ProofCoding.bytes(epoch)
    bytes += ProofCoding.bytes(UInt32(truncatingIfNeeded: sources.count))
    for source in sources {
      bytes += source.objectDigest.bytes + ProofCoding.bytes(source.head.size)
      bytes += source.head.root.statementBytes
    }
    return bytes
  }
}

extension Poseidon2Digest {
  /// The eight elements as statements have them: four bytes each, little-endian.
  var statementBytes: [UInt8] { elements.flatMap { ProofCoding.bytes($0) } }
}
