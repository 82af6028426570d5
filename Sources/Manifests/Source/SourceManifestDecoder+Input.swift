internal import CanonicalCoding
internal import Licensing

/// The section that says what is read and how: `input`.
extension SourceManifestDecoder {
  func decodeInput() -> SourceManifest.Input? {
    guard let map = root.map("input", required: true) else { return nil }
    let paths = map.texts("paths", required: true)
    for path in paths ?? [] { _ = map.checkPath(path, "paths") }
    let sums = map.path("sha256sums")
    let unit = map.text("recordUnit", required: true, length: 1...64)
    let format = map.choice(
      "format",
      ["warc", "wacz", "wet", "archive", "jsonl", "csv", "text", "sql"],
      code: "format-unknown"
    )
    var profile: String?
    if let normalize = map.map("normalize") {
      profile = normalize.choice(
        "profile",
        ["raw-v1", "text-nfc-v1", "html-text-v1"],
        required: true,
        code: "profile-unknown"
      )
      normalize.finish()
    }
    let fields = decodeFields(map)
    let undeclared = map.choice("onUndeclaredLicense", ["reject", "unknown"])
    if undeclared != nil, fields.license == nil {
      map.report(
        "fields",
        "onUndeclaredLicense",
        "says what fields.license means, and there is none; add it or remove this"
      )
    }
    let csv = decodeCSV(map)
    let sql = decodeSQL(map, isRequired: format == "sql")
    let onFailure = map.choice("onTextFailure", ["reject", "raw"])
    let charset = map.text("charset", length: 1...40)
    let include = map.texts("include") ?? []
    let exclude = map.texts("exclude") ?? []
    var collectedTo: CivilDate?
    if let collected = map.map("collected", required: true) {
      let from = collected.date("from", required: true)
      collectedTo = collected.date("to", required: true)
      _ = collected.bool("ongoing", required: true)
      if let from, let to = collectedTo, to < from {
        collected.report("date-order", "to", "lies before 'from'; swap the two")
      }
      collected.finish()
    }
    for country in map.texts("geography") ?? [] where !Jurisdiction.isCountry(country) {
      map.report("country", "geography", "'\(country.prefix(40))' is no two-letter country code")
    }
    map.finish()
    guard let paths, let unit, let collectedTo else { return nil }
    return SourceManifest.Input(
      paths: paths,
      sha256sums: sums,
      recordUnit: unit,
      format: format,
      profile: profile ?? "text-nfc-v1",
      charset: charset,
      fields: fields,
      csv: csv,
      sql: sql,
      undeclaredLicenseIsUnknown: undeclared == "unknown",
      include: include,
      exclude: exclude,
      commitsRawOnTextFailure: onFailure == "raw",
      collectedTo: collectedTo
    )
  }

  private func decodeFields(_ map: MapReader) -> SourceManifest.FieldMapping {
    guard let fields = map.map("fields") else { return SourceManifest.FieldMapping() }
    let mapping = SourceManifest.FieldMapping(
      text: fields.text("text"),
      id: fields.text("id"),
      url: fields.text("url"),
      license: fields.text("license"),
      timestamp: fields.text("timestamp")
    )
    fields.finish()
    return mapping
  }

  private func decodeCSV(_ map: MapReader) -> SourceManifest.CSVDialect {
    var dialect = SourceManifest.CSVDialect()
    guard let csv = map.map("csv") else { return dialect }
    func character(_ name: String) -> UInt8? {
      guard let text = csv.text(name) else { return nil }
      guard text.utf8.count == 1, let byte = text.utf8.first, byte < 0x80 else {
        csv.report("fields", name, "is one ASCII character")
        return nil
      }
      return byte
    }
    dialect.delimiter =
      csv.choice("delimiter", [",", ";", "|", "tab"]) == "tab"
      ? 9 : character("delimiter") ?? dialect.delimiter
    dialect.quote = character("quote") ?? dialect.quote
    dialect.hasHeader = csv.choice("header", ["present", "absent"]) != "absent"
    dialect.charset = csv.text("charset")
    csv.finish()
    return dialect
  }

  private func decodeSQL(_ map: MapReader, isRequired: Bool) -> SourceManifest.SQLSelection? {
    guard let sql = map.map("sql", required: isRequired) else { return nil }
    let table = sql.text("table", length: 1...200)
    let query = sql.text("query", length: 1...4000)
    let key = sql.text("key", required: true, length: 1...200)
    if (table == nil) == (query == nil) {
      sql.report("fields", "table", "exactly one of table and query is needed")
    }
    sql.finish()
    return key.map { SourceManifest.SQLSelection(table: table, query: query, key: $0) }
  }
}
