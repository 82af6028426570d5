/// Looks for what may not reach the YAML library: anchors, aliases, tags, further documents, a BOM.
///
/// The library resolves aliases while it composes, and compares whole nodes while it looks for
/// double keys, so that nine lines can cost it minutes. This scan runs before it, in one pass, and
/// knows just enough of YAML: quotes, comments, block texts.
enum YAMLGuard {
  struct Refusal {
    let code: String
    let sentence: String
    let position: SourcePosition
  }

  static func firstRefusal(_ bytes: [UInt8]) -> Refusal? {
    var quote: UInt8?
    var blockIndent: Int?
    for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      .enumerated()
    {
      let text = Array(line.last == 0x0D ? line.dropLast() : line)
      let indent = text.prefix { $0 == 0x20 }.count
      if let parent = blockIndent {
        if indent > parent || text.allSatisfy({ $0 == 0x20 }) { continue }
        blockIndent = nil
      }
      let result = scan(text, line: number + 1, quote: &quote)
      if let refusal = result { return refusal }
      if quote == nil, opensBlock(text) { blockIndent = indent }
    }
    return nil
  }

  private static func scan(_ text: [UInt8], line: Int, quote: inout UInt8?) -> Refusal? {
    func refuse(_ code: String, _ sentence: String, _ column: Int) -> Refusal {
      Refusal(
        code: code,
        sentence: sentence,
        position: SourcePosition(line: line, column: column + 1)
      )
    }
    if text.starts(with: [0xEF, 0xBB, 0xBF]) {
      return refuse("bom", "the file starts with a byte order mark; save it without", 0)
    }
    if quote == nil, text.starts(with: Array("---".utf8)), line > 1,
      text.count == 3 || text[3] == 0x20
    {
      return refuse("documents", "a file holds one document; remove the line ---", 0)
    }
    if quote == nil, text.first == UInt8(ascii: "%") {
      return refuse("directive", "directives are refused; remove the line", 0)
    }
    var isTokenStart = true
    var column = 0
    while column < text.count {
      let byte = text[column]
      if let open = quote {
        if open == UInt8(ascii: "\""), byte == UInt8(ascii: "\\") {
          column += 1
        } else if byte == open {
          quote = nil
        }
        column += 1
        isTokenStart = false
        continue
      }
      let next = column + 1 < text.count ? text[column + 1] : 0x20
      if isTokenStart {
        switch byte {
        case UInt8(ascii: "&") where isNameByte(next), UInt8(ascii: "*") where isNameByte(next):
          return refuse(
            "anchor",
            "anchors and aliases are refused; quote the text or write it out",
            column
          )
        case UInt8(ascii: "!"):
          return refuse("tag", "explicit tags are refused; quote the text", column)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
        case UInt8(ascii: "#"): return nil
        default: break
        }
      } else if byte == UInt8(ascii: "#"), column > 0, text[column - 1] == 0x20 {
        return nil
      }
      switch byte {
      case 0x20: break
      case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","): isTokenStart = true
      case UInt8(ascii: "-"), UInt8(ascii: "?"): isTokenStart = isTokenStart && next == 0x20
      case UInt8(ascii: ":"): isTokenStart = next == 0x20
      default: isTokenStart = false
      }
      column += 1
    }
    return nil
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte != 0x20 && byte != UInt8(ascii: "*") && byte != UInt8(ascii: ",")
      && byte != UInt8(ascii: "]") && byte != UInt8(ascii: "}")
  }

  /// Whether a line ends in `|` or `>` with its indicators, after `: ` or `- `.
  private static func opensBlock(_ text: [UInt8]) -> Bool {
    var end = text.count
    while end > 0, text[end - 1] == 0x20 { end -= 1 }
    while end > 0,
      [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(text[end - 1])
        || (0x31...0x39).contains(text[end - 1])
    {
      end -= 1
    }
    guard end > 1, text[end - 1] == UInt8(ascii: "|") || text[end - 1] == UInt8(ascii: ">") else {
      return false
    }
    return text[end - 2] == 0x20
  }
}
