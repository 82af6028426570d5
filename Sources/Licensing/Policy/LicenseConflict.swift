/// Licenses of one set that the policy says cannot both be met when the set is passed on.
public struct LicenseConflict: Hashable, Sendable {
  /// A license with those who stand under it.
  public struct Side: Hashable, Sendable {
    /// The license.
    public let license: String
    /// The sources, in order.
    public let sources: [String]
  }

  /// One side.
  public let a: Side
  /// The other.
  public let b: Side
  /// What follows.
  public let decision: Decision
  /// Why, in the policy's words.
  public let reason: String

  /// A license that records of a source stand under.
  public struct Holding: Hashable, Sendable {
    /// The source.
    public let source: String
    /// The license.
    public let license: String
    /// Its categories.
    public let categories: Set<String>

    /// A holding from its parts.
    public init(source: String, license: String, categories: Set<String>) {
      (self.source, self.license, self.categories) = (source, license, categories)
    }
  }

  /// All conflicts of a set, in order of their licenses; none where the policy does not decide on redistribution.
  ///
  /// - Complexity: O(conflicts · licenses²), whatever the number of sources.
  public static func find(among holdings: [Holding], policy: LicensePolicy) -> [LicenseConflict] {
    guard policy.uses.contains(.redistribute) else { return [] }
    var sources: [String: Set<String>] = [:]
    var categories: [String: Set<String>] = [:]
    for holding in holdings {
      sources[holding.license, default: []].insert(holding.source)
      categories[holding.license, default: []].formUnion(holding.categories)
    }
    let licenses = sources.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    func matches(_ license: String, _ name: String) -> Bool {
      license == name || categories[license]?.contains(name) == true
    }
    func side(_ license: String) -> Side {
      Side(license: license, sources: (sources[license] ?? []).sorted())
    }
    var found: [LicenseConflict] = []
    for rule in policy.conflicts {
      for (index, x) in licenses.enumerated() {
        for y in licenses[index...] where (x == y) == rule.sameLicense {
          guard
            matches(x, rule.a) && matches(y, rule.b) || matches(x, rule.b) && matches(y, rule.a)
          else { continue }
          found.append(
            LicenseConflict(a: side(x), b: side(y), decision: rule.then, reason: rule.reason)
          )
        }
      }
    }
    return found
  }
}
