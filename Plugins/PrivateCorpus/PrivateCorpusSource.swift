public import SourceAPI

/// A team's own texts: JSONL with mapped fields, CSV after RFC 4180, text files, an SQLite table.
public struct PrivateCorpusSource: SourcePlugin {
  /// The name.
  public static let name = "private-corpus"
  /// The version.
  public static let version = "1.0.0"

  private enum Format: String {
    case jsonl, csv, text, sql
  }

  private let configuration: SourceConfiguration
  private let format: Format

  /// Takes a configuration.
  public init(configuration: SourceConfiguration) throws(SourceError) {
    self.configuration = configuration
    if let name = configuration.format {
      guard let format = Format(rawValue: name) else {
        throw .formatNotEnabled(
          input: "input.format",
          format: name,
          hint: "private-corpus reads jsonl, csv, text and sql"
        )
      }
      self.format = format
    } else {
      format = Self.guess(configuration.inputs.first?.name ?? "")
    }
    if format == .sql, configuration.sql == nil {
      throw .configuration(
        field: "input.sql",
        detail: "a database needs table or query, and key; add them"
      )
    }
  }

  /// By the first input's name; a manifest with other names says its format.
  private static func guess(_ name: String) -> Format {
    var name = name.lowercased()
    for suffix in [".gz", ".zst"] where name.hasSuffix(suffix) { name.removeLast(suffix.count) }
    if [".jsonl", ".ndjson"].contains(where: name.hasSuffix) { return .jsonl }
    if name.hasSuffix(".csv") || name.hasSuffix(".tsv") { return .csv }
    if [".sqlite", ".sqlite3", ".db"].contains(where: name.hasSuffix) { return .sql }
    return .text
  }

  /// Starts reading at a checkpoint.
  public func reader(from checkpoint: Checkpoint?) throws(SourceError) -> any MemberReader {
    let place = checkpoint ?? .start(of: 0)
    switch format {
    case .jsonl: return try JSONLReader(configuration, from: place)
    case .csv: return try CSVReader(configuration, from: place)
    case .text: return TextTreeReader(configuration, from: place)
    case .sql:
      guard let selection = configuration.sql else {
        throw .configuration(field: "input.sql", detail: "is missing")
      }
      return try SQLiteReader(configuration, selection, from: place)
    }
  }
}
