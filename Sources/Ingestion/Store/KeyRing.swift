public import Files
public import Manifests

/// The keys of a store: salt keys of confidential sources, and keys that sign epochs.
public struct KeyRing: Sendable {
  private let folder: String

  /// The keys below a store's folder.
  public init(store: String) { folder = FilePaths.join(store, "keys") }

  /// The salt key of a source; made when it is first needed, mode 0600, never exported.
  public func saltKey(of source: String) throws(FileError) -> [UInt8] {
    let path = FilePaths.join(folder, "salt-\(source).key")
    do throws(FileError) {
      let key = try InputFile.contents(of: path, limit: 33)
      guard key.count == 32 else { throw FileError(.read, path, number: 22) }
      return key
    } catch {
      guard error.isMissing else { throw error }
    }
    try DurableFile.makeFolder(folder, mode: 0o700)
    let key = try SystemRandom.bytes(32)
    try DurableFile.write(key, to: path, mode: 0o600)
    return key
  }

  /// The names of the signing keys, in order.
  public func signerNames() -> [String] {
    let entries = (try? FolderWalk.entries(of: folder)) ?? []
    return entries.compactMap { entry in
      let name = String(decoding: entry.name, as: UTF8.self)
      return name.hasSuffix(".secret.pem") ? String(name.dropLast(".secret.pem".count)) : nil
    }
  }

  /// A signing key by its name.
  public func signer(_ name: String) throws(IngestError) -> SigningKey {
    let path = FilePaths.join(folder, "\(name).secret.pem")
    do throws(FileError) {
      let pem = String(decoding: try InputFile.contents(of: path, limit: 1 << 14), as: UTF8.self)
      guard let key = SigningKey(pem: pem) else { throw FileError(.read, path, number: 22) }
      return key
    } catch {
      if error.isMissing {
        throw IngestError(
          .unavailable,
          "there is no key '\(name)'; make one: ingest key new --name \(name)"
        )
      }
      throw IngestError(error)
    }
  }

  /// Makes a signing key and writes both halves; an existing name is refused.
  ///
  /// - Returns: the public key and the path of its file.
  public func makeSigner(_ name: String, scheme: SignatureScheme) throws(IngestError) -> (
    PublicKey, String
  ) {
    let isPlain =
      !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
      }
    guard isPlain else { throw IngestError(.usage, "a key's name has a-z, 0-9 and -, at most 64") }
    do throws(FileError) {
      try DurableFile.makeFolder(folder, mode: 0o700)
      let secret = FilePaths.join(folder, "\(name).secret.pem")
      guard !FilePaths.exists(secret) else { throw FileError(.write, secret, number: 17) }
      guard let key = SigningKey(scheme: scheme, seed: try SystemRandom.bytes(32)) else {
        throw FileError(.write, secret, number: 22)
      }
      try DurableFile.write(Array(key.secretPEM.utf8), to: secret, mode: 0o600)
      let path = FilePaths.join(folder, "\(name).pem")
      try DurableFile.write(Array(key.publicKey.pem.utf8), to: path)
      return (key.publicKey, path)
    } catch {
      if error.number == 17 {
        throw IngestError(.usage, "there is a key '\(name)' already; choose another name")
      }
      throw IngestError(error)
    }
  }
}
