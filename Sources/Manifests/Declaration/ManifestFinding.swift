/// One thing that is wrong, or worth a look, in a file that a person wrote.
public struct ManifestFinding: Hashable, Sendable, CustomStringConvertible {
  /// Whether the file is refused for it.
  public enum Severity: String, Sendable {
    case error
    case warning
  }

  /// The file as it was named to us.
  public let file: String
  /// Line and column, from 1.
  public let line: Int
  /// The column, from 1.
  public let column: Int
  /// The stable code, with its prefix: `manifest.unknown-key`.
  public let code: String
  /// The field in question, dotted: `license.term.until`.
  public let field: String
  /// What is wrong and what to do, in one sentence.
  public let sentence: String
  /// Whether the file is refused for it.
  public let severity: Severity

  /// `file:line:column: code: field: sentence`.
  public var description: String {
    let subject = field.isEmpty ? "" : "\(field): "
    let label = severity == .warning ? "warning: " : ""
    return "\(file):\(line):\(column): \(label)\(code): \(subject)\(sentence)"
  }

  /// A finding at a place.
  public init(
    file: String,
    line: Int,
    column: Int,
    code: String,
    field: String,
    sentence: String,
    severity: Severity = .error
  ) {
    (self.file, self.line, self.column) = (file, line, column)
    (self.code, self.field, self.sentence, self.severity) = (code, field, sentence, severity)
  }
}

/// All findings of a file that was refused.
public struct ManifestError: Error, Sendable, CustomStringConvertible {
  /// In the order of the file.
  public let findings: [ManifestFinding]

  /// A refusal for these reasons.
  public init(_ findings: [ManifestFinding]) { self.findings = findings }

  /// One sentence for people; it holds no record content.
  public var description: String { findings.map(\.description).joined(separator: "\n") }
}
