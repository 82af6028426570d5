internal import CanonicalCoding

/// Texts of people inside Markdown: nothing of them is markup.
enum Markdown {
  /// A text on one line, with every character that Markdown or HTML could take for markup escaped.
  static func escape(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": shown += "&lt;"
      case ">": shown += "&gt;"
      case "&": shown += "&amp;"
      case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "#", "+", "!", "|", "~", "$":
        shown += "\\"
        shown.unicodeScalars.append(scalar)
      default:
        if HiddenCharacters.contains(scalar) {
          shown += scalar == "\n" ? " " : HiddenCharacters.visible(scalar)
        } else {
          shown.unicodeScalars.append(scalar)
        }
      }
    }
    return shown
  }

  /// A table: texts are escaped here.
  static func table(_ head: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String { "| \(cells.map(escape).joined(separator: " | ")) |\n" }
    return line(head) + "|\(String(repeating: " --- |", count: head.count))\n"
      + rows.map(line).joined()
  }
}
