public import SourceAPI

/// Web crawls that were archived as WARC 1.0 or 1.1: plain, one gzip member or zstd frame a record; also packed as WACZ.
///
/// `response`, `resource` and `conversion` become records, `revisit` a record that names another by
/// its own headers; `warcinfo`, `request`, `metadata` and unknown types are skipped by kind. Declared
/// digests are checked; HTTP's transfer and content codings are undone.
public struct WebCrawlSource: SourcePlugin {
  /// The name.
  public static let name = "web-crawl"
  /// The version.
  public static let version = "1.1.0"

  private let configuration: SourceConfiguration

  /// WARC files and WACZ packages by the ends of their names and the bytes that such files begin with.
  public static func reads(_ name: String, head: ArraySlice<UInt8>) -> Bool {
    let end = String(name.suffix(9)).lowercased()
    return formats.contains { suffix, magic in
      end.hasSuffix(suffix) && (head.isEmpty || head.starts(with: magic))
    }
  }

  private static let formats: [(String, [UInt8])] = [
    (".warc", Array("WARC/1.".utf8)), (".warc.gz", [0x1F, 0x8B]),
    (".warc.zst", [0x28, 0xB5, 0x2F, 0xFD]),
    (".warc.zst", [0x5D, 0x2A, 0x4D, 0x18]), (".wacz", Array("PK".utf8)),
  ]

  /// Takes a configuration.
  public init(configuration: SourceConfiguration) throws(SourceError) {
    if let format = configuration.format, !["warc", "wet", "wacz"].contains(format) {
      throw .formatNotEnabled(
        input: "input.format",
        format: format,
        hint: "web-crawl reads warc, wet and wacz"
      )
    }
    self.configuration = configuration
  }

  /// Starts reading at a checkpoint.
  public func reader(from checkpoint: Checkpoint?) throws(SourceError) -> any MemberReader {
    let place = checkpoint ?? .start(of: 0)
    let isPackage = configuration.inputs.map {
      configuration.format == "wacz" || $0.name.lowercased().hasSuffix(".wacz")
    }
    guard isPackage.contains(true) else { return try WARCReader(configuration, from: place) }
    return try InputByInput(configuration, from: place) { input, part, place throws(SourceError) in
      if isPackage[input] { return try WACZReader(part, from: place) }
      return try WARCReader(part, from: place)
    }
  }
}
