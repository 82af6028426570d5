/// Where a conclusion holds: `any`, `EU`, or an ISO 3166-1 country code.
public enum Jurisdiction {
  /// The member states of the European Union (27, as of 2020-02-01).
  static let unionMembers: Set<String> = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
  ]

  /// Whether a license that holds in `places` covers `wanted`: the union covers its members, and a
  /// member does not cover the union.
  public static func covers(_ places: [String], _ wanted: String) -> Bool {
    places.contains("any") || places.contains(wanted)
      || (places.contains("EU") && unionMembers.contains(wanted))
  }

  /// Whether a text is two upper-case letters, the form of a country code.
  public static func isCountry(_ text: String) -> Bool {
    text.utf8.count == 2 && text.utf8.allSatisfy { (0x41...0x5A).contains($0) }
  }
}
