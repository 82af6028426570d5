/// Media types as far as a scan needs them: the essence, a charset, and a guess from bytes.
public enum MediaType {
  /// `type/subtype`, lower case, without parameters; empty if it has not that form.
  public static func essence(_ value: String) -> String {
    let bytes = value.utf8.prefix { $0 != UInt8(ascii: ";") }.filter { $0 > 0x20 }
    guard bytes.contains(UInt8(ascii: "/")) else { return "" }
    return String(
      decoding: bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 },
      as: UTF8.self
    )
  }

  /// The value of the parameter `charset`.
  public static func charset(_ value: String) -> String? {
    for parameter in value.split(separator: ";").dropFirst() {
      let parts = parameter.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, trimmed(parts[0]).lowercased() == "charset" else { continue }
      return trimmed(parts[1])
    }
    return nil
  }

  /// Without white space and quotes.
  private static func trimmed(_ text: Substring) -> String {
    String(decoding: text.utf8.filter { $0 > 0x20 && $0 != 0x22 && $0 != 0x27 }, as: UTF8.self)
  }

  /// The type of a file name's extension, for the types that a text corpus meets.
  public static func ofName(_ name: String) -> String? {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
    return byExtension[name[name.index(after: dot)...].lowercased()]
  }

  private static let byExtension: [String: String] = [
    "html": "text/html", "htm": "text/html", "xhtml": "application/xhtml+xml", "txt": "text/plain",
    "text": "text/plain", "md": "text/markdown", "markdown": "text/markdown", "rst": "text/x-rst",
    "xml": "application/xml", "json": "application/json", "jsonl": "application/x-ndjson",
    "css": "text/css", "js": "text/javascript", "csv": "text/csv", "py": "text/x-python",
    "c": "text/x-c", "h": "text/x-c", "sh": "text/x-shellscript", "toml": "text/x-toml",
    "cfg": "text/plain", "ini": "text/plain", "yml": "text/x-yaml", "yaml": "text/x-yaml",
    "swift": "text/x-swift", "rs": "text/x-rust", "go": "text/x-go", "java": "text/x-java",
    "tex": "text/x-tex", "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg",
    "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "ico": "image/x-icon",
    "pdf": "application/pdf", "woff": "font/woff", "woff2": "font/woff2", "gz": "application/gzip",
    "zip": "application/zip",
  ]

  /// A guess from the first bytes after the WHATWG MIME Sniffing Standard, section 7: HTML, XML, PDF
  /// and images by signature, text unless a binary byte stands in the first 1,445 bytes.
  public static func sniff(_ bytes: ArraySlice<UInt8>) -> String {
    let head = bytes.prefix(1445)
    let start = head.drop { [0x09, 0x0A, 0x0C, 0x0D, 0x20].contains($0) }
    for (signature, type) in signatures where head.starts(with: signature) { return type }
    let tag = start.prefix(16).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    for name in markup where tag.starts(with: name) {
      let next = tag.count > name.count ? tag[name.count] : 0x20
      if next == 0x20 || next == UInt8(ascii: ">") || next == 0x0A || name == Array("<!--".utf8) {
        return "text/html"
      }
    }
    if tag.starts(with: "<?xml".utf8) { return "application/xml" }
    let isBinary = head.contains {
      $0 <= 0x08 || $0 == 0x0B || (0x0E...0x1A).contains($0) || (0x1C...0x1F).contains($0)
    }
    let hasMark = head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF])
    return isBinary && !hasMark ? "application/octet-stream" : "text/plain"
  }

  private static let markup = [
    "<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table",
    "<a",
    "<style", "<title", "<b", "<body", "<br", "<p", "<!--",
  ].map { Array($0.utf8) }

  private static let signatures: [([UInt8], String)] = [
    (Array("%PDF-".utf8), "application/pdf"), ([0x89, 0x50, 0x4E, 0x47], "image/png"),
    (Array("GIF8".utf8), "image/gif"), ([0xFF, 0xD8, 0xFF], "image/jpeg"),
    ([0x1F, 0x8B], "application/gzip"), ([0x50, 0x4B, 0x03, 0x04], "application/zip"),
  ]
}
