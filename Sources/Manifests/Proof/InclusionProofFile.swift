public import CanonicalCoding
internal import Merkle

/// The proof that one record stands in a signed epoch, as a file of its own.
///
/// It reveals the record's leaf: digests, license entry, flags, counts, and this record's salt alone.
public struct InclusionProofFile: Sendable {
  /// What a checked proof says.
  public struct Verified: Sendable {
    /// The manifest.
    public let manifest: VerifiedManifest
    /// The source.
    public let source: SourceCommitment
    /// The position in the tree, from 0.
    public let index: UInt64
    /// The leaf of the record.
    public let leaf: RecordLeaf
  }

  /// The signed commit file.
  public let signed: SignedCommit
  /// The source.
  public let source: String
  /// The position in the tree, from 0.
  public let index: UInt64
  /// The `IRL1` bytes.
  public let leaf: [UInt8]
  /// The paths, in both trees where there are two.
  public let paths: PathPair

  /// A proof from its parts; nothing is checked here.
  public init(signed: SignedCommit, source: String, index: UInt64, leaf: [UInt8], paths: PathPair) {
    (self.signed, self.source, self.index, self.leaf, self.paths) = (
      signed, source, index, leaf, paths
    )
  }

  /// The file as JSON.
  public var json: JSONValue {
    .object(
      JSONObject(
        [
          ("apiVersion", "ingest/v1"), ("kind", "InclusionProof"), ("signed", signed.json),
          ("source", .string(source)), ("index", .count(index)),
          ("leaf", .string(Hex.encode(leaf))),
        ] + paths.members
      )
    )
  }

  /// Reads a file.
  ///
  /// - Throws: `ProofFileError.form`.
  public init(_ json: JSONValue) throws(ProofFileError) {
    let names: Set = [
      "apiVersion", "kind", "signed", "source", "index", "leaf", "sha256Path", "poseidon2Path",
    ]
    guard let object = json.object, object.hasExactly(names),
      object["kind"]?.text == "InclusionProof"
    else {
      throw .form("its members are not those of an inclusion proof")
    }
    guard let source = object["source"]?.text, let index = object.decimal("index"),
      let leaf = object["leaf"]?.text.flatMap(Hex.decode)
    else { throw .form("source, index or leaf") }
    self.init(
      signed: try SignedCommit(object["signed"]),
      source: source,
      index: index,
      leaf: leaf,
      paths: try PathPair(object)
    )
  }

  /// Checks signatures, commit file, leaf and both paths.
  ///
  /// - Throws: `ProofFileError` naming the first rule that is broken.
  public func verify(by trust: SignerTrust) throws(ProofFileError) -> Verified {
    let manifest = try signed.verify(by: trust)
    guard let commitment = manifest.manifest.sources.first(where: { $0.id == source }) else {
      throw .unknownSource(source)
    }
    guard let record = RecordLeaf(leaf) else { throw .leaf("not the 151 bytes of IRL1") }
    guard Int(record.licenseIndex) < commitment.licenses.count else {
      throw .leaf("its license index names no entry of the source")
    }
    do {
      try InclusionProof<SHA256TreeHasher>(path: paths.sha256).verify(
        leaf: record.sha256,
        index: index,
        head: TreeHead(size: commitment.size, root: commitment.sha256Root)
      )
    } catch {
      throw .proof(error, tree: "SHA-256")
    }
    do {
      try InclusionProof<Poseidon2TreeHasher>(path: paths.poseidon2).verify(
        leaf: record.poseidon2,
        index: index,
        head: TreeHead(size: commitment.size, root: commitment.poseidon2Root)
      )
    } catch {
      throw .proof(error, tree: "Poseidon2")
    }
    return Verified(manifest: manifest, source: commitment, index: index, leaf: record)
  }
}
