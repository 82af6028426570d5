/// CRLF and CR become LF, U+0000 becomes U+FFFD.
enum LineEndings {
  /// Rewrites a text in place.
  static func unify(_ text: inout [UInt8]) {
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    var start = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      guard byte == 0x0D || byte == 0 else {
        index += 1
        continue
      }
      output.append(contentsOf: text[start..<index])
      if byte == 0 {
        output.append(contentsOf: [0xEF, 0xBF, 0xBD])
      } else {
        output.append(0x0A)
        if index + 1 < text.count, text[index + 1] == 0x0A { index += 1 }
      }
      index += 1
      start = index
    }
    guard start > 0 else { return }
    output.append(contentsOf: text[start...])
    text = output
  }
}
