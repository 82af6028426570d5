internal import CanonicalCoding
internal import Manifests

/// The formats that an epoch is written in; every one is a function of the commit file, what it names, and the profile.
public enum ExportFormat: String, CaseIterable, Sendable {
  /// MLCommons Croissant 1.1 with its vocabulary for responsible AI.
  case croissant
  /// SPDX 3.0.1, profile Dataset.
  case spdx3
  /// CycloneDX 1.6: one license expression a source.
  case cycloneDX16 = "cyclonedx-1.6"
  /// CycloneDX 1.7: licensor, licensee, order and end beside it.
  case cycloneDX17 = "cyclonedx-1.7"
  /// The in-toto statement in its DSSE envelope, as it was signed.
  case dsse
  /// COSE_Sign1 (RFC 9052) over the commit file.
  case cose
  /// The rows of the decision table.
  case decisions
  /// OASIS data provenance metadata 1.0, a working draft.
  case provenanceMetadata = "prov-meta"
  /// The public summary of training content: Regulation (EU) 2024/1689, Article 53(1)(d).
  case euSummary = "eu-summary"
  /// The statement of California's AB 2013, Civil Code 3111.
  case ab2013
  /// Attributions and license texts.
  case notice
  /// A data set card for the Hugging Face hub.
  case datasetCard = "dataset-card"

  /// The names of the files that a format is written to.
  public var fileNames: [String] {
    switch self {
    case .croissant: ["combined.croissant.json"]
    case .spdx3: ["combined.spdx3.json"]
    case .cycloneDX16: ["combined.cdx16.json"]
    case .cycloneDX17: ["combined.cdx17.json"]
    case .dsse: ["combined.commit.dsse.json"]
    case .cose: ["combined.commit.cose"]
    case .decisions: ["combined.decisions.jsonl"]
    case .provenanceMetadata: ["combined.prov-meta.json"]
    case .euSummary: ["combined.eu-summary.json", "combined.eu-summary.md"]
    case .ab2013: ["combined.ab2013.md"]
    case .notice: ["NOTICE"]
    case .datasetCard: ["README.md"]
    }
  }

  /// Whether the format says who publishes the data, so that a profile is needed.
  public var needsProfile: Bool {
    switch self {
    case .dsse, .decisions, .notice: false
    default: true
    }
  }

  /// Whether the bytes are a function of their inputs; a signature of its own is not, and is checked instead.
  public var isDeterministic: Bool { self != .cose }
}

/// Why an export cannot be written.
public struct ExportError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The stable code.
  public let code: String
  /// What is wrong and what to do, in one sentence.
  public let sentence: String

  init(_ code: String, _ sentence: String) { (self.code, self.sentence) = (code, sentence) }

  /// One sentence for people; it holds no record content.
  public var description: String { "export.\(code): \(sentence)" }
}
