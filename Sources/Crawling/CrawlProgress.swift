/// How a crawl goes, for people.
public struct CrawlProgress: Sendable {
  /// Pages of this version that were archived or are unchanged.
  public var pages = 0
  /// Bytes of bodies, as they were sent.
  public var bytes: UInt64 = 0
  /// Requests of this run.
  public var requests = 0
  /// Hosts that have something to do.
  public var hosts = 0
  /// Addresses that are known and not fetched.
  public var due = 0
  /// The most pages, by the manifest.
  public var pageLimit = 0
}

/// Hears how a crawl goes.
public protocol CrawlObserver: AnyObject {
  /// Called at most ten times a second.
  func advanced(_ progress: CrawlProgress)
  /// Said once, about something that an operator should know.
  func note(_ sentence: String)
}
