/// A plugin that is a program of its own, in any language.
public struct ExternalPlugin: Hashable, Sendable {
  /// What a commitment says of it: whatever can change a record changes one of the three.
  public struct Identity: Hashable, Sendable {
    /// The name in manifests; the executable is `ingest-source-` and this name.
    public var name: String
    /// The version that it states.
    public var version: String
    /// SHA-256 of the executable, hexadecimal.
    public var sha256: String

    /// An identity.
    public init(name: String, version: String, sha256: String) {
      (self.name, self.version, self.sha256) = (name, version, sha256)
    }
  }

  /// What a commitment says of it.
  public var identity: Identity
  /// The path of the executable.
  public var path: String
  /// What runs the executable where that is a script: a program and its arguments.
  public var interpreter: [String]
  /// Files and folders that it may read beside its inputs.
  public var readable: [String]

  /// A plugin.
  public init(identity: Identity, path: String, interpreter: [String], readable: [String]) {
    (self.identity, self.path) = (identity, path)
    (self.interpreter, self.readable) = (interpreter, readable)
  }
}
