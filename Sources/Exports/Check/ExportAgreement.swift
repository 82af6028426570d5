internal import CanonicalCoding
internal import Licensing
public import Manifests

/// Whether exports say what the commit file says: licenses, counts, roots, digests.
///
/// Needs nothing but the commit file, so that anybody who has it and the exports can ask; independent validators of the formats
/// look at their form, and are blind to all of this.
public struct ExportAgreement: Sendable {
  private let manifest: VerifiedManifest
  private let names: Set<String>
  private let expressions: [String: Set<String>]

  /// The facts of a commit file.
  public init(_ manifest: VerifiedManifest) {
    self.manifest = manifest
    var names: Set<String> = []
    var expressions: [String: Set<String>] = [:]
    for source in manifest.manifest.sources {
      let held = source.licenses.filter { $0.records > 0 }.map(\.expression)
      expressions[source.id] = Set(held)
      for expression in held { names.formUnion(ExportedEpoch.names(in: expression)) }
    }
    (self.names, self.expressions) = (names, expressions)
  }

  /// What is wrong in a file; files of no format of ours have no finding.
  ///
  /// - Complexity: O(bytes + sources).
  public func findings(_ file: String, _ bytes: [UInt8]) -> [ExportFinding] {
    guard let format = ExportFormat.allCases.first(where: { $0.fileNames.contains(file) }) else {
      return []
    }
    let facts = Facts(file: file, manifest: manifest, names: names, expressions: expressions)
    switch format {
    case .croissant: return facts.croissant(bytes)
    case .spdx3: return facts.spdx3(bytes)
    case .cycloneDX16, .cycloneDX17: return facts.cycloneDX(bytes)
    case .provenanceMetadata: return facts.provenanceMetadata(bytes)
    case .euSummary where file.hasSuffix(".json"): return facts.euSummary(bytes)
    case .notice: return facts.notice(bytes)
    case .decisions: return facts.decisions(bytes)
    case .dsse: return facts.dsse(bytes)
    case .cose: return []
    case .euSummary, .ab2013, .datasetCard: return facts.text(bytes)
    }
  }
}

/// The checks of one file.
struct Facts {
  let file: String
  let manifest: VerifiedManifest
  let names: Set<String>
  let expressions: [String: Set<String>]

  var committed: CommittedManifest { manifest.manifest }

  func finding(_ code: String, _ sentence: String) -> ExportFinding {
    ExportFinding(file, code, sentence)
  }

  /// The object of a JSON file.
  func object(_ bytes: [UInt8]) -> JSONObject? { (try? JSONParser.parse(bytes))?.object }

  var notJSON: [ExportFinding] { [finding("form", "is no JSON object, or names a member twice")] }

  func expect(_ what: String, _ found: String?, _ expected: String) -> [ExportFinding] {
    found == expected
      ? []
      : [finding("differs", "\(what) is \(found ?? "missing"), and \(expected) is committed")]
  }

  /// Whether an expression is one, and gives exactly the licenses that records of a source stand under.
  func expression(_ text: String?, of source: String) -> [ExportFinding] {
    guard let text else {
      return [finding("license-missing", "source '\(source)' has no concluded license")]
    }
    let own = expressions[source] ?? []
    let isUnknown = own.isEmpty || own.contains("NOASSERTION") || own.contains("NONE")
    if isUnknown {
      return expect("the concluded license of '\(source)'", text, "NOASSERTION")
    }
    guard (try? LicenseExpression(text)) != nil else {
      return [
        finding("expression", "source '\(source)': the concluded license is no license expression")
      ]
    }
    let wanted = Set(own.flatMap(ExportedEpoch.names))
    guard Set(ExportedEpoch.names(in: text)) == wanted else {
      return [
        finding(
          "license",
          "source '\(source)': the concluded license \(text) does not hold exactly \(wanted.sorted().joined(separator: ", "))"
        )
      ]
    }
    return []
  }

  /// Whether every source stands there once.
  func sources(_ found: [String]) -> [ExportFinding] {
    let wanted = committed.sources.map(\.id)
    return found.sorted() == wanted.sorted()
      ? []
      : [
        finding(
          "sources",
          "the sources are not those of the commitment: \(Set(found).symmetricDifference(wanted).sorted().joined(separator: ", "))"
        )
      ]
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  func text(_ bytes: [UInt8]) -> [ExportFinding] {
    // Whole words: a digest with one more digit in front of it is another.
    let words = Set(bytes.split { !Self.isWord($0) }.map { String(decoding: $0, as: UTF8.self) })
    var found: [ExportFinding] = []
    if !words.contains(manifest.digest.hex) {
      found.append(finding("digest", "does not name the commit file \(manifest.digest.hex)"))
    }
    for source in committed.sources where !words.contains("\(source.counts.records)") {
      found.append(
        finding("differs", "does not give the \(source.counts.records) records of '\(source.id)'")
      )
    }
    return found
  }
}
