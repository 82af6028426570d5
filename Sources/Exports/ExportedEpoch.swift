internal import CanonicalCoding
internal import Licensing
public import Manifests
internal import Merkle

/// What every format takes its facts from: the commitment first, the manifests where it names them, the profile for the rest.
///
/// No count and no license is taken from anywhere but the commit file.
public struct ExportedEpoch: Sendable {
  /// The epoch, each part as it was committed.
  public let contents: EpochContents
  /// Who publishes it.
  public let profile: ExportProfile?
  /// The sources.
  let sources: [ExportedSource]

  /// Puts an epoch and a profile together.
  ///
  /// - Throws: `ExportError` when a manifest is not at hand, or the profile names a source that is not there.
  public init(_ contents: EpochContents, profile: ExportProfile?) throws(ExportError) {
    self.contents = contents
    self.profile = profile
    var sources: [ExportedSource] = []
    for source in contents.sources {
      guard let manifest = source.manifest else {
        throw ExportError(
          "manifest-missing",
          "the manifest of source '\(source.commitment.id)' is not at hand; licenses and parties stand there alone"
        )
      }
      sources.append(ExportedSource(source, manifest))
    }
    self.sources = sources
    let ids = Set(sources.map(\.id))
    for id in (profile?.publicSources ?? []).sorted() where !ids.contains(id) {
      throw ExportError("profile", "publicSources names '\(id)', which is no source of the epoch")
    }
  }

  /// The content of the commit file.
  var commit: CommittedManifest { contents.manifest.manifest }
  /// SHA-256 of the commit file.
  var commitDigest: String { contents.manifest.digest.hex }
  /// The day of the epoch.
  var day: String { String(commit.created.prefix(10)) }

  /// An identifier in the form of a UUID (RFC 9562, version 8), from the digest of the commit file.
  var uuid: String {
    var bytes = Array(contents.manifest.digest.bytes.prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    let hex = Hex.encode(bytes)
    var parts: [Substring] = []
    var rest = hex[...]
    for length in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
  }

  /// Every license, exception and reference that a record stands under, in order.
  var licenseNames: [String] {
    Set(sources.flatMap(\.held).flatMap { Self.names(in: $0.license.expression) })
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The words of an expression that are no operators.
  static func names(in expression: String) -> [String] {
    expression.split { $0 == " " || $0 == "(" || $0 == ")" }.map(String.init)
      .filter { !["AND", "OR", "WITH"].contains($0) }
  }

  /// Where a license is described: the SPDX list, or below the publisher's namespace.
  func address(of license: String) -> String {
    license.contains("Ref-")
      ? "\(profile?.namespace ?? "urn:ingest")/licenses/\(license.split(separator: ":").last ?? "")"
      : "https://spdx.org/licenses/\(license).html"
  }
}

/// One source with what may be said about it in public.
struct ExportedSource: Sendable {
  let commitment: SourceCommitment
  let manifest: SourceManifest
  let entries: [EpochContents.Entry]
  let texts: [String: [UInt8]]

  init(_ source: EpochContents.Source, _ manifest: SourceManifest) {
    commitment = source.commitment
    self.manifest = manifest
    entries = source.entries
    texts = source.texts
  }

  var id: String { commitment.id }
  var isConfidential: Bool { commitment.confidential }
  /// The title; of a confidential source its id alone.
  var title: String { isConfidential ? id : manifest.title }
  /// What it is, in words; of a confidential source nothing that its manifest says.
  var description: String {
    isConfidential
      ? "A confidential source; its content, names and paths are not published."
      : manifest.text("source.description") ?? manifest.title
  }
  /// The rights holder; not named for a confidential source.
  var owner: String? { isConfidential ? nil : manifest.owner }
  /// The entries that a record stands under.
  var held: [EpochContents.Entry] { entries.filter { $0.license.records > 0 } }

  /// All licenses of the source as one expression: who takes all records takes all of them.
  ///
  /// `NOASSERTION` when any record has no license: then nothing is known of the whole.
  var expression: String {
    let all = Set(held.map(\.license.expression))
    guard !all.isEmpty, !all.contains("NOASSERTION"), !all.contains("NONE") else {
      return "NOASSERTION"
    }
    guard all.count > 1 else { return all.first ?? "NOASSERTION" }
    return all.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .map { $0.contains(" OR ") ? "(\($0))" : $0 }.joined(separator: " AND ")
  }

  /// The earliest last valid day of an entry that a record stands under.
  var until: CivilDate? { held.compactMap(\.license.until).min() }

  /// The days of collection.
  var collected: (from: String, to: String) {
    (
      manifest.text("input.collected.from") ?? "1970-01-01",
      manifest.text("input.collected.to") ?? "1970-01-01"
    )
  }

  var isOngoing: Bool { manifest.value("input.collected.ongoing")?.boolean == true }

  /// The attribution lines that are asked for, each once, in order of the entries.
  var attributions: [String] {
    var lines: [String] = []
    for entry in held {
      if let line = entry.grant?.attribution, !lines.contains(line) { lines.append(line) }
    }
    return lines
  }
}
