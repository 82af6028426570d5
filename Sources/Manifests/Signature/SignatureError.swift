/// Why a signed file is not accepted.
public enum SignatureError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Not a DSSE envelope as we write it.
  case envelope(String)
  /// The payload is no statement about a commit file.
  case statement(String)
  /// A known key's signature does not fit.
  case badSignature(key: String)
  /// The same key, or key id, signs twice.
  case doubled(key: String)
  /// A key that no list of signers has.
  case unknownKey(String)
  /// A key that counts no more.
  case revoked(key: String, on: String)
  /// A key whose days are others.
  case outsideDays(key: String, name: String, on: String)
  /// A key of a role that does not sign such files.
  case wrongRole(key: String, name: String)
  /// Fewer distinct trusted keys signed than are asked for.
  case threshold(found: Int, needed: Int)
  /// A role of the list of signers has not signed, or not with enough keys.
  case roles
  /// No key was given to check against.
  case noKeys
  /// The profile asks for ML-DSA-65, and no trusted key of that kind signed.
  case postQuantumMissing
  /// The file beside the envelope is not the one that was signed.
  case subjectMismatch
  /// What the statement says about the file is not what the file says.
  case predicateMismatch(String)

  /// The reason code that vectors and messages name.
  public var code: String {
    switch self {
    case .envelope: "envelope"
    case .statement: "statement"
    case .badSignature: "bad-signature"
    case .doubled: "doubled-key"
    case .unknownKey: "unknown-key"
    case .revoked: "revoked-key"
    case .outsideDays: "key-days"
    case .wrongRole: "wrong-role"
    case .threshold: "threshold"
    case .roles: "roles"
    case .noKeys: "no-keys"
    case .postQuantumMissing: "post-quantum-missing"
    case .subjectMismatch: "subject-mismatch"
    case .predicateMismatch: "predicate-mismatch"
    }
  }

  /// One sentence for people; it holds no record content.
  public var description: String {
    switch self {
    case .envelope(let detail): "not a DSSE envelope of ours: \(detail)"
    case .statement(let detail): "not a statement about a commit file: \(detail)"
    case .badSignature(let key): "the signature of key \(key.prefix(16)) does not fit"
    case .doubled(let key): "the key \(key.prefix(16)) signs twice; distinct keys are counted"
    case .unknownKey(let key): "the key \(key.prefix(16)) is in no role of the list of signers"
    case .revoked(let key, let day): "the key \(key.prefix(16)) was revoked on \(day)"
    case .outsideDays(let key, let name, let day):
      "the key \(key.prefix(16)) of \(name) may not sign on \(day)"
    case .wrongRole(let key, let name):
      "the key \(key.prefix(16)) of \(name) is in no role that signs such files"
    case .threshold(let found, let needed):
      "\(found) of the trusted keys signed, \(needed) needed; the other signers are unknown"
    case .roles: "not every role that signs epochs has signed with enough keys of that day"
    case .noKeys: "no public key was given; pass --key FILE"
    case .postQuantumMissing: "no trusted ML-DSA-65 key signed"
    case .subjectMismatch: "the commit file is not the one that was signed"
    case .predicateMismatch(let member): "the statement's \(member) is not that of the commit file"
    }
  }
}
