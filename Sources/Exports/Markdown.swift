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
        if PlainText.isHidden(scalar) {
          shown += scalar == "\n" ? " " : PlainText.visible(scalar)
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

/// Texts of people in plain text: nothing in them moves a cursor or turns the direction of writing.
enum PlainText {
  /// Control characters, and marks that change the direction of what stands around them.
  static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }

  /// A hidden character as people can see it.
  static func visible(_ scalar: Unicode.Scalar) -> String {
    "\\u{" + String(scalar.value, radix: 16) + "}"
  }

  /// A text whose hidden characters can be seen; line ends stay.
  static func escape(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
      if scalar != "\n", isHidden(scalar) {
        shown += visible(scalar)
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }
}
