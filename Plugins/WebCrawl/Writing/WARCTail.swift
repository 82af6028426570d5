internal import Archives
public import Files

/// Reads records of our own archives again, by their place: what a crawl had written when it was killed, and the signals
/// that evidence speaks of.
///
/// To be used for files that this program wrote; what is found is still only believed as far as its digests go.
public enum WARCTail {
  /// A record as it was written.
  public struct Record: Sendable {
    /// `WARC-Type`.
    public let kind: String
    /// `WARC-Target-URI`.
    public let target: String
    /// `WARC-Date`.
    public let date: String
    /// `WARC-Record-ID` without its brackets.
    public let identifier: String
    /// The crawl's own number of the exchange.
    public let number: Int?
    /// Whether it says that there was no response.
    public let isFailure: Bool
    /// What the crawl wrote down about it, as JSON; empty for records without.
    public let evidence: String
    /// `WARC-Truncated`.
    public let truncation: String?
    /// `WARC-Refers-To`, without its brackets.
    public let refersTo: String?
    /// The peer's address.
    public let peer: String
    /// The head of the message.
    public let head: [UInt8]
    /// What follows it, as sent.
    public let body: [UInt8]
    /// Where it lies.
    public let place: WARCFile.Place
  }

  /// The largest record that is read, inflated.
  private static let limit = 300 << 20

  /// The whole records behind an offset, up to the first byte that belongs to none.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - name: the file's name when it is whole; the open file is read.
  ///   - offset: where to begin.
  ///   - take: gets each record in order.
  /// - Returns: the offset behind the last whole record.
  /// - Throws: `FileError`.
  public static func records(
    folder: String,
    name: String,
    from offset: UInt64,
    take: (Record) throws -> Void
  ) throws -> UInt64 {
    let file = try InputFile(FilePaths.join(folder, name + WARCFile.openSuffix))
    let stream = try InflatedStream(
      file,
      offset: offset,
      position: 0,
      limits: InflationLimits(containerBytes: 1 << 40, ratio: 1 << 30)
    )
    var end = offset
    while true {
      guard let (record, next) = try next(stream, name, try file.byteCount()) else { return end }
      try take(record)
      end = next
    }
  }

  /// The record at a place.
  ///
  /// - Returns: `nil` when no whole record lies there.
  /// - Throws: `FileError`.
  public static func record(
    folder: String,
    name: String,
    at offset: UInt64
  ) throws(FileError) -> Record? {
    let path = FilePaths.join(folder, name)
    let file = try InputFile(FilePaths.exists(path) ? path : path + WARCFile.openSuffix)
    let stream = try InflatedStream(
      file,
      offset: offset,
      position: 0,
      limits: InflationLimits(containerBytes: 1 << 40, ratio: 1 << 30)
    )
    return try next(stream, name, try file.byteCount())?.record
  }

  private static func next(
    _ stream: InflatedStream,
    _ name: String,
    _ fileEnd: UInt64
  ) throws(FileError) -> (record: Record, end: UInt64)? {
    _ = try stream.require(1 << 16)
    guard stream.available > 0, stream.isAtMemberStart else { return nil }
    let offset = stream.memberOffset
    let parsed: (header: WARCHeader, length: Int)? = stream.withWindow { window in
      WARCHeader.length(in: window).flatMap { length in
        (try? WARCHeader(window.prefix(length))).map { ($0, length) }
      }
    }
    guard let (header, headLength) = parsed, header.contentLength <= UInt64(limit) else {
      return nil
    }
    let blockLength = Int(header.contentLength)
    let total = headLength + blockLength + 4
    _ = try stream.require(total)
    guard stream.available >= total else { return nil }
    var block: [UInt8] = []
    stream.skip(headLength)
    stream.take(blockLength, into: &block)
    stream.skip(4)
    // The member's trailer proves that all of it is there.
    let supply = try stream.require(1)
    let end: UInt64
    if stream.available > 0 {
      guard stream.isAtMemberStart else { return nil }
      end = stream.memberOffset
    } else if case .damaged(let damage) = supply {
      guard damage.memberOffset > offset else { return nil }
      end = damage.memberOffset
    } else {
      end = fileEnd
    }
    let split =
      block.starts(with: "HTTP/".utf8)
      ? HTTPMessage(block[...], limit: 1 << 20)?.headLength ?? block.count : block.count
    func bare(_ field: String?) -> String? {
      field.map { $0.filter { $0 != "<" && $0 != ">" } }
    }
    return (
      Record(
        kind: header.type,
        target: header.target,
        date: header[.date] ?? "",
        identifier: bare(header[.recordID]) ?? "",
        number: header[.crawlNumber].flatMap { Int($0) },
        isFailure: header[.crawlFailure] != nil,
        evidence: header[.crawlEvidence] ?? "",
        truncation: header[.truncated],
        refersTo: bare(header[.refersTo]),
        peer: header[.peerAddress] ?? "",
        head: Array(block[..<split]),
        body: Array(block[split...]),
        place: WARCFile.Place(
          file: name,
          offset: offset,
          length: end - offset,
          identifier: bare(header[.recordID]) ?? ""
        )
      ),
      end
    )
  }
}
