internal import Glibc

/// A start or end tag, as the tokenizer sees it.
struct HTMLTag {
  var name = ElementName()
  /// Where attributes begin.
  var attributesStart = 0
  /// The number of attributes as written, doubled names included.
  var attributeCount = 0
  var isSelfClosing = false
  /// The offset behind the tag's `>`.
  var end = 0
}

/// An attribute of a tag: its name in lower case, and where its value lies in the page.
struct HTMLAttribute {
  var name: ElementName
  var value: Range<Int>
}

/// Steps over the attributes of a tag (sections 13.2.5.32 to 13.2.5.40).
struct AttributeCursor {
  /// Where the next attribute is looked for; on the tag's `>`, or at the page's end, when there is none.
  private(set) var offset: Int
  /// Whether the tag ends with `/>`; known at its end.
  private(set) var isSelfClosing = false

  init(offset: Int) { self.offset = offset }

  mutating func next(in page: Span<UInt8>) -> HTMLAttribute? {
    while offset < page.count {
      let byte = page[offset]
      if byte == 0x3E { return nil }
      if byte != 0x2F && !HTMLScanner.isSpace(byte) { return attribute(in: page) }
      offset += 1
      if byte == 0x2F, offset < page.count, page[offset] == 0x3E { isSelfClosing = true }
    }
    return nil
  }

  private mutating func attribute(in page: Span<UInt8>) -> HTMLAttribute {
    var name = ElementName()
    // A `=` where a name should begin is its first byte.
    repeat {
      name.append(page[offset])
      offset += 1
    } while offset < page.count && !endsName(page[offset])
    skipSpace(in: page)
    guard offset < page.count, page[offset] == 0x3D else {
      return HTMLAttribute(name: name, value: offset..<offset)
    }
    offset += 1
    skipSpace(in: page)
    guard offset < page.count, page[offset] != 0x3E else {
      return HTMLAttribute(name: name, value: offset..<offset)
    }
    let quote = page[offset]
    if quote == 0x22 || quote == 0x27 {
      let start = offset + 1
      let end = HTMLScanner.first(quote, in: page, from: start)
      offset = min(page.count, end + 1)
      return HTMLAttribute(name: name, value: start..<end)
    }
    let start = offset
    while offset < page.count, page[offset] != 0x3E, !HTMLScanner.isSpace(page[offset]) {
      offset += 1
    }
    return HTMLAttribute(name: name, value: start..<offset)
  }

  @inline(__always)
  private func endsName(_ byte: UInt8) -> Bool {
    byte == 0x3D || byte == 0x3E || byte == 0x2F || HTMLScanner.isSpace(byte)
  }

  private mutating func skipSpace(in page: Span<UInt8>) {
    while offset < page.count, HTMLScanner.isSpace(page[offset]) { offset += 1 }
  }
}

/// Finds the edges of tags, comments and raw text as the WHATWG HTML standard's tokenizer does
/// (section 13.2.5), in one pass and without a buffer.
///
/// - Complexity: every function reads each byte once, up to the offset that it returns.
enum HTMLScanner {
  /// The first `byte` at or behind `start`, or the page's end.
  @inline(__always)
  static func first(_ byte: UInt8, in page: Span<UInt8>, from start: Int) -> Int {
    first(byte, in: page, from: start, to: page.count)
  }

  /// The first `byte` in `start..<end`, or `end`.
  static func first(_ byte: UInt8, in page: Span<UInt8>, from start: Int, to end: Int) -> Int {
    guard start < end else { return end }
    precondition(start >= 0 && end <= page.count)
    // SAFETY: memchr reads `end - start` bytes behind `start`; both lie in the page, as was asked.
    return unsafe page.withUnsafeBufferPointer { raw in
      guard let base = raw.baseAddress,
        let found = unsafe memchr(base + start, Int32(byte), end - start)
      else { return end }
      return unsafe UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }
  }

  /// Space, tab, line feed, form feed; a carriage return too, which no decoded page has.
  @inline(__always)
  static func isSpace(_ byte: UInt8) -> Bool {
    byte <= 0x20 && (byte == 0x20 || byte &- 0x09 <= 1 || byte &- 0x0C <= 1)
  }

  @inline(__always)
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

  /// Whether the page has `text` at `offset`; unless case counts, `text` is lower case.
  static func has(
    _ text: StaticString,
    at offset: Int,
    in page: Span<UInt8>,
    caseCounts: Bool = false
  ) -> Bool {
    let count = text.utf8CodeUnitCount
    guard page.count - offset >= count else { return false }
    // SAFETY: the literal's bytes are read below its count alone.
    return text.withUTF8Buffer { wanted in
      for index in 0..<count {
        let byte = page[offset + index]
        let small = !caseCounts && byte &- 0x41 < 26 ? byte | 0x20 : byte
        if unsafe small != wanted[index] { return false }
      }
      return true
    }
  }

  /// The tag whose name begins at `offset`; nil if the page ends inside it, which drops it.
  static func tag(in page: Span<UInt8>, at offset: Int) -> HTMLTag? {
    var tag = HTMLTag()
    var offset = offset
    while offset < page.count {
      let byte = page[offset]
      if byte == 0x3E || byte == 0x2F || isSpace(byte) { break }
      tag.name.append(byte)
      offset += 1
    }
    tag.attributesStart = offset
    var cursor = AttributeCursor(offset: offset)
    while cursor.next(in: page) != nil { tag.attributeCount += 1 }
    guard cursor.offset < page.count else { return nil }
    tag.isSelfClosing = cursor.isSelfClosing
    tag.end = cursor.offset + 1
    return tag
  }

  /// The offset behind a comment whose `<!--` ends before `start`.
  static func commentEnd(in page: Span<UInt8>, from start: Int) -> Int {
    // `<!-->` and `<!--->` are comments too.
    if has(">", at: start, in: page) { return start + 1 }
    if has("->", at: start, in: page) { return start + 2 }
    var offset = start
    while true {
      offset = first(0x2D, in: page, from: offset)
      guard offset < page.count else { return page.count }
      if has("-->", at: offset, in: page) { return offset + 3 }
      if has("--!>", at: offset, in: page) { return offset + 4 }
      offset += 1
    }
  }

  /// The offset behind the next `>`: the end of a doctype and of what the standard calls a bogus comment.
  static func declarationEnd(in page: Span<UInt8>, from start: Int) -> Int {
    min(page.count, first(0x3E, in: page, from: start) + 1)
  }

  /// The offset of the `]]>` that ends a CDATA section, or the page's end.
  static func sectionEnd(in page: Span<UInt8>, from start: Int) -> Int {
    var offset = start
    while true {
      offset = first(0x5D, in: page, from: offset)
      if offset >= page.count || has("]]>", at: offset, in: page) { return offset }
      offset += 1
    }
  }

  /// The offset of the end tag of `name` behind `start`, or the page's end: where text ends that holds no
  /// other markup (RCDATA and RAWTEXT).
  static func textEnd(of name: StaticString, in page: Span<UInt8>, from start: Int) -> Int {
    var offset = start
    while true {
      offset = first(0x3C, in: page, from: offset)
      if offset >= page.count || isEndTag(of: name, at: offset, in: page) { return offset }
      offset += 1
    }
  }

  /// The offset of the end tag of a script, or the page's end.
  ///
  /// Inside `<!--` a script may hold another one with its end tag (script data double escaped state).
  static func scriptEnd(in page: Span<UInt8>, from start: Int) -> Int {
    var offset = start
    var isEscaped = false
    var isDoubleEscaped = false
    while offset < page.count {
      if isEscaped, page[offset] == 0x2D, has("-->", at: offset, in: page) {
        (isEscaped, isDoubleEscaped) = (false, false)
        offset += 3
      } else if page[offset] == 0x3C {
        if !isEscaped, has("<!--", at: offset, in: page) {
          isEscaped = true
          // Its dashes count for `-->`: `<!-->` escapes nothing.
          offset += 2
        } else if isEndTag(of: "script", at: offset, in: page) {
          if !isDoubleEscaped { return offset }
          isDoubleEscaped = false
          offset += 8
        } else {
          if isEscaped, !isDoubleEscaped, has("<script", at: offset, in: page),
            endsName(at: offset + 7, in: page)
          {
            isDoubleEscaped = true
          }
          offset += 1
        }
      } else if isEscaped {
        offset += 1
      } else {
        offset = first(0x3C, in: page, from: offset)
      }
    }
    return page.count
  }

  private static func isEndTag(
    of name: StaticString,
    at offset: Int,
    in page: Span<UInt8>
  ) -> Bool {
    guard page.count - offset > 2, page[offset + 1] == 0x2F else { return false }
    return has(name, at: offset + 2, in: page)
      && endsName(at: offset + 2 + name.utf8CodeUnitCount, in: page)
  }

  private static func endsName(at offset: Int, in page: Span<UInt8>) -> Bool {
    guard offset < page.count else { return false }
    return page[offset] == 0x3E || page[offset] == 0x2F || isSpace(page[offset])
  }
}
