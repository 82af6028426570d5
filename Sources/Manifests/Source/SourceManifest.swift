public import CanonicalCoding
public import Licensing
public import Merkle

/// What a person declares about one source: where its bytes are, whose they are, under which terms.
///
/// Decoded by `SourceManifest.decode`; the tool never writes one.
public struct SourceManifest: Sendable {
  /// The rows of a source, by field or column.
  public struct FieldMapping: Hashable, Sendable {
    /// The field that holds the text.
    public var text: String?
    /// The identifier.
    public var id: String?
    /// The field that holds the address.
    public var url: String?
    /// The license that applies, or the field that holds it.
    public var license: String?
    /// The field that holds the time.
    public var timestamp: String?
  }

  /// The dialect of CSV inputs.
  public struct CSVDialect: Hashable, Sendable {
    /// The byte between two fields.
    public var delimiter: UInt8 = UInt8(ascii: ",")
    /// The byte around quoted fields.
    public var quote: UInt8 = UInt8(ascii: "\"")
    /// Whether the first row names the columns.
    public var hasHeader = true
    /// The charset label, where one is declared.
    public var charset: String?
  }

  /// What is read from an SQLite database.
  public struct SQLSelection: Hashable, Sendable {
    /// The table.
    public var table: String?
    /// The query, where no table is read.
    public var query: String?
    /// The column that orders the rows and is unique.
    public var key: String
  }

  /// Where the bytes are and how they become records.
  public struct Input: Sendable {
    /// The paths, in both trees where there are two.
    public var paths: [String]
    /// A file that lists the digest of every input.
    public var sha256sums: String?
    /// What one leaf is.
    public var recordUnit: String
    /// The format by name, where it is fixed.
    public var format: String?
    /// The rules of the normal form.
    public var profile: String
    /// The charset label, where one is declared.
    public var charset: String?
    /// Which field or column is what.
    public var fields: FieldMapping
    /// The dialect of CSV inputs.
    public var csv: CSVDialect
    /// What is read from a database.
    public var sql: SQLSelection?
    /// Whether an undeclared license is committed as NOASSERTION.
    public var undeclaredLicenseIsUnknown: Bool
    /// Only names that match are taken, if there is any pattern.
    public var include: [String]
    /// Names that match are excluded.
    public var exclude: [String]
    /// Whether a payload without text is committed as it is.
    public var commitsRawOnTextFailure: Bool
    /// The last day of collection.
    public var collectedTo: CivilDate
  }

  /// A document that the manifest names, with its digest.
  public struct Document: Hashable, Sendable {
    /// The field in question, dotted.
    public var field: String
    /// Its path or address.
    public var uri: String
    /// The SHA-256 side.
    public var sha256: String?
    /// Where it stands in the file.
    public var position: SourcePosition
  }

  /// One license as the source or an override gives it.
  public struct LicenseGrant: Sendable {
    /// What legal concluded.
    public var concluded: LicenseExpression
    /// What the conclusion rests on: `license`, `contract`, `tdm-exception` and so on.
    public var basis: String
    /// The places where it holds, or that are asked for.
    public var jurisdictions: [String]
    /// What each use is allowed.
    public var uses: [Use: Decision]
    /// The first valid day.
    public var from: CivilDate?
    /// The last valid day.
    public var until: CivilDate?
    /// Whether an ended term asks for review instead of denying.
    public var warnsOnExpiry: Bool
    /// The six members that make two grants the same, in the typed form.
    public var identity: JSONValue
    /// Where it stands in the file.
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
    /// Which records it is about.
    public var match: Match
    /// What follows for a record that matches.
    public var effect: Effect
    /// Where it stands in the file.
    public var position: SourcePosition
  }

  /// The review that a manifest itself may hold.
  public struct InlineReview: Hashable, Sendable {
    /// The state.
    public var status: Review.Status
    /// Who decided.
    public var by: String
    /// The day of the decision.
    public var on: CivilDate
    /// Why, in words.
    public var reason: String
    /// The last day on which it counts.
    public var expires: CivilDate?
  }

  /// The file as it was named to us.
  public var file: String
  /// The identifier.
  public var id: String
  /// The title.
  public var title: String
  /// The plugin.
  public var plugin: String
  /// The version.
  public var version: String
  /// What the data is: text, image, audio, video, other.
  public var modalities: [String]
  /// The rights holder or keeper.
  public var owner: String
  /// Where the bytes are.
  public var input: Input
  /// What the supplier says, as written.
  public var declaredLicense: String
  /// The license that applies, or the field that holds it.
  public var license: LicenseGrant
  /// The axes that the manifest gives for licenses the table does not know.
  public var axes: [String: LicenseAxes]
  /// The overrides in their order.
  public var overrides: [Override]
  /// Keys of records whose consent was withdrawn.
  public var withdrawals: String?
  /// What an unknown preference means under an exception.
  public var onUnknownPreference: Decision?
  /// The user agent of the crawler, as it was or will be sent.
  public var crawlerAgent: String?
  /// What a live crawl fetches; `nil` for archives that came from elsewhere.
  public var crawl: Crawl?
  /// The review in the manifest, for a team of one; it counts only where there are no signed reviews.
  public var inlineReview: InlineReview?
  /// The signed reviews of the source, which nobody but the caller has checked; empty when a manifest is decoded.
  public var reviews = ReviewHistory.empty
  /// Licenses of the sources that this one was made from; they join the source's own by AND.
  public var derivedLicenses: [LicenseExpression]
  /// Whether personal data is present: no, possible, yes.
  public var personalData: String
  /// Whether data is machine-made: none, some, all.
  public var synthetic: String
  /// What the data is for.
  public var purpose: String
  /// Whether leaves are salted and names stay out of public files.
  public var confidential: Bool
  /// The policy.
  public var policy: String
  /// The documents that the manifest names.
  public var documents: [Document]
  /// SHA-256 of JCS of the typed form is the manifest's digest.
  public var typedForm: JSONValue
  /// SHA-256 of JCS of the typed form.
  public let digest: SHA256Hash
  /// The file's bytes.
  public var fileBytes: [UInt8]
  /// What is worth a look.
  public var warnings: [ManifestFinding]
}

/// Why a record that is intact has no leaf.
///
/// The names and codes of commitments and tombstones.
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

  /// The order of the parts.
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
