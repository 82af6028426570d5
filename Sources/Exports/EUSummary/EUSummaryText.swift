internal import CanonicalCoding

/// The summary as a text that people read; it says what the data says, in the same order.
enum EUSummaryText {
  static func encode(_ summary: JSONValue, title: String) -> [UInt8] {
    var text = "# \(Markdown.escape("Summary of training content: \(title)"))\n\n"
    text +=
      "Regulation (EU) 2024/1689, Article 53(1)(d); headings of the Commission's template C(2025) 5235.\n"
    let object = summary.object ?? [:]
    for name in ["date", "epoch", "commitSha256", "combinedSha256Root"] {
      text += "\n* \(name): \(Markdown.escape(object[name]?.text ?? ""))"
    }
    text += "\n"
    for name in object.sortedNames where name.first?.isNumber == true {
      text += "\n## \(name)\n\n"
      text += render(object[name] ?? .null, depth: 0)
    }
    text +=
      "\n3.3 and every part that no source stands in are left empty on purpose. Not legal advice.\n"
    return Array(text.utf8)
  }

  private static func render(_ value: JSONValue, depth: Int) -> String {
    let indent = String(repeating: "  ", count: depth)
    switch value {
    case .array(let elements) where elements.isEmpty: return "\(indent)none\n"
    case .array(let elements):
      return elements.map { element in
        guard case .object(let object) = element else {
          return "\(indent)* \(Markdown.escape(element.text ?? ""))\n"
        }
        let name = object["title"]?.text ?? object["id"]?.text ?? ""
        return "\(indent)* **\(Markdown.escape(name))**\n"
          + render(.object(object), depth: depth + 1)
      }.joined()
    case .object(let object):
      return object.sortedNames.map { name in
        let value = object[name] ?? .null
        if let line = line(value) { return "\(indent)* \(name): \(Markdown.escape(line))\n" }
        return "\(indent)* \(name):\n" + render(value, depth: depth + 1)
      }.joined()
    default: return "\(indent)\(Markdown.escape(line(value) ?? ""))\n"
    }
  }

  /// A value that fits on a line; `nil` for one that does not.
  private static func line(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): return text
    case .bool(let value): return value ? "yes" : "no"
    case .array(let elements) where elements.allSatisfy({ $0.text != nil }):
      return elements.isEmpty ? "none" : elements.compactMap(\.text).joined(separator: ", ")
    default: return nil
    }
  }
}
