public import CanonicalCoding
public import Licensing
public import Merkle

/// A policy as a file: the decoded rules and the digests that commitments name.
public struct PolicyFile: Sendable {
  /// The file as it was named to us.
  public let file: String
  /// The rules.
  public let policy: LicensePolicy
  /// JCS of this is what `policy.sha256` digests.
  public let typedForm: JSONValue
  /// The file's bytes.
  public let bytes: [UInt8]
  /// Where each rule stands, by its id.
  public let places: [String: SourcePosition]
  /// What is worth a look.
  public let warnings: [ManifestFinding]

  /// SHA-256 of JCS of the typed form.
  public var digest: SHA256Hash { .of(CanonicalJSON.encode(typedForm)) }

  /// Reads a policy.
  ///
  /// - Parameters:
  ///   - bytes: the file's bytes.
  ///   - file: its name, for findings alone.
  /// - Returns: the policy, with its warnings.
  /// - Throws: `ManifestError` with all errors of the file at once; codes begin with `policy.`.
  public static func decode(_ bytes: [UInt8], file: String) throws(ManifestError) -> PolicyFile {
    let declaration = try YAMLReader.read(bytes, file: file, prefix: "policy")
    let list = FindingList(file: file, prefix: "policy")
    let found = PolicyDecoder(root: MapReader(declaration, path: "", list: list)).decode()
    guard !list.hasErrors, let found else { throw ManifestError(list.errors) }
    return PolicyFile(
      file: file,
      policy: found.policy,
      typedForm: declaration.typedForm,
      bytes: bytes,
      places: found.places,
      warnings: list.findings.sortedByPlace
    )
  }
}
