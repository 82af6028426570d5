internal import CanonicalCoding
public import Manifests

extension ExportedEpoch {
  /// A file of an export.
  public struct File: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its contents.
    public let bytes: [UInt8]
  }

  /// Writes a format.
  ///
  /// - Parameters:
  ///   - format: the format.
  ///   - key: an Ed25519 key, which COSE_Sign1 alone needs.
  /// - Returns: the files, in the order of `ExportFormat.fileNames`.
  /// - Throws: `ExportError` when something that the format says is not at hand.
  public func files(_ format: ExportFormat, key: SigningKey? = nil) throws(ExportError) -> [File] {
    let bytes = try bodies(format, key)
    return zip(format.fileNames, bytes).map { File(name: $0, bytes: $1) }
  }

  private func bodies(_ format: ExportFormat, _ key: SigningKey?) throws(ExportError) -> [[UInt8]] {
    switch format {
    case .dsse:
      guard let envelope = contents.envelope else {
        throw ExportError("envelope-missing", "the signed envelope is not at hand")
      }
      return [CanonicalJSON.encode(envelope.json)]
    case .decisions: return [Array(contents.table.lines.map { $0 + [0x0A] }.joined())]
    case .notice: return [NoticeExport.encode(self)]
    default: return try described(format, key)
    }
  }

  private func described(
    _ format: ExportFormat,
    _ key: SigningKey?
  ) throws(ExportError) -> [[UInt8]] {
    guard let profile else {
      throw ExportError(
        "profile-missing",
        "\(format.rawValue) says who publishes the data; pass --profile summary.profile (docs/formats.md shows one)"
      )
    }
    switch format {
    case .croissant: return [IndentedJSON.encode(CroissantExport.encode(self, profile))]
    case .spdx3: return [IndentedJSON.encode(SPDXExport.encode(self, profile))]
    case .cycloneDX16: return [IndentedJSON.encode(CycloneDXExport.encode(self, profile, .v16))]
    case .cycloneDX17: return [IndentedJSON.encode(CycloneDXExport.encode(self, profile, .v17))]
    case .provenanceMetadata:
      return [IndentedJSON.encode(ProvenanceMetadataExport.encode(self, profile))]
    case .euSummary:
      let summary = EUSummaryExport.encode(self, profile)
      return [
        IndentedJSON.encode(summary), EUSummaryText.encode(summary, title: profile.title),
      ]
    case .ab2013: return [AB2013Export.encode(self, profile)]
    case .datasetCard: return [DatasetCardExport.encode(self, profile)]
    case .cose:
      guard let key else {
        throw ExportError("key", "COSE_Sign1 is signed with an Ed25519 key; name one with --key")
      }
      return [try COSESign1.sign(contents.bytes, issuer: profile.namespace, key: key)]
    case .dsse, .decisions, .notice: return []
    }
  }
}
