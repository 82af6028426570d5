public import CanonicalCoding

/// Our table of axes for data licenses.
///
/// A proposal until a lawyer has reviewed it.
public enum LicenseTable {
  /// The version that commitments name.
  public static var version: String { LicenseTableData.version }

  private static let rows: [String: LicenseAxes] = {
    var rows: [String: LicenseAxes] = [:]
    for line in LicenseTableData.rows.split(separator: "\n") {
      let fields = line.split(separator: " ").map(String.init)
      let axes = Dictionary(
        uniqueKeysWithValues: zip(LicenseAxes.values.map(\.name), fields.dropFirst())
      )
      rows[fields[0]] = LicenseAxes(axes)
    }
    return rows
  }()

  /// The axes of a license, if the table has them.
  public static func axes(of license: String) -> LicenseAxes? { rows[license] }

  /// The whole table as it is committed to: rows in byte order of their identifiers.
  public static var json: JSONValue {
    let licenses = rows.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .compactMap { id in rows[id].map { (id, $0) } }
      .map { id, axes -> JSONValue in
        [
          "id": .string(id), "axes": axes.json,
          "categories": .array(axes.categories.sorted().map(JSONValue.string)),
        ]
      }
    return [
      "apiVersion": "ingest/v1", "kind": "LicenseTable", "version": .string(version),
      "reviewedBy": [], "licenses": .array(licenses),
    ]
  }
}
