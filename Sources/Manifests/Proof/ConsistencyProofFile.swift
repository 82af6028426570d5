public import CanonicalCoding
internal import Merkle

/// The proof that a later epoch keeps every leaf of an earlier one, in the same places.
public struct ConsistencyProofFile: Sendable {
  /// The paths of one source that both epochs hold.
  public struct Source: Sendable {
    /// The identifier.
    public let id: String
    /// The paths, in both trees where there are two.
    public let paths: PathPair
    /// A source's paths.
    public init(id: String, paths: PathPair) { (self.id, self.paths) = (id, paths) }
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
      "apiVersion": "ingest/v1", "kind": "ConsistencyProof", "old": old.json, "new": new.json,
      "sources": .array(
        sources.map { .object(JSONObject([("id", .string($0.id))] + $0.paths.members)) }
      ),
    ]
  }

  /// Reads a file.
  ///
  /// - Throws: `ProofFileError.form`.
  public init(_ json: JSONValue) throws(ProofFileError) {
    guard let object = json.object,
      object.hasExactly(["apiVersion", "kind", "old", "new", "sources"]),
      object["kind"]?.text == "ConsistencyProof", let list = object["sources"]?.elements
    else { throw .form("its members are not those of a consistency proof") }
    old = try SignedCommit(object["old"])
    new = try SignedCommit(object["new"])
    var sources: [Source] = []
    for entry in list {
      guard let source = entry.object, source.hasExactly(["id", "sha256Path", "poseidon2Path"]),
        let id = source["id"]?.text, !sources.contains(where: { $0.id == id })
      else { throw .form("a source's entry") }
      sources.append(Source(id: id, paths: try PathPair(source)))
    }
    self.sources = sources
  }

  /// Checks both epochs and every source of the old one.
  ///
  /// - Throws: `ProofFileError` naming the first rule that is broken.
  public func verify(
    by trust: SignerTrust
  ) throws(ProofFileError) -> (old: VerifiedManifest, new: VerifiedManifest) {
    let pair = try EpochPair(old, new, by: trust, mayBeOne: true)
    for (source, later) in pair.sources {
      guard let entry = sources.first(where: { $0.id == source.id }) else {
        throw .unknownSource(source.id)
      }
      do {
        try ConsistencyProof<SHA256TreeHasher>(path: entry.paths.sha256).verify(
          old: TreeHead(size: source.size, root: source.sha256Root),
          new: TreeHead(size: later.size, root: later.sha256Root)
        )
      } catch {
        throw .proof(error, tree: "SHA-256")
      }
      do {
        try ConsistencyProof<Poseidon2TreeHasher>(path: entry.paths.poseidon2).verify(
          old: TreeHead(size: source.size, root: source.poseidon2Root),
          new: TreeHead(size: later.size, root: later.poseidon2Root)
        )
      } catch {
        throw .proof(error, tree: "Poseidon2")
      }
    }
    return (pair.old, pair.new)
  }
}
