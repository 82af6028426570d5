public import CanonicalCoding

/// What a license of data allows, axis by axis; SPDX names licenses and says nothing of this.
public struct LicenseAxes: Hashable, Sendable {
  /// The axes in the order of the table, each with the values it may take.
  public static let values: [(name: String, values: [String])] = [
    ("commercial", ["allowed", "denied", "unstated"]),
    ("derivatives", ["allowed", "private", "denied", "unstated"]),
    ("shareAlike", ["none", "derivatives", "database", "unstated"]),
    ("attribution", ["none", "notice", "required", "unstated"]),
    ("redistribution", ["allowed", "conditional", "denied", "unstated"]),
    ("databaseRight", ["waived", "licensed", "unstated"]),
    ("aiRestriction", ["none", "behavior", "output", "purpose", "research", "denied", "unstated"]),
    ("term", ["perpetual", "fixed", "revocable", "unstated"]),
  ]

  private let entries: [String: String]

  /// Axes by name; `nil` unless every axis is there with one of its values.
  public init?(_ entries: [String: String]) {
    guard entries.count == Self.values.count else { return nil }
    for axis in Self.values {
      guard let value = entries[axis.name], axis.values.contains(value) else { return nil }
    }
    self.entries = entries
  }

  /// The value of an axis, "unstated" for a name that is no axis.
  public subscript(_ name: String) -> String { entries[name] ?? "unstated" }

  /// The axes as JSON.
  public var json: JSONValue {
    .object(JSONObject(entries.map { ($0.key, .string($0.value)) }))
  }

  /// The categories that rules name: a set, computed from the axes alone.
  public var categories: Set<String> {
    var found: Set<String> = []
    if self["commercial"] == "denied" { found.insert("non-commercial") }
    if ["private", "denied"].contains(self["derivatives"]) { found.insert("no-derivatives") }
    if ["derivatives", "database"].contains(self["shareAlike"]) { found.insert("share-alike") }
    if ["behavior", "output", "purpose"].contains(self["aiRestriction"]) {
      found.insert("use-restricted")
    }
    if self["aiRestriction"] == "research" { found.insert("research-only") }
    if self["aiRestriction"] == "denied" { found.insert("ai-denied") }
    if ["conditional", "denied"].contains(self["redistribution"]) {
      found.insert("no-redistribution")
    }
    if self["term"] == "fixed" { found.insert("term-limited") }
    if Self.values.contains(where: { $0.name != "databaseRight" && self[$0.name] == "unstated" }) {
      found.insert("unstated")
    }
    if found.isEmpty {
      switch self["attribution"] {
      case "none": found.insert("public-domain")
      case "notice": found.insert("permissive")
      default: found.insert("attribution-data")
      }
    }
    return found
  }

  /// What the axes say about a use, where the manifest says nothing.
  public func derivedDecision(for use: Use) -> Decision {
    switch use {
    case .commercial, .redistribute:
      switch self[use == .commercial ? "commercial" : "redistribution"] {
      case "allowed": return .allow
      case "denied": return .deny
      default: return .review
      }
    case .train, .fineTune, .evaluate:
      if self["aiRestriction"] == "denied" { return .deny }
      return self["aiRestriction"] == "none" && self["derivatives"] == "allowed" ? .allow : .review
    }
  }
}
