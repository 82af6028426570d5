internal import CanonicalCoding

/// The vendored SPDX license list: which identifiers exist, and how they are spelled.
public enum SPDXLicenseList {
  /// The version that commitments name.
  public static var version: String { SPDXData.version }

  /// License identifiers in byte order.
  public static let licenses = SPDXData.licenses.split(separator: "\n").map(String.init)
  /// Exception identifiers in byte order.
  public static let exceptions = SPDXData.exceptions.split(separator: "\n").map(String.init)
  private static let deprecated = Set(SPDXData.deprecated.split(separator: "\n").map(String.init))
  private static let licenseSpelling = spelling(licenses)
  private static let exceptionSpelling = spelling(exceptions)

  private static func spelling(_ names: [String]) -> [String: String] {
    Dictionary(uniqueKeysWithValues: names.map { ($0.lowercased(), $0) })
  }

  /// The list's spelling of a license identifier, which is case-insensitive.
  public static func license(_ name: String) -> String? { licenseSpelling[name.lowercased()] }
  /// The list's spelling of an exception identifier.
  public static func exception(_ name: String) -> String? { exceptionSpelling[name.lowercased()] }
  /// Whether the list discourages the identifier.
  public static func isDeprecated(_ license: String) -> Bool { deprecated.contains(license) }

  /// The bytes whose digest commitments name: JCS of the sorted license ids, then the exceptions.
  public static var canonicalBytes: [UInt8] {
    CanonicalJSON.encode(.array((licenses + exceptions).map(JSONValue.string)))
  }
}
