public import CanonicalCoding
public import Merkle

/// The proof that a later epoch keeps every leaf of an earlier one in its place but those that became tombstones, each of
/// which names the leaf that stood there.
public struct DifferenceProofFile: Sendable {
  /// A leaf that became a tombstone.
  public struct Removed: Hashable, Sendable {
    /// The position in the tree of its source.
    public let leaf: UInt64
    /// What stands there now; it names the former leaf's SHA-256 side.
    public let tombstone: Tombstone
    /// The former leaf's Poseidon2 side.
    public let formerPoseidon2: Poseidon2Digest

    /// A removed leaf.
    public init(leaf: UInt64, tombstone: Tombstone, formerPoseidon2: Poseidon2Digest) {
      (self.leaf, self.tombstone) = (leaf, tombstone)
      self.formerPoseidon2 = formerPoseidon2
    }

    var json: JSONValue {
      [
        "leaf": .count(leaf), "reason": .string(tombstone.reason.rawValue),
        "day": .string(tombstone.day.description), "sha256Leaf": .string(tombstone.formerLeaf.hex),
        "poseidon2Leaf": .string(formerPoseidon2.hex),
      ]
    }

    init?(_ json: JSONValue) {
      guard let object = json.object,
        object.hasExactly(["leaf", "reason", "day", "sha256Leaf", "poseidon2Leaf"]),
        let leaf = object.decimal("leaf"),
        let reason = object["reason"]?.text.flatMap(ExclusionReason.init(rawValue:)),
        let day = object["day"]?.text.flatMap({ CivilDate($0) }), day.dayNumber >= 0,
        let sha256 = object["sha256Leaf"]?.text.flatMap(SHA256Hash.init(hex:)),
        let poseidon2 = object["poseidon2Leaf"]?.text.flatMap(Poseidon2Digest.init(hex:))
      else { return nil }
      self.init(
        leaf: leaf,
        tombstone: Tombstone(reason: reason, day: day, formerLeaf: sha256),
        formerPoseidon2: poseidon2
      )
    }
  }

  /// The difference of one source that both epochs hold.
  public struct Source: Sendable {
    /// The identifier.
    public let id: String
    /// What was removed, ascending.
    public let removed: [Removed]
    /// The nodes, in both trees.
    public let nodes: PathPair

    /// A source's difference.
    public init(id: String, removed: [Removed], nodes: PathPair) {
      (self.id, self.removed, self.nodes) = (id, removed, nodes)
    }
  }

  /// The earlier epoch.
  public let old: SignedCommit
  /// The later epoch.
  public let new: SignedCommit
  /// The sources.
  public let sources: [Source]

  /// A proof from its parts; nothing is checked here.
  public init(old: SignedCommit, new: SignedCommit, sources: [Source]) {
    (self.old, self.new, self.sources) = (old, new, sources)
  }

  /// The file as JSON.
  public var json: JSONValue {
    [
      "apiVersion": "ingest/v1", "kind": "DifferenceProof", "old": old.json, "new": new.json,
      "sources": .array(
        sources.map { source in
          .object([
            "id": .string(source.id), "removed": .array(source.removed.map(\.json)),
            "sha256Nodes": .array(source.nodes.sha256.map { .string($0.hex) }),
            "poseidon2Nodes": .array(source.nodes.poseidon2.map { .string($0.hex) }),
          ])
        }
      ),
    ]
  }

  /// Reads a file.
  ///
  /// - Throws: `ProofFileError.form`.
  public init(_ json: JSONValue) throws(ProofFileError) {
    guard let object = json.object,
      object.hasExactly(["apiVersion", "kind", "old", "new", "sources"]),
      object["kind"]?.text == "DifferenceProof", let list = object["sources"]?.elements
    else { throw .form("its members are not those of a difference proof") }
    old = try SignedCommit(object["old"])
    new = try SignedCommit(object["new"])
    var sources: [Source] = []
    for entry in list {
      guard let source = entry.object,
        source.hasExactly(["id", "removed", "sha256Nodes", "poseidon2Nodes"]),
        let id = source["id"]?.text, !sources.contains(where: { $0.id == id }),
        let removed = source["removed"]?.elements, let first = source["sha256Nodes"]?.elements,
        let second = source["poseidon2Nodes"]?.elements
      else { throw .form("a source's entry") }
      let leaves = removed.compactMap { Removed($0) }
      let sha256 = first.compactMap { $0.text.flatMap(SHA256Hash.init(hex:)) }
      let poseidon2 = second.compactMap { $0.text.flatMap(Poseidon2Digest.init(hex:)) }
      guard leaves.count == removed.count, sha256.count == first.count,
        poseidon2.count == second.count
      else { throw .form("something that is no removed leaf or no digest") }
      sources.append(
        Source(id: id, removed: leaves, nodes: PathPair(sha256: sha256, poseidon2: poseidon2))
      )
    }
    self.sources = sources
  }

  /// Checks both epochs and every source of the old one.
  ///
  /// - Throws: `ProofFileError` naming the first rule that is broken.
  public func verify(
    by trust: SignerTrust
  ) throws(ProofFileError) -> (old: VerifiedManifest, new: VerifiedManifest) {
    let pair = try EpochPair(old, new, by: trust, mayBeOne: false)
    for (source, later) in pair.sources {
      guard let entry = sources.first(where: { $0.id == source.id }) else {
        throw .unknownSource(source.id)
      }
      let (count, isBeyond) = source.tombstones.addingReportingOverflow(UInt64(entry.removed.count))
      // What came after the old epoch may have been removed too.
      guard !isBeyond, count <= later.tombstones else {
        throw .form("source '\(source.id)': the later epoch has fewer tombstones than it lists")
      }
      do {
        try DifferenceProof<SHA256TreeHasher>(nodes: entry.nodes.sha256).verify(
          old: TreeHead(size: source.size, root: source.sha256Root),
          new: TreeHead(size: later.size, root: later.sha256Root),
          changes: entry.removed.map {
            .init(leaf: $0.leaf, former: $0.tombstone.formerLeaf, present: $0.tombstone.sha256)
          }
        )
      } catch {
        throw .proof(error, tree: "SHA-256")
      }
      do {
        try DifferenceProof<Poseidon2TreeHasher>(nodes: entry.nodes.poseidon2).verify(
          old: TreeHead(size: source.size, root: source.poseidon2Root),
          new: TreeHead(size: later.size, root: later.poseidon2Root),
          changes: entry.removed.map {
            .init(leaf: $0.leaf, former: $0.formerPoseidon2, present: $0.tombstone.poseidon2)
          }
        )
      } catch {
        throw .proof(error, tree: "Poseidon2")
      }
    }
    return (pair.old, pair.new)
  }
}
