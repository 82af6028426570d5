public import CanonicalCoding
public import Merkle

/// The proof that a content digest is not among the live records of an epoch, as a file of its own.
///
/// It speaks of exactly equal normal forms alone: a copy that differs in one letter has another digest. That the tree is sorted and
/// whole is the registry's word, which whoever has the store recomputes (`ingest fsck`).
public struct AbsenceProofFile: Sendable {
  /// What is shown about one source.
  public struct Source: Sendable {
    /// The identifier.
    public let id: String
    /// What stands for the content digest in the tree; another one for a confidential source.
    public let digest: SHA256Hash
    /// The neighbors.
    public let proof: AbsenceProof

    /// A source's part, as it was received.
    public init(id: String, digest: SHA256Hash, proof: AbsenceProof) {
      (self.id, self.digest, self.proof) = (id, digest, proof)
    }
  }

  /// What a checked proof says.
  public struct Verified: Sendable {
    /// The epoch.
    public let manifest: VerifiedManifest
    /// The content digest that is absent.
    public let contentDigest: SHA256Hash
    /// Sources of which everybody can check it.
    public let absent: [String]
    /// Confidential sources: what stands for the digest there is the registry's word.
    public let stated: [String]
    /// Sources that the proof says nothing about.
    public let uncovered: [String]
  }

  /// The signed commit file.
  public let signed: SignedCommit
  /// The content digest that is asked for.
  public let contentDigest: SHA256Hash
  /// The sources.
  public let sources: [Source]

  /// A proof from its parts; nothing is checked here.
  public init(signed: SignedCommit, contentDigest: SHA256Hash, sources: [Source]) {
    (self.signed, self.contentDigest, self.sources) = (signed, contentDigest, sources)
  }

  /// The file as JSON.
  public var json: JSONValue {
    [
      "apiVersion": "ingest/v1", "kind": "AbsenceProof", "signed": signed.json,
      "contentSha256": .string(contentDigest.hex),
      "sources": .array(
        sources.map { source in
          var object: JSONObject = [
            "id": .string(source.id), "digest": .string(source.digest.hex),
          ]
          object["below"] = source.proof.below?.json
          object["above"] = source.proof.above?.json
          return .object(object)
        }
      ),
    ]
  }

  /// Reads a file.
  ///
  /// - Throws: `ProofFileError.form`.
  public init(_ json: JSONValue) throws(ProofFileError) {
    guard let object = json.object,
      object.hasExactly(["apiVersion", "kind", "signed", "contentSha256", "sources"]),
      object["kind"]?.text == "AbsenceProof",
      let digest = object["contentSha256"]?.text.flatMap(SHA256Hash.init(hex:)),
      let list = object["sources"]?.elements
    else { throw .form("its members are not those of an absence proof") }
    signed = try SignedCommit(object["signed"])
    contentDigest = digest
    var sources: [Source] = []
    var seen: Set<String> = []
    for entry in list {
      guard let source = entry.object, let id = source["id"]?.text, seen.insert(id).inserted,
        Set(source.members.keys).isSubset(of: ["id", "digest", "below", "above"]),
        let digest = source["digest"]?.text.flatMap(SHA256Hash.init(hex:))
      else { throw .form("a source's entry") }
      let proof = AbsenceProof(
        below: try Self.neighbor(source["below"]),
        above: try Self.neighbor(source["above"])
      )
      sources.append(Source(id: id, digest: digest, proof: proof))
    }
    self.sources = sources
  }

  private static func neighbor(
    _ json: JSONValue?
  ) throws(ProofFileError) -> AbsenceProof.Neighbor? {
    guard let json else { return nil }
    guard let object = json.object, object.hasExactly(["index", "digest", "path"]),
      let index = object.decimal("index"),
      let digest = object["digest"]?.text.flatMap(SHA256Hash.init(hex:)),
      let list = object["path"]?.elements, list.count <= 64
    else { throw .form("a neighbor") }
    let path = list.compactMap { $0.text.flatMap(SHA256Hash.init(hex:)) }
    guard path.count == list.count else { throw .form("a path holds something that is no digest") }
    return AbsenceProof.Neighbor(index: index, digest: digest, path: path)
  }

  /// Checks signatures, commit file, and the neighbors in every source that is listed.
  ///
  /// - Throws: `ProofFileError` naming the first rule that is broken.
  public func verify(by trust: SignerTrust) throws(ProofFileError) -> Verified {
    let manifest = try signed.verify(by: trust)
    var (absent, stated): ([String], [String]) = ([], [])
    for source in sources {
      guard let commitment = manifest.manifest.sources.first(where: { $0.id == source.id }),
        let root = commitment.absenceRoot
      else { throw .unknownSource(source.id) }
      if commitment.confidential {
        stated.append(source.id)
      } else {
        guard source.digest == contentDigest else {
          throw .leaf("source '\(source.id)' is asked for another digest")
        }
        absent.append(source.id)
      }
      do {
        try source.proof.verify(
          digest: source.digest,
          head: TreeHead(size: commitment.counts.records, root: root)
        )
      } catch {
        throw .proof(error, tree: "absence")
      }
    }
    let covered = Set(absent + stated)
    return Verified(
      manifest: manifest,
      contentDigest: contentDigest,
      absent: absent,
      stated: stated,
      uncovered: manifest.manifest.sources.map(\.id).filter { !covered.contains($0) }
    )
  }
}

extension AbsenceProof.Neighbor {
  var json: JSONValue {
    [
      "index": .count(index), "digest": .string(digest.hex),
      "path": .array(path.map { .string($0.hex) }),
    ]
  }
}
