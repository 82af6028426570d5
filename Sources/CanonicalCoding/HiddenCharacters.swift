/// Characters that people do not see, and that change what they do see: control characters, and marks that turn the direction
/// of writing (Unicode UAX #9, "Trojan source").
public enum HiddenCharacters {
  /// Whether a character is one; a line end is one too.
  public static func contains(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }

  /// A hidden character as people can see it.
  public static func visible(_ scalar: Unicode.Scalar) -> String {
    "\\u{" + String(scalar.value, radix: 16) + "}"
  }

  /// A text in which nothing is hidden.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - keepsLines: whether line ends stay what they are.
  /// - Returns: the text with a number in the place of each hidden character.
  public static func escape(_ text: String, keepsLines: Bool = false) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
      if contains(scalar), !(keepsLines && scalar == "\n") {
        shown += visible(scalar)
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }
}
