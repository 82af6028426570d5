public import SourceAPI

/// Web crawls that were archived as WARC 1.0 or 1.1: plain, one gzip member or zstd frame a record.
///
/// `response`, `resource` and `conversion` become records, `revisit` a record that names another by
/// its own headers; `warcinfo`, `request`, `metadata` and unknown types are skipped by kind. Declared
/// digests are checked; HTTP's transfer and content codings are undone.
public struct WebCrawlSource: SourcePlugin {
  /// The name.
  public static let name = "web-crawl"
  /// The version.
  public static let version = "1.0.0"

  private let configuration: SourceConfiguration

  /// Takes a configuration.
  public init(configuration: SourceConfiguration) throws(SourceError) {
    if let format = configuration.format, format != "warc", format != "wet" {
      throw .formatNotEnabled(
        input: "input.format",
        format: format,
        hint: "web-crawl reads warc and wet"
      )
    }
    self.configuration = configuration
  }

  /// Starts reading at a checkpoint.
  public func reader(from checkpoint: Checkpoint?) throws(SourceError) -> any MemberReader {
    try WARCReader(configuration, from: checkpoint ?? .start(of: 0))
  }
}
