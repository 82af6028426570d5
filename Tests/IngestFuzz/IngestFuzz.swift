internal import CanonicalCoding
internal import CrawlRules
internal import Files
internal import Ingestion
internal import LicensedArchive
internal import Normalization
internal import PluginBridge
internal import PrivateCorpus
internal import Sandbox
internal import SourceAPI
internal import WebCrawl

/// The parsers of foreign bytes under libFuzzer with AddressSanitizer (`scripts/fuzz`): none may trap, none may break what
/// every plugin must keep, and the fast forms must agree with the plain ones.
private enum Target {
  private static let name = environmentValue("INGEST_FUZZ_TARGET") ?? ""

  static func run(_ bytes: [UInt8]) {
    switch name {
    case "warc": read(WebCrawlSource.self, "a.warc", bytes)
    case "http": read(WebCrawlSource.self, "a.warc", response(bytes))
    case "chunked": read(WebCrawlSource.self, "a.warc", response(head(bytes) + bytes.dropFirst()))
    case "jsonl": read(PrivateCorpusSource.self, "a.jsonl", bytes) { jsonl(&$0) }
    case "csv": read(PrivateCorpusSource.self, "a.csv", bytes) { $0.format = "csv" }
    case "archive": read(LicensedArchiveSource.self, "a.zip", bytes)
    case "charset": normalize(bytes, "text/plain", .text)
    case "html": normalize(bytes, "text/html", .html)
    case "segment": segment(bytes)
    case "receipt":
      if let receipt = try? ShardReceipt(bytes, file: "receipt") { _ = receipt.digest }
      _ = try? ScanPlan(bytes, folder: ".")
    case "rows":
      if let batch = try? RowBatch(bytes[...]) { _ = batch.rows.count }
    case "plugin": plugin(bytes)
    case "robots": robots(bytes)
    case "address": address(bytes)
    case "reservation": reservation(bytes)
    case "links":
      let head = PageHeadReader().read(bytes[...], mediaType: "text/html", charset: nil)
      precondition(head?.links.allSatisfy { !$0.isEmpty } ?? true)
    case "evidence":
      // Canonical form is its own canonical form.
      if let evidence = CrawlEvidence(bytes) {
        precondition(CrawlEvidence(Array(evidence.line.utf8))?.json == evidence.json)
      }
    case "sitemap":
      let sitemap = Sitemap(bytes)
      precondition(sitemap.entries.allSatisfy { $0.location.utf8.count <= Sitemap.addressLimit })
    default: fatalError("INGEST_FUZZ_TARGET names no target; scripts/fuzz lists them")
    }
  }

  /// The first line is a product and an address, the rest a robots.txt.
  private static func robots(_ bytes: [UInt8]) {
    let line = bytes.prefix { $0 != 0x0A }
    let words = line.split(separator: 0x20, maxSplits: 1)
    let rules = RobotsRules(
      RobotsFile(Array(bytes.dropFirst(line.count + 1))),
      agent: String(decoding: words.first ?? [], as: UTF8.self)
    )
    let verdict = rules.verdict(on: String(decoding: words.last ?? [], as: UTF8.self))
    precondition(verdict.isAllowed == (verdict.rule?.isAllow ?? true))
  }

  /// The first line is the base, the rest an address: what is found is its own canonical form, in ASCII.
  private static func address(_ bytes: [UInt8]) {
    let line = bytes.prefix { $0 != 0x0A }
    let base = WebAddress(String(decoding: line, as: UTF8.self))
    let text = String(decoding: bytes.dropFirst(line.count + 1), as: UTF8.self)
    guard let found = WebAddress(text, base: base) else { return }
    precondition(found.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    precondition(WebAddress(found.text) == found)
  }

  /// The first line is an address, the rest any of the three files about training.
  private static func reservation(_ bytes: [UInt8]) {
    let line = bytes.prefix { $0 != 0x0A }
    let address = String(decoding: line, as: UTF8.self)
    let file = Array(bytes.dropFirst(line.count + 1))
    let said = [
      TDMReservationFile(file).statement(on: address)?.training,
      AITextFile(file, agent: "examplebot").statement(on: address)?.training,
      RSLDocument(file).statement(on: address)?.training,
    ]
    precondition(said[1] != .allowed, "an ai.txt permits nothing")
  }

  // MARK: plugins

  private static func jsonl(_ configuration: inout SourceConfiguration) {
    configuration.format = "jsonl"
    configuration.mapping.text = "text"
    configuration.mapping.id = "id"
  }

  /// A WARC record whose block is the bytes.
  private static func response(_ block: [UInt8]) -> [UInt8] {
    let head =
      "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Target-URI: https://example.org/\r\nContent-Type: application/http\r\nContent-Length: \(block.count)\r\n\r\n"
    return Array(head.utf8) + block + Array("\r\n\r\n".utf8)
  }

  private static func head(_ bytes: [UInt8]) -> [UInt8] {
    let codings = ["", "gzip", "deflate", "br", "gzip, deflate"]
    let coding = codings[Int(bytes.first ?? 0) % codings.count]
    let line = coding.isEmpty ? "" : "Content-Encoding: \(coding)\r\n"
    return Array(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\(line)\r\n"
        .utf8
    )
  }

  private struct Seen: Equatable {
    var locator: String
    var verdict: Member.Verdict
    var payload: [UInt8]
  }

  /// Reads bytes with large and with small batches: the members are the same, and all their bytes are there.
  private static func read(
    _ plugin: any SourcePlugin.Type,
    _ name: String,
    _ bytes: [UInt8],
    _ change: (inout SourceConfiguration) -> Void = { _ in }
  ) {
    var input = SourceConfiguration.Input(path: name, name: name)
    input.nested = SourceConfiguration.NestedBytes(MemoryBytes(bytes))
    var configuration = SourceConfiguration(inputs: [input])
    configuration.budget.containerBytes = 1 << 24
    configuration.budget.memberCount = 10_000
    configuration.containers = [LicensedArchiveSource.self, WebCrawlSource.self]
    change(&configuration)
    let all = members(plugin, configuration, goal: MemberBatch.usualMemberGoal)
    let again = members(plugin, configuration, goal: 2)
    guard again == all else {
      fatalError("smaller batches differ: \(String(describing: all)) \(String(describing: again))")
    }
    if configuration.format == "jsonl" {
      for member in all ?? [] where member.verdict == .record {
        guard let json = try? JSONParser.parse(member.payload),
          CanonicalJSON.encode(json) == member.payload
        else { fatalError("a payload that is not canonical") }
      }
    }
  }

  private static func members(
    _ plugin: any SourcePlugin.Type,
    _ configuration: SourceConfiguration,
    goal: Int
  ) -> [Seen]? {
    var seen: [Seen] = []
    do throws(SourceError) {
      let reader = try plugin.init(configuration: configuration).reader(from: nil)
      var batch = MemberBatch(memberGoal: goal)
      var hasMore = true
      while hasMore {
        batch.removeAll()
        hasMore = try reader.read(into: &batch)
        for member in batch.members {
          var payload: [UInt8] = []
          if case .held(let range) = member.payload { payload = Array(batch.bytes[range]) }
          if case .held(let range) = member.member { _ = batch.bytes[range].count }
          if let text = member.text, UTF8Check.firstInvalid(Array(batch.bytes[text])) != nil,
            member.verdict == .record
          {
            fatalError("a text that is not UTF-8")
          }
          if case .rejected(let reason, let detail) = member.verdict,
            reason.isEmpty || detail.isEmpty
          {
            fatalError("rejected without a reason")
          }
          seen.append(Seen(locator: member.locator, verdict: member.verdict, payload: payload))
        }
        _ = reader.checkpoint?.text
      }
    } catch {
      return nil
    }
    return seen
  }

  // MARK: the normal form

  private static let labels: [String?] = [
    nil, "utf-8", "windows-1252", "utf-16le", "utf-16be", "shift_jis", "euc-jp", "gbk", "gb18030",
    "big5", "euc-kr", "iso-2022-jp", "koi8-r", "x-user-defined", "macintosh", "iso-8859-8-i",
  ]

  /// The normal form is UTF-8, and its own normal form.
  private static func normalize(
    _ bytes: [UInt8],
    _ type: String,
    _ name: NormalizationProfile.Name
  ) {
    let label = labels[Int(bytes.first ?? 0) % labels.count]
    let normalizer = Normalizer(NormalizationProfile(name))
    let rest = Array(bytes.dropFirst())
    guard let form = form(normalizer, rest, type, label) else { return }
    guard UTF8Check.firstInvalid(form) == nil else { fatalError("a normal form that is not UTF-8") }
    // A second byte order mark is text, until it is the first.
    guard name == .text, !form.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
    guard self.form(normalizer, form, type, "utf-8") == form else {
      fatalError("a normal form that is not its own")
    }
  }

  private static func form(
    _ normalizer: Normalizer,
    _ bytes: [UInt8],
    _ type: String,
    _ label: String?
  ) -> [UInt8]? {
    guard
      let record = try? normalizer.normalize(bytes[...], mediaType: type, charset: label)
    else { return nil }
    if case .buffer = record.content { return normalizer.buffer }
    return bytes
  }

  // MARK: our own forms

  /// A segment that is read is written as it was; the digest at its end is made, so that it stops nothing.
  private static func segment(_ bytes: [UInt8]) {
    let whole = bytes + digest(of: bytes)
    if let segment = try? Segment(whole), segment.bytes != whole { fatalError("another segment") }
  }

  private static func digest(of bytes: [UInt8]) -> [UInt8] {
    var builder = StreamedBytesBuilder()
    builder.append(bytes[...])
    return builder.finish().sha256
  }

  /// The bytes as a plugin's output: frames, and records in them.
  private static func plugin(_ bytes: [UInt8]) {
    var frames = FrameBuffer(limit: 1 << 20)
    let input = SourceConfiguration.Input(path: "a", name: "a")
    var rest = bytes[...]
    var batch = MemberBatch()
    while !rest.isEmpty {
      let piece = rest.prefix(97)
      rest = rest.dropFirst(97)
      frames.withRoom { (room: inout [UInt8], range: Range<Int>) in
        room.replaceSubrange(range.lowerBound..<range.lowerBound + piece.count, with: piece)
        return piece.count
      }
      while true {
        guard let frame = try? frames.next() else { break }
        guard let record = try? PluginRecord(frame.content),
          let member = try? record.member(of: input, budget: DecodeBudget(), in: &batch)
        else { continue }
        if case .held(let range) = member.payload { _ = batch.bytes[range].count }
      }
    }
  }
}

/// Bytes in memory as a container.
private final class MemoryBytes: ByteSource {
  let path = "memory"
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func byteCount() -> UInt64 { UInt64(bytes.count) }

  func read(
    into buffer: inout [UInt8],
    _ range: Range<Int>,
    at offset: UInt64
  ) throws(FileError) -> ReadResult {
    guard offset < UInt64(bytes.count) else { return .end }
    let count = min(range.count, bytes.count - Int(offset))
    buffer.replaceSubrange(
      range.lowerBound..<range.lowerBound + count,
      with: bytes[Int(offset)..<Int(offset) + count]
    )
    return .bytes(count)
  }
}

/// What libFuzzer calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzIngest(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  // SAFETY: libFuzzer gives `count` bytes that live through the call.
  Target.run(unsafe Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
