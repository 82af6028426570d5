internal import CanonicalCoding
public import Merkle

/// The in-toto statement about a commit file: its digest, and what readers ask first.
public struct CommitStatement: Sendable {
  /// The predicate's type; a name, not an address that anybody fetches.
  public static let predicateType = "https://ingest.invalid/attestation/dataset-commitment/v1"

  /// The file's name: one plain name, never a path.
  public let name: String
  /// SHA-256 of the file's bytes.
  public let digest: SHA256Hash
  private let predicate: JSONValue

  /// The statement about a commit file.
  public init(name: String, manifest: VerifiedManifest) {
    self.name = name
    digest = manifest.digest
    predicate = Self.predicate(of: manifest)
  }

  private static func predicate(of verified: VerifiedManifest) -> JSONValue {
    let manifest = verified.manifest
    return [
      "combined": verified.combined.json, "epoch": .count(manifest.epoch),
      "records": .count(manifest.counts.records),
      "policy": [
        "sha256": .string(manifest.policy.sha256.hex),
        "asOf": .string(manifest.policy.asOf.description),
      ],
    ]
  }

  /// The JCS bytes.
  public var bytes: [UInt8] {
    let statement: JSONValue = [
      "_type": "https://in-toto.io/Statement/v1",
      "subject": [["name": .string(name), "digest": ["sha256": .string(digest.hex)]]],
      "predicateType": .string(Self.predicateType), "predicate": predicate,
    ]
    return CanonicalJSON.encode(statement)
  }

  /// Reads a payload whose envelope was verified.
  ///
  /// - Throws: `SignatureError.statement`.
  public init(_ payload: [UInt8]) throws(SignatureError) {
    guard let object = (try? JSONParser.parse(payload))?.object else { throw .statement("no JSON") }
    guard object["_type"]?.text == "https://in-toto.io/Statement/v1",
      object["predicateType"]?.text == Self.predicateType
    else { throw .statement("another type of statement") }
    guard let subjects = object["subject"]?.elements, subjects.count == 1,
      let subject = subjects[0].object,
      let name = subject["name"]?.text,
      let digest = subject["digest"]?.object?["sha256"]?.text.flatMap(SHA256Hash.init(hex:))
    else { throw .statement("not exactly one subject with a SHA-256 digest") }
    guard !name.isEmpty, name.utf8.count <= 255, !name.contains("/"), !name.contains("\\"),
      name != "..", name != ".",
      name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw .statement("the subject's name is no plain file name") }
    guard let predicate = object["predicate"] else { throw .statement("no predicate") }
    self.name = name
    self.digest = digest
    self.predicate = predicate
  }

  /// Checks that this statement is about `manifest`.
  ///
  /// - Throws: `SignatureError.subjectMismatch` or `.predicateMismatch`.
  public func check(_ manifest: VerifiedManifest) throws(SignatureError) {
    guard digest == manifest.digest else { throw .subjectMismatch }
    let expected = Self.predicate(of: manifest)
    guard predicate != expected else { return }
    for name in ["combined", "epoch", "policy", "records"]
    where predicate.object?[name] != expected.object?[name] {
      throw .predicateMismatch(name)
    }
    throw .predicateMismatch("predicate")
  }
}
