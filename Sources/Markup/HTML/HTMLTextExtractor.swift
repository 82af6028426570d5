/// Takes the text out of HTML: a tokenizer and a stack of open elements; no tree is built, no entity is
/// loaded, nothing is fetched.
///
/// The rules are WHATWG HTML's (section 13.2, as of 2026) as far as they decide where an element begins
/// and ends; docs/formats.md has them whole. No library's version decides what a page's text is.
public final class HTMLTextExtractor {
  /// The deepest nesting of elements that is read.
  public static let depthLimit = 256
  /// The most attributes of one element, as they are written.
  public static let attributeLimit = 1000
  /// The name of the rules; part of the profile's digest.
  public static let rules = "ingest-html-1"

  private var reader = PageReader()

  /// An extractor whose buffers are used again for every page.
  public init() {}

  /// The text of a page.
  ///
  /// - Parameters:
  ///   - utf8: valid UTF-8 without U+0000.
  ///   - isXML: the page is served as XHTML: `<x/>` ends what it begins, and CDATA sections are text.
  ///   - linksInstead: whether the page's links are wanted, and its text is not.
  /// - Returns: text, title and signals; text and title are valid UTF-8 if the page is.
  /// - Throws: `HTMLTextError` when a limit is passed.
  /// - Complexity: O(n); O(n · depth) for pages that end what they never began.
  public func extract(
    _ utf8: ArraySlice<UInt8>,
    isXML: Bool = false,
    linksInstead: Bool = false
  ) throws(HTMLTextError) -> HTMLText {
    reader.reset(isXML: isXML, collectsLinks: linksInstead)
    try reader.read(utf8.span)
    return HTMLText(
      text: reader.body.finish(),
      title: reader.title.bytes,
      signals: reader.signals.list,
      links: reader.links
    )
  }
}
