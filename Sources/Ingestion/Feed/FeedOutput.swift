internal import CanonicalCoding
internal import Files
internal import TextScan

/// The form of a record in a feed.
public enum FeedFormat: String, Sendable, CaseIterable {
  /// One JSON object a line: index, license, position, sha256, source, and text, or base64 where it is no UTF-8.
  case jsonl
  /// The content, a line feed if it does not end in one, and an empty line.
  case text

  /// Appends a record.
  func append(
    _ content: ArraySlice<UInt8>,
    _ record: FeedPlan.Record,
    position: Int,
    _ plan: FeedPlan,
    to bytes: inout [UInt8]
  ) {
    guard self == .jsonl else {
      bytes += content
      if content.last != 0x0A { bytes.append(0x0A) }
      return bytes.append(0x0A)
    }
    let source = plan.sources[Int(record.source)]
    let isText = UTF8Scan.isValid(content)
    bytes += Array("{".utf8)
    if !isText { bytes += Array("\"base64\":\"\(Base64.encode(Array(content)))\",".utf8) }
    bytes += Array("\"index\":\(record.leaf),\"license\":".utf8)
    let license = source.commitment.licenses[Int(record.licenseIndex)].expression
    CanonicalJSON.appendString(license, to: &bytes)
    bytes += Array(",\"position\":\(position),\"sha256\":\"".utf8)
    record.contentDigest.appendHex(to: &bytes)
    bytes += Array("\",\"source\":".utf8)
    CanonicalJSON.appendString(source.manifest.id, to: &bytes)
    if isText {
      bytes += Array(",\"text\":".utf8)
      CanonicalJSON.appendString(content, to: &bytes)
    }
    bytes += Array("}\n".utf8)
  }
}

/// Where a feed's records go: parts in a folder, or a stream.
struct FeedOutput {
  private let plan: FeedPlan
  private let format: FeedFormat
  private let folder: FeedFolder
  private let partSize: Int
  /// Takes bytes of a stream; `nil` for parts.
  private let stream: ((ArraySlice<UInt8>) throws -> Void)?
  private let shard: FeedShard
  private var buffer: [UInt8] = []
  /// The next position.
  private(set) var position: Int

  init(
    _ plan: FeedPlan,
    format: FeedFormat,
    folder: FeedFolder,
    partSize: Int,
    shard: FeedShard,
    stream: ((ArraySlice<UInt8>) throws -> Void)?
  ) {
    (self.plan, self.format, self.folder) = (plan, format, folder)
    (self.partSize, self.shard, self.stream) = (partSize, shard, stream)
    position = stream == nil ? 0 : min(shard.start, plan.order.count)
    guard stream == nil else { return }
    // Parts appear whole or not at all: those that are there need not be made again.
    while position < plan.order.count, FilePaths.exists(part(position / partSize)) {
      position = min(position + partSize, plan.order.count)
    }
  }

  private func part(_ number: Int) -> String {
    let digits = String(number)
    let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    return folder.file("parts/part-\(padded).\(format == .jsonl ? "jsonl" : "txt")")
  }

  /// Takes the content at the next position.
  mutating func take(_ content: ArraySlice<UInt8>) throws {
    let number = position / partSize
    if stream == nil || number % shard.count == shard.number {
      let record = plan.record(at: position)
      format.append(content, record, position: position, plan, to: &buffer)
    }
    position += 1
    if let stream {
      if buffer.count >= 1 << 16 || position == plan.order.count {
        try stream(buffer[...])
        buffer.removeAll(keepingCapacity: true)
      }
    } else if position % partSize == 0 || position == plan.order.count {
      try DurableFile.write(buffer, to: part(number))
      buffer.removeAll(keepingCapacity: true)
    }
  }
}

/// The share of a stream that one of several readers takes.
public struct FeedShard: Hashable, Sendable {
  /// Which of them.
  public var number = 0
  /// How many there are.
  public var count = 1
  /// The first position that is written; for a reader that had the ones before.
  public var start = 0
  /// Everything.
  public init() {}
}
