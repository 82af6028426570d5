internal import CXML

/// What an XML document consists of, in its order.
public enum XMLEvent: Sendable {
  /// An element begins: its name without prefix, and its attributes by theirs.
  case start(name: String, attributes: [String: String])
  /// Character data; one run may come in several events.
  case text(String)
  /// The innermost element ends.
  case end
}

/// Why a document was not read to its end.
public struct XMLDamage: Error, Hashable, Sendable {
  /// What is wrong: `xml-syntax`, `xml-dtd`, `xml-depth`.
  public let code: String
  /// The line, from 1.
  public let line: Int
}

/// XML 1.0 as events, by libxml2.
///
/// No document type is accepted, so that there are no entities but the five of the standard, and nothing is ever fetched.
/// To be called in a sandboxed process.
public enum XMLDocument {
  /// The deepest nesting that is read.
  public static let depthLimit = 64

  /// Reads a document.
  ///
  /// - Parameters:
  ///   - bytes: the document in the encoding that it declares.
  ///   - visit: gets each event; `false` ends the reading, which is no error.
  /// - Throws: `XMLDamage`, after all events in front of it.
  /// - Complexity: O(n).
  public static func read(_ bytes: [UInt8], _ visit: (XMLEvent) -> Bool) throws(XMLDamage) {
    xmlInitParser()
    let damage = withoutActuallyEscaping(visit) { visit in
      EventReader(visit).read(bytes)
    }
    if let damage { throw damage }
  }
}

/// What the callbacks know while a document is read.
@safe private final class EventReader {
  private let visit: (XMLEvent) -> Bool
  private var context: xmlParserCtxtPtr?
  private var depth = 0
  private var isDone = false
  private var damage: XMLDamage?

  init(_ visit: @escaping (XMLEvent) -> Bool) { self.visit = visit }

  func read(_ bytes: [UInt8]) -> XMLDamage? {
    let syntax = XMLDamage(code: "xml-syntax", line: 1)
    guard !bytes.isEmpty, bytes.count < Int(Int32.max) else { return syntax }
    // SAFETY: the parser reads the bytes inside this call alone, and is freed before they are.
    return unsafe bytes.withUnsafeBytes { raw in
      let text = unsafe raw.assumingMemoryBound(to: CChar.self)
      guard
        let context = unsafe xmlCreateMemoryParserCtxt(text.baseAddress, Int32(text.count))
      else { return syntax }
      defer { unsafe xmlFreeParserCtxt(context) }
      return unsafe read(context) ?? syntaxDamage(context)
    }
  }

  private func syntaxDamage(_ context: xmlParserCtxtPtr) -> XMLDamage? {
    // SAFETY: the context lives until `read` returns.
    guard unsafe context.pointee.wellFormed == 0, !isDone else { return nil }
    return unsafe XMLDamage(code: "xml-syntax", line: line(context))
  }

  private func line(_ context: xmlParserCtxtPtr) -> Int {
    // SAFETY: the context lives, and its input is NULL or lives as long.
    unsafe max(1, Int(context.pointee.input?.pointee.line ?? 1))
  }

  private func read(_ context: xmlParserCtxtPtr) -> XMLDamage? {
    let options =
      XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
    unsafe xmlCtxtUseOptions(context, Int32(bitPattern: options))
    guard let handler = unsafe context.pointee.sax else {
      return XMLDamage(code: "xml-syntax", line: 1)
    }
    var events = unsafe xmlSAXHandler()
    unsafe events.initialized = XML_SAX2_MAGIC
    unsafe events.internalSubset = { context, _, _, _ in
      unsafe EventReader.of(context)?.stop("xml-dtd")
    }
    unsafe events.startElementNs = { context, name, _, _, _, _, count, _, attributes in
      unsafe EventReader.of(context)?.start(name, Int(count), attributes)
    }
    unsafe events.endElementNs = { context, _, _, _ in unsafe EventReader.of(context)?.end() }
    unsafe events.characters = { unsafe EventReader.of($0)?.characters($1, $2) }
    unsafe events.cdataBlock = { unsafe EventReader.of($0)?.characters($1, $2) }
    unsafe handler.pointee = events
    // SAFETY: the reader outlives the parse; the callbacks borrow it and keep no reference.
    unsafe context.pointee.userData = Unmanaged.passUnretained(self).toOpaque()
    unsafe self.context = context
    defer { unsafe self.context = nil }
    unsafe xmlParseDocument(context)
    return damage
  }

  static func of(_ pointer: UnsafeMutableRawPointer?) -> EventReader? {
    // SAFETY: the pointer is the one that `read` stored, to an object that is alive.
    unsafe pointer.map { unsafe Unmanaged<EventReader>.fromOpaque($0).takeUnretainedValue() }
  }

  private func stop(_ code: String?) {
    guard !isDone, damage == nil, let context = unsafe context else { return }
    if let code { damage = unsafe XMLDamage(code: code, line: line(context)) }
    isDone = true
    // SAFETY: the context lives until the parse that calls this returns.
    unsafe xmlStopParser(context)
  }

  private func tell(_ event: XMLEvent) {
    if !visit(event) { stop(nil) }
  }

  private func start(
    _ name: UnsafePointer<xmlChar>?,
    _ count: Int,
    _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) {
    guard !isDone, let name = unsafe name else { return }
    depth += 1
    if depth > XMLDocument.depthLimit { return stop("xml-depth") }
    var found: [String: String] = [:]
    if let attributes = unsafe attributes {
      for index in 0..<count {
        // SAFETY: libxml2 gives five pointers an attribute: name, prefix, namespace, and both ends of the value.
        guard let key = unsafe attributes[5 * index], let from = unsafe attributes[5 * index + 3],
          let to = unsafe attributes[5 * index + 4]
        else { continue }
        let value = unsafe UnsafeBufferPointer(start: from, count: from.distance(to: to))
        unsafe found[String(cString: key)] = unsafe String(decoding: value, as: UTF8.self)
      }
    }
    // SAFETY: the name is NUL-terminated and is copied.
    tell(.start(name: unsafe String(cString: name), attributes: found))
  }

  private func end() {
    guard !isDone else { return }
    depth -= 1
    tell(.end)
  }

  private func characters(_ text: UnsafePointer<xmlChar>?, _ count: Int32) {
    guard !isDone, count > 0, let text = unsafe text else { return }
    // SAFETY: the library gives `count` readable bytes for the length of this call.
    let bytes = unsafe UnsafeBufferPointer(start: text, count: Int(count))
    tell(.text(unsafe String(decoding: bytes, as: UTF8.self)))
  }
}
