public import CanonicalCoding

/// A place in a file, from 1.
public struct SourcePosition: Hashable, Sendable {
  /// The line, from 1.
  public let line: Int
  /// The column, from 1.
  public let column: Int

  /// A place.
  public init(line: Int, column: Int) { (self.line, self.column) = (line, column) }
}

/// YAML as we take it: texts, lists and mappings, each with its place; no type is guessed.
///
/// `NO` is the text "NO" and `2026.09` the text "2026.09". A plain `null`, `~` or nothing is no
/// value at all.
public indirect enum Declaration: Sendable {
  case text(String, SourcePosition)
  case list([Declaration], SourcePosition)
  case map([Member], SourcePosition)
  case absent(SourcePosition)

  /// One entry of a mapping.
  public struct Member: Sendable {
    /// The name.
    public let name: String
    /// Where it stands in the file.
    public let position: SourcePosition
    /// The value.
    public let value: Declaration
  }

  /// Where it stands.
  public var position: SourcePosition {
    switch self {
    case .text(_, let position), .list(_, let position), .map(_, let position),
      .absent(let position):
      position
    }
  }

  /// The members whose value is a truth value; everything else is text.
  private static let booleanNames: Set<String> = [
    "ongoing", "required", "confidential", "sameLicense",
  ]

  /// The typed form, which is what digests are taken of: texts, four named booleans, no member
  /// without value, no default filled in, no comment.
  public var typedForm: JSONValue { typedForm(named: "") }

  private func typedForm(named name: String) -> JSONValue {
    switch self {
    case .text(let text, _):
      return Self.booleanNames.contains(name) ? .bool(text == "true") : .string(text)
    case .list(let elements, _): return .array(elements.map { $0.typedForm(named: "") })
    case .map(let members, _):
      return .object(
        JSONObject(
          members.compactMap { member in
            if case .absent = member.value { return nil }
            return (member.name, member.value.typedForm(named: member.name))
          }
        )
      )
    case .absent: return .null
    }
  }
}
