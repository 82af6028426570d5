internal import Markup

/// What a crawler wants of a page: where it leads, and what it says about its use.
///
/// The same charset rule and the same tokenizer as the normal form have, so that both read one page. One value serves one
/// thread.
public final class PageHeadReader {
  /// What was found.
  public struct Head: Sendable {
    /// The addresses of links as written.
    public let links: [String]
    /// The address that relative ones are relative to, as written.
    public let base: String?
    /// Whether more links stood there than are kept.
    public let isCut: Bool
    /// (name, content) of meta robots and tdm-…, and of link rel=license.
    public let signals: [(name: String, content: String)]
  }

  private let extractor = HTMLTextExtractor()

  /// A reader whose buffers are used again.
  public init() {}

  /// Reads a page.
  ///
  /// - Parameters:
  ///   - payload: the bytes after the transport's codings are undone.
  ///   - mediaType: `text/html` or `application/xhtml+xml`.
  ///   - charset: the transport's label, if there was one.
  /// - Returns: `nil` for a page that the normal form would refuse.
  public func read(_ payload: ArraySlice<UInt8>, mediaType: String, charset: String?) -> Head? {
    guard
      let decoding = try? TextDecoding.decide(
        payload,
        declared: charset,
        isHTML: true,
        isUnicode: false
      )
    else { return nil }
    // The extractor wants no U+0000; a page that has some is one in a thousand.
    var text = decoding.isCleanUTF8 ? payload.dropFirst(decoding.markLength) : decoding.text[...]
    if text.contains(0) { text = text.filter { $0 != 0 }[...] }
    guard
      let page = try? extractor.extract(
        text,
        isXML: mediaType == "application/xhtml+xml",
        linksInstead: true
      )
    else { return nil }
    return Head(
      links: page.links.addresses,
      base: page.links.base,
      isCut: page.links.isCut,
      signals: page.signals
    )
  }
}
