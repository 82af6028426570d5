internal import CanonicalCoding
internal import Licensing

/// The distinct licenses that a source manifest can give a record, in their order.
///
/// A leaf's `licenseIndex` is a position here. The manifest alone gives them, without reading a record.
public struct LicenseEntries: Sendable {
  /// One entry.
  public struct Entry: Sendable {
    /// The expression, normalized.
    public let expression: String
    /// The grant; `nil` for the entry of undeclared licenses.
    public let grant: SourceManifest.LicenseGrant?
  }

  /// The entries in order: the source's own, `NOASSERTION` if undeclared licenses are committed as
  /// unknown, then each override's.
  public let entries: [Entry]
  /// The entry of each override, by its number; `nil` for exclusions.
  public let indexOfOverride: [Int?]
  /// The entry of undeclared licenses.
  public let unknownIndex: Int?
  /// The entry of the first override of each expression, by its normalized text.
  private let indexOfExpression: [String: Int]

  /// The entries of a manifest.
  public init(_ manifest: SourceManifest) {
    var entries = [
      Entry(expression: manifest.license.concluded.normalized, grant: manifest.license)
    ]
    // Thousands of overrides may name a handful of licenses: what is the same is found by its bytes.
    var known = [CanonicalJSON.encode(manifest.license.identity): 0]
    unknownIndex = manifest.input.undeclaredLicenseIsUnknown ? 1 : nil
    if unknownIndex != nil {
      entries.append(Entry(expression: "NOASSERTION", grant: nil))
    }
    var indices: [Int?] = []
    var byExpression: [String: Int] = [:]
    for override in manifest.overrides {
      guard case .license(let grant) = override.effect else {
        indices.append(nil)
        continue
      }
      let expression = grant.concluded.normalized
      let identity = CanonicalJSON.encode(grant.identity)
      let index = known[identity] ?? entries.count
      if index == entries.count {
        entries.append(Entry(expression: expression, grant: grant))
        known[identity] = index
      }
      indices.append(index)
      byExpression[expression] = byExpression[expression] ?? index
    }
    indexOfExpression = byExpression
    self.entries = entries
    indexOfOverride = indices
  }

  /// The entry that a record's own license field chooses: the first override of the same expression.
  public func index(declared text: String) -> Int? {
    // Most records write the license as the manifest does: nothing has to be parsed then.
    if let known = indexOfExpression[text] { return known }
    guard let expression = try? LicenseExpression(text) else { return nil }
    return indexOfExpression[expression.normalized]
  }
}
