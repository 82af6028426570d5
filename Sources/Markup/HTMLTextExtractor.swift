internal import CXML

/// Takes the text out of HTML by events; no tree is built, no entity is loaded, nothing is fetched.
///
/// libxml2 tokenizes as HTML 4 did before version 2.14, which is why its version is part of the
/// profile's digest.
public final class HTMLTextExtractor {
  /// The deepest nesting of elements that is read.
  public static let depthLimit = 256
  /// The most attributes of one element.
  public static let attributeLimit = 1000

  private let state = ExtractionState()

  /// An extractor whose buffers are used again for every page.
  public init() { _ = Self.isReady }

  /// The version of libxml2 at run time.
  public static var libraryVersion: String {
    // SAFETY: a constant, NUL-terminated text of the library.
    unsafe ingest_xml_version().map { unsafe String(cString: $0) } ?? "unknown"
  }

  private static let isReady: Bool = {
    xmlInitParser()
    return true
  }()

  /// The text of a page.
  ///
  /// - Parameter utf8: valid UTF-8 without U+0000.
  /// - Returns: text, title and signals.
  /// - Throws: `HTMLTextError` when a limit is passed.
  /// - Complexity: O(n).
  public func extract(_ utf8: ArraySlice<UInt8>) throws(HTMLTextError) -> HTMLText {
    state.reset()
    guard !utf8.isEmpty else { return HTMLText(text: [], title: [], signals: []) }
    // SAFETY: the bytes are read inside the call alone.
    let isParsed = unsafe utf8.withUnsafeBufferPointer { unsafe parse($0) }
    if let error = state.error { throw error }
    guard isParsed else { throw .unreadable }
    return HTMLText(text: state.body.finish(), title: state.title.bytes, signals: state.signals)
  }

  private func parse(_ page: UnsafeBufferPointer<UInt8>) -> Bool {
    guard page.count <= Int(Int32.max),
      let context = unsafe page.withMemoryRebound(
        to: CChar.self,
        { unsafe htmlCreateMemoryParserCtxt($0.baseAddress, Int32($0.count)) }
      )
    else { return false }
    defer { unsafe htmlFreeParserCtxt(context) }
    let options =
      HTML_PARSE_NONET.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
      | HTML_PARSE_IGNORE_ENC.rawValue
    unsafe htmlCtxtUseOptions(context, Int32(bitPattern: options))
    unsafe xmlSwitchEncoding(context, XML_CHAR_ENCODING_UTF8)
    guard let handler = unsafe context.pointee.sax else { return false }
    var events = unsafe xmlSAXHandler()
    unsafe events.startElement = { unsafe ExtractionState.of($0)?.start($1, $2) }
    unsafe events.endElement = { unsafe ExtractionState.of($0)?.end($1) }
    unsafe events.characters = { unsafe ExtractionState.of($0)?.characters($1, $2) }
    unsafe events.ignorableWhitespace = { unsafe ExtractionState.of($0)?.characters($1, $2) }
    unsafe handler.pointee = events
    // SAFETY: the state outlives the parse; the callbacks borrow it and keep no reference.
    unsafe context.pointee.userData = Unmanaged.passUnretained(state).toOpaque()
    unsafe state.context = context
    defer { unsafe state.context = nil }
    unsafe htmlParseDocument(context)
    return true
  }
}

/// What the callbacks know while a page is parsed.
@safe private final class ExtractionState {
  var body = TextAssembler(capacity: 1 << 16)
  var title = TextAssembler(capacity: 256)
  var signals: [(name: String, content: String)] = []
  var error: HTMLTextError?
  var context: htmlParserCtxtPtr?
  private var depth = 0
  private var droppedDepth = 0
  private var preformattedDepth = 0
  private var isInTitle = false
  private var hasTitle = false

  func reset() {
    body.removeAll()
    title.removeAll()
    signals = []
    error = nil
    (depth, droppedDepth, preformattedDepth) = (0, 0, 0)
    (isInTitle, hasTitle) = (false, false)
  }

  static func of(_ pointer: UnsafeMutableRawPointer?) -> ExtractionState? {
    // SAFETY: the pointer is the one that `parse` stored, to an object that is alive.
    unsafe pointer.map { unsafe Unmanaged<ExtractionState>.fromOpaque($0).takeUnretainedValue() }
  }

  private func stop(_ error: HTMLTextError) {
    self.error = error
    // SAFETY: the context lives until the parse that calls this returns.
    unsafe xmlStopParser(context)
  }

  private static func role(_ name: UnsafePointer<xmlChar>) -> HTMLElement.Role {
    var word: UInt64 = 0
    var index = 0
    // SAFETY: the name is NUL-terminated, and the loop stops there.
    while unsafe name[index] != 0 {
      if index < 8 { word |= unsafe UInt64(name[index]) << UInt64(8 * index) }
      index += 1
    }
    return HTMLElement.role(word, length: index)
  }

  func start(
    _ name: UnsafePointer<xmlChar>?,
    _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) {
    // SAFETY: libxml2 gives a NUL-terminated name, which is copied.
    guard error == nil, let name = unsafe name else { return }
    depth += 1
    if depth > HTMLTextExtractor.depthLimit { return stop(.tooDeep) }
    if let attributes = unsafe attributes {
      var count = 0
      // SAFETY: the list is of (name, value) pairs and ends with a NULL name.
      while unsafe attributes[count] != nil { count += 2 }
      if count > 2 * HTMLTextExtractor.attributeLimit { return stop(.tooManyAttributes) }
    }
    let role = unsafe Self.role(name)
    if droppedDepth > 0 {
      if role == .dropped { droppedDepth += 1 }
      return
    }
    switch role {
    case .dropped: droppedDepth = 1
    case .title:
      isInTitle = !hasTitle
      if hasTitle { droppedDepth = 1 }
    case .block: body.breakLine()
    case .paragraph: body.breakLine(2)
    case .cell: body.beginCell()
    case .preformatted:
      body.breakLine()
      preformattedDepth += 1
    case .lineBreak: body.addBreak()
    case .meta: unsafe takeMeta(attributes)
    case .link: unsafe takeLink(attributes)
    case .inline: break
    }
  }

  func end(_ name: UnsafePointer<xmlChar>?) {
    // SAFETY: libxml2 gives a NUL-terminated name that lives through the event.
    guard error == nil, let name = unsafe name else { return }
    depth = max(0, depth - 1)
    let role = unsafe Self.role(name)
    if droppedDepth > 0 {
      if role == .dropped || role == .title { droppedDepth -= 1 }
      return
    }
    switch role {
    case .title:
      isInTitle = false
      hasTitle = true
    case .block: body.breakLine()
    case .paragraph: body.breakLine(2)
    case .preformatted:
      preformattedDepth = max(0, preformattedDepth - 1)
      body.breakLine()
    case .dropped, .cell, .lineBreak, .meta, .link, .inline: break
    }
  }

  func characters(_ text: UnsafePointer<xmlChar>?, _ count: Int32) {
    guard error == nil, droppedDepth == 0, count > 0, let text = unsafe text else { return }
    // SAFETY: the library gives `count` readable bytes for the length of this call.
    let span = unsafe Span(_unsafeStart: text, count: Int(count))
    if isInTitle {
      title.append(span)
    } else if preformattedDepth > 0 {
      body.appendPreformatted(span)
    } else {
      body.append(span)
    }
  }

  private func pairs(
    _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) -> [String: String] {
    guard let attributes = unsafe attributes else { return [:] }
    var found: [String: String] = [:]
    var index = 0
    // SAFETY: pairs of NUL-terminated texts, ended by a NULL name; a value may be NULL.
    while let name = unsafe attributes[index] {
      let value = unsafe attributes[index + 1].map { unsafe String(cString: $0) } ?? ""
      unsafe found[String(cString: name).lowercased()] = value
      index += 2
    }
    return found
  }

  private func takeMeta(_ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) {
    // SAFETY: the list is that of this event, and its texts are copied.
    let pairs = unsafe pairs(attributes)
    guard let name = pairs["name"]?.lowercased(), let content = pairs["content"] else { return }
    if name == "robots" || name.hasPrefix("tdm-") { note(name, content) }
  }

  private func takeLink(_ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) {
    // SAFETY: the list is that of this event, and its texts are copied.
    let pairs = unsafe pairs(attributes)
    guard let relation = pairs["rel"]?.lowercased(), let address = pairs["href"] else { return }
    if relation.split(separator: " ").contains("license") { note("license", address) }
  }

  private func note(_ name: String, _ content: String) {
    guard signals.count < 64, content.utf8.count <= 2048, name.utf8.count <= 64 else { return }
    signals.append((name, content))
  }
}
