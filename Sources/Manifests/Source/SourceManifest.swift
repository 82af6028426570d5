public import CanonicalCoding
public import Licensing

/// What a person declares about one source: where its bytes are, whose they are, under which terms.
///
/// Decoded by `SourceManifest.decode`; the tool never writes one.
public struct SourceManifest: Sendable {
  /// The rows of a source, by field or column.
  public struct FieldMapping: Hashable, Sendable {
    public var text: String?
    public var id: String?
    public var url: String?
    public var license: String?
    public var timestamp: String?
  }

  /// The dialect of CSV inputs.
  public struct CSVDialect: Hashable, Sendable {
    public var delimiter: UInt8 = UInt8(ascii: ",")
    public var quote: UInt8 = UInt8(ascii: "\"")
    public var hasHeader = true
    public var charset: String?
  }

  /// What is read from an SQLite database.
  public struct SQLSelection: Hashable, Sendable {
    public var table: String?
    public var query: String?
    public var key: String
  }

  /// Where the bytes are and how they become records.
  public struct Input: Sendable {
    public var paths: [String]
    public var sha256sums: String?
    public var recordUnit: String
    public var format: String?
    public var profile: String
    public var charset: String?
    public var fields: FieldMapping
    public var csv: CSVDialect
    public var sql: SQLSelection?
    public var undeclaredLicenseIsUnknown: Bool
    public var include: [String]
    public var exclude: [String]
    public var commitsRawOnTextFailure: Bool
    public var collectedTo: CivilDate
  }

  /// A document that the manifest names, with its digest.
  public struct Document: Hashable, Sendable {
    public var field: String
    public var uri: String
    public var sha256: String?
    public var position: SourcePosition
  }

  /// One license as the source or an override gives it.
  public struct LicenseGrant: Sendable {
    public var concluded: LicenseExpression
    public var basis: String
    public var jurisdictions: [String]
    public var uses: [Use: Decision]
    public var from: CivilDate?
    public var until: CivilDate?
    public var warnsOnExpiry: Bool
    /// The six members that make two grants the same, in the typed form.
    public var identity: JSONValue
    public var position: SourcePosition
  }

  /// What an override matches.
  public enum Match: Hashable, Sendable {
    case host(String)
    case path(String)
    case contentDigest(String)
    case field(name: String, equals: String)
    case language(String)
    case ordinals(ClosedRange<UInt64>)
  }

  /// What an override does.
  public enum Effect: Sendable {
    case exclude(reason: ExclusionReason, reference: String?)
    case license(LicenseGrant)
  }

  /// One entry of `overrides`.
  public struct Override: Sendable {
    public var match: Match
    public var effect: Effect
    public var position: SourcePosition
  }

  public var file: String
  public var id: String
  public var title: String
  public var plugin: String
  public var version: String
  public var modalities: [String]
  public var owner: String
  public var input: Input
  public var declaredLicense: String
  public var license: LicenseGrant
  public var axes: [String: LicenseAxes]
  public var overrides: [Override]
  public var withdrawals: String?
  public var onUnknownPreference: Decision?
  public var reviewStatus: String?
  public var reviewExpires: CivilDate?
  public var personalData: String
  public var synthetic: String
  public var purpose: String
  public var confidential: Bool
  public var policy: String
  public var documents: [Document]
  /// SHA-256 of JCS of the typed form is the manifest's digest.
  public var typedForm: JSONValue
  public var fileBytes: [UInt8]
  public var warnings: [ManifestFinding]
}

/// Why a record that is intact has no leaf. The names and codes of commitments and tombstones.
public enum ExclusionReason: String, Sendable, CaseIterable, Comparable {
  case erasure
  case expired
  case optOut = "opt-out"
  case other
  case policy
  case withdrawal

  /// The code in a tombstone.
  public var code: UInt8 {
    switch self {
    case .erasure: 1
    case .expired: 2
    case .optOut: 3
    case .other: 4
    case .policy: 5
    case .withdrawal: 6
    }
  }

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
