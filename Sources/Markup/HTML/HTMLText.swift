/// What a page gives when its markup is taken away.
public struct HTMLText: Sendable {
  /// The text under `html-text-v1`, before Unicode normalization; UTF-8.
  public var text: [UInt8]
  /// The content of `title`, white space collapsed; UTF-8.
  public var title: [UInt8]
  /// What the head says about use: (name, content) of meta robots and tdm-…, and of link rel=license.
  public var signals: [(name: String, content: String)]
  /// Where the page leads, if that was asked for.
  public var links = PageLinks()
}

/// Why a page gives no text.
public enum HTMLTextError: String, Error, Sendable {
  case tooDeep = "html-depth"
  case tooManyAttributes = "html-attributes"
  case unreadable = "html-unreadable"
}
