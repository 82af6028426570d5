/// One place where an export is not what the commitment says.
public struct ExportFinding: Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public let file: String
  /// The stable code.
  public let code: String
  /// What is wrong, in one sentence.
  public let sentence: String

  init(_ file: String, _ code: String, _ sentence: String) {
    (self.file, self.code, self.sentence) = (file, code, sentence)
  }

  /// `file: export.code: sentence`.
  public var description: String { "\(file): export.\(code): \(sentence)" }
}
