internal import Archives
internal import CanonicalCoding
internal import Crypto
internal import Files
internal import SourceAPI

/// What a WACZ says about its own files, compared with them; it fails closed.
///
/// Sources: WACZ 1.1.1, sections 4 and 5; the signature of datapackage-digest.json (WACZ Signing and Verification 0.1.0) is
/// bound by the digests here and not verified.
struct WACZPackage {
  /// A file that is not what the package says, or of which it says nothing.
  struct Fault: Error {
    /// The entry, or nothing where the package itself cannot be read.
    let name: [UInt8]?
    let detail: String
  }

  static let dataName = Array("datapackage.json".utf8)
  static let digestName = Array("datapackage-digest.json".utf8)
  private static let jsonLimit = 16 << 20

  /// SHA-256 by path, hexadecimal, as datapackage.json has it.
  private var stated: [String: String] = [:]

  /// Reads every entry once.
  ///
  /// - Throws: `Fault`, or `FileError` as a fault of the reader.
  static func check(_ archive: ZipArchive) throws(FileError) -> Fault? {
    var hashes: [(name: [UInt8], sha256: String)] = []
    var documents: [[UInt8]: [UInt8]] = [:]
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while let entry = archive.nextEntry() {
      guard entry.kind == .file else { continue }
      var hash = SHA256()
      var held: [UInt8]? = entry.name == dataName || entry.name == digestName ? [] : nil
      do throws(ArchiveFailure) {
        while case let count = try archive.read(into: &buffer, 0..<buffer.count), count > 0 {
          hash.update(data: buffer[..<count])
          held?.append(contentsOf: buffer[..<count])
          if held?.count ?? 0 > jsonLimit {
            return Fault(name: entry.name, detail: "is larger than any such file")
          }
        }
      } catch {
        if let failed = archive.fileError { throw failed }
        return Fault(name: entry.name, detail: "cannot be inflated")
      }
      hashes.append((entry.name, Hex.encode(Array(hash.finalize()))))
      if let held, documents.updateValue(held, forKey: entry.name) != nil {
        return Fault(name: entry.name, detail: "is there twice")
      }
    }
    guard let data = documents[dataName], let package = WACZPackage(data) else {
      return Fault(
        name: dataName,
        detail: "is missing, or no list of resources with SHA-256 digests"
      )
    }
    return package.compare(hashes, data: data, digest: documents[digestName])
  }

  private init?(_ bytes: [UInt8]) {
    guard let resources = (try? JSONParser.parse(bytes))?.object?["resources"]?.elements else {
      return nil
    }
    for resource in resources {
      guard let object = resource.object, let path = object["path"]?.text,
        let hash = object["hash"]?.text, hash.hasPrefix("sha256:")
      else { return nil }
      stated[path] = String(hash.dropFirst(7)).lowercased()
    }
  }

  private func compare(
    _ hashes: [(name: [UInt8], sha256: String)],
    data: [UInt8],
    digest: [UInt8]?
  ) -> Fault? {
    var seen: Set<String> = []
    for (name, sha256) in hashes where name != Self.dataName && name != Self.digestName {
      let path = String(decoding: name, as: UTF8.self)
      guard let expected = stated[path] else {
        return Fault(name: name, detail: "is not listed in datapackage.json")
      }
      guard expected == sha256 else {
        return Fault(name: name, detail: "has another digest than datapackage.json says")
      }
      guard seen.insert(path).inserted else { return Fault(name: name, detail: "is there twice") }
    }
    guard seen.count == stated.count else {
      return Fault(name: Self.dataName, detail: "lists a file that is not there")
    }
    guard let digest else { return nil }
    let own = "sha256:" + Hex.encode(Array(SHA256.hash(data: data)))
    guard let object = (try? JSONParser.parse(digest))?.object,
      object["path"]?.text == String(decoding: Self.dataName, as: UTF8.self),
      object["hash"]?.text?.lowercased() == own
    else {
      return Fault(name: Self.digestName, detail: "does not have the digest of datapackage.json")
    }
    // Both spellings of the signature's member are in use; what it signs must be the same digest.
    let signed = object["signedData"]?.object ?? object["signatureData"]?.object
    if let signed, signed["hash"]?.text?.lowercased() != own {
      return Fault(name: Self.digestName, detail: "signs another digest than it states")
    }
    return nil
  }
}
