internal import CanonicalCoding
internal import Manifests

/// Which of the allowed records a run reads: clauses that must all hold.
///
/// `source=a|b, license=MIT, language=en, mediaType=text/html, words>=100, bytes<=1000000`.
public struct FeedSelection: Sendable {
  /// What a clause asks for.
  enum Clause: Sendable, Equatable {
    case source([String])
    case license([String])
    case language([String])
    case mediaType([String])
    case bytes(ClosedRange<UInt64>)
    case words(ClosedRange<UInt64>)
  }

  /// The text as it was given.
  public let text: String
  let clauses: [Clause]

  /// Everything that is allowed.
  public static let all = FeedSelection(text: "", clauses: [])

  private init(text: String, clauses: [Clause]) { (self.text, self.clauses) = (text, clauses) }

  /// Reads an expression.
  ///
  /// - Throws: `IngestError` 64 naming the clause.
  public init(_ text: String) throws(IngestError) {
    var clauses: [Clause] = []
    for part in text.split(separator: ",") {
      let clause = Self.trimmed(part)
      guard let read = Self.clause(clause) else {
        throw IngestError(
          .usage,
          "--select: '\(clause)' is no clause; write source=, license=, language=, mediaType= with values a|b, or bytes and words with >=, <= or = and a number, separated by commas"
        )
      }
      clauses.append(read)
    }
    self.init(text: text, clauses: clauses)
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first == " " { text = text.dropFirst() }
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }

  private static func clause(_ text: String) -> Clause? {
    for (name, make) in [("bytes", Clause.bytes), ("words", Clause.words)] {
      guard text.hasPrefix(name) else { continue }
      let rest = text.dropFirst(name.count)
      if rest.hasPrefix(">="), let value = UInt64(rest.dropFirst(2)) {
        return make(value...UInt64.max)
      }
      if rest.hasPrefix("<="), let value = UInt64(rest.dropFirst(2)) { return make(0...value) }
      if rest.hasPrefix("="), let value = UInt64(rest.dropFirst()) { return make(value...value) }
      return nil
    }
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let values = text[text.index(after: equals)...].split(separator: "|").map(Self.trimmed)
    guard !values.isEmpty else { return nil }
    switch text[..<equals] {
    case "source": return .source(values)
    case "license": return .license(values)
    case "language": return .language(values.map { $0.lowercased() })
    case "mediaType": return .mediaType(values.map { $0.lowercased() })
    default: return nil
    }
  }

  /// Whether a record is read.
  func takes(_ row: LeafRow, source: String, license: String) -> Bool {
    guard !clauses.isEmpty else { return true }
    let asksDescriptor = clauses.contains {
      switch $0 {
      case .language, .mediaType: true
      default: false
      }
    }
    let descriptor = asksDescriptor ? (try? JSONParser.parse(row.descriptor))?.object : nil
    return clauses.allSatisfy { clause in
      switch clause {
      case .source(let names): names.contains(source)
      case .license(let names): names.contains(license)
      case .bytes(let range): range.contains(row.leaf.contentByteCount)
      case .words(let range): range.contains(row.leaf.wordCount)
      case .language(let names):
        names.contains((descriptor?["language"]?.text ?? "und").lowercased())
      case .mediaType(let names): names.contains(descriptor?["mediaType"]?.text ?? "")
      }
    }
  }
}
