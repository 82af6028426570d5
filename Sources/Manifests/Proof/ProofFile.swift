public import CanonicalCoding
public import Merkle

/// Why a proof file is not accepted.
public enum ProofFileError: Error, Equatable, Sendable, CustomStringConvertible {
  case form(String)
  case signature(SignatureError)
  case commitment(CommitmentError)
  case proof(ProofError, tree: String)
  case unknownSource(String)
  /// A source of the old epoch is not in the new one.
  case sourceMissing(String)
  case epochs(old: UInt64, new: UInt64)
  case leaf(String)

  /// The reason code that vectors and messages name.
  public var code: String {
    switch self {
    case .form: "proof-form"
    case .signature(let error): error.code
    case .commitment(let error): error.code
    case .proof(let error, _): error.code
    case .unknownSource: "unknown-source"
    case .sourceMissing: "source-missing"
    case .epochs: "epoch-order"
    case .leaf: "leaf-form"
    }
  }

  /// One sentence for people; it holds no record content.
  public var description: String {
    switch self {
    case .form(let detail): "not a proof file of ours: \(detail)"
    case .signature(let error): "\(error)"
    case .commitment(let error): "the commit file inside: \(error)"
    case .proof(let error, let tree): "the \(tree) path does not prove it (\(error.code))"
    case .unknownSource(let id): "the commit file has no source '\(id)'"
    case .sourceMissing(let id): "the source '\(id)' of the old epoch is not in the new one"
    case .epochs(let old, let new): "epoch \(new) does not come after epoch \(old)"
    case .leaf(let detail): "the leaf is no record leaf: \(detail)"
    }
  }
}

/// A commit file with its envelope, as proofs carry it: all that a verifier needs beside keys.
public struct SignedCommit: Sendable {
  /// The bytes of the commit file.
  public let commit: [UInt8]
  /// The signatures over the commit file.
  public let envelope: DSSEEnvelope

  /// A commit file and its envelope; nothing is checked here.
  public init(commit: [UInt8], envelope: DSSEEnvelope) {
    self.commit = commit
    self.envelope = envelope
  }

  /// The pair as JSON.
  public var json: JSONValue {
    ["commit": .string(Base64.encode(commit)), "envelope": envelope.json]
  }

  init(_ json: JSONValue?) throws(ProofFileError) {
    guard let object = json?.object, let text = object["commit"]?.text,
      let commit = Base64.decode(text),
      let inner = object["envelope"]
    else { throw .form("a signed commit file is missing") }
    self.commit = commit
    do {
      envelope = try DSSEEnvelope(inner)
    } catch {
      throw .signature(error)
    }
  }

  /// Checks signatures, then the commit file, then that they belong together.
  ///
  /// - Throws: `ProofFileError`.
  public func verify(by trust: SignerTrust) throws(ProofFileError) -> VerifiedManifest {
    let statement = try statement(by: trust)
    let manifest: VerifiedManifest
    do {
      manifest = try VerifiedManifest(commit)
    } catch {
      throw .commitment(error)
    }
    try check(statement, manifest, trust.list)
    return manifest
  }

  /// Checks signatures, and that they are of a commit file that was checked already.
  ///
  /// - Throws: `ProofFileError`.
  public func verify(by trust: SignerTrust, of manifest: VerifiedManifest) throws(ProofFileError) {
    try check(try statement(by: trust), manifest, trust.list)
  }

  private func statement(by trust: SignerTrust) throws(ProofFileError) -> CommitStatement {
    do {
      return try CommitStatement(try envelope.verify(by: trust))
    } catch {
      throw .signature(error)
    }
  }

  private func check(
    _ statement: CommitStatement,
    _ manifest: VerifiedManifest,
    _ list: SignerList?
  ) throws(ProofFileError) {
    do throws(SignatureError) {
      try statement.check(manifest)
      guard let list, let day = CivilDate(manifest.manifest.created.prefix(10)) else { return }
      guard try list.signers(of: envelope, for: .epochs, on: day) != nil else {
        throw SignatureError.roles
      }
    } catch {
      throw .signature(error)
    }
  }
}

/// The paths of one proof in both trees.
public struct PathPair: Hashable, Sendable {
  /// The SHA-256 side.
  public let sha256: [SHA256Hash]
  /// The Poseidon2 side.
  public let poseidon2: [Poseidon2Digest]

  /// Both paths.
  public init(sha256: [SHA256Hash], poseidon2: [Poseidon2Digest]) {
    self.sha256 = sha256
    self.poseidon2 = poseidon2
  }

  var members: [(String, JSONValue)] {
    [
      ("sha256Path", .array(sha256.map { .string($0.hex) })),
      ("poseidon2Path", .array(poseidon2.map { .string($0.hex) })),
    ]
  }

  init(_ object: JSONObject) throws(ProofFileError) {
    // A tree has at most 2^40 leaves: no path is longer than 41, and no more are read.
    guard let first = object["sha256Path"]?.elements,
      let second = object["poseidon2Path"]?.elements,
      first.count <= 64, second.count <= 64
    else { throw .form("a path is missing or too long") }
    let sha256 = first.compactMap { $0.text.flatMap(SHA256Hash.init(hex:)) }
    let poseidon2 = second.compactMap { $0.text.flatMap(Poseidon2Digest.init(hex:)) }
    guard sha256.count == first.count, poseidon2.count == second.count else {
      throw .form("a path holds something that is no digest")
    }
    self.init(sha256: sha256, poseidon2: poseidon2)
  }
}

extension JSONObject {
  /// A decimal text without leading zeros.
  func decimal(_ name: String) -> UInt64? {
    guard let text = self[name]?.text, let value = UInt64(text), String(value) == text else {
      return nil
    }
    return value
  }

  /// Whether the object has exactly these members.
  func hasExactly(_ names: Set<String>) -> Bool { Set(members.keys) == names }
}
