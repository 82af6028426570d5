internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import WebCrawl

/// The archives of a crawl: what is a page, what a site says about itself, and what became no page.
///
/// The first alone are inputs of the source. An exchange is written with its request in front, so that a response that is
/// whole has its whole exchange.
final class CrawlArchive {
  /// The three kinds of archives, each in a folder of its own.
  enum Subset: String, CaseIterable {
    case pages, signals, diagnostics
  }

  /// A request, what came, and how they are written.
  struct Exchange {
    var target: String
    var date: String
    var peer: String
    var protocolName: String
    var requestHead: [UInt8]
    var responseHead: [UInt8]
    var body: [UInt8]
    var isCompressed: Bool
    /// Lines of a metadata record: how the address was found.
    var notes: [(name: String, value: String)] = []
    /// Further fields of the response's record.
    var fields: [(name: String, value: String)] = []
    var isRevisit = false
  }

  private let settings: CrawlSettings
  private let frontier: Frontier
  private var files: [Subset: WARCFile] = [:]
  /// Numbers of exchanges, over all subsets.
  private var sequence: Int
  /// Bytes since the last commit.
  private(set) var pending = 0

  init(_ settings: CrawlSettings, _ frontier: Frontier) throws(IngestError) {
    (self.settings, self.frontier) = (settings, frontier)
    sequence = try frontier.setting("sequence").flatMap { Int($0) } ?? 0
  }

  private func folder(_ subset: Subset) -> String {
    FilePaths.join(settings.folder, subset.rawValue)
  }

  // MARK: recovery

  /// Opens again what was not closed, and hands out the exchanges that no commit knows, in their order.
  ///
  /// What stands behind the last whole exchange is cut off. Signals are asked for again instead.
  func recover(
    _ take: (Subset, WARCTail.Record) throws(IngestError) -> Void
  ) throws(IngestError) {
    var found: [(sequence: Int, subset: Subset, record: WARCTail.Record)] = []
    for archive in try frontier.openArchives() {
      guard let subset = Subset(rawValue: archive.subset) else { continue }
      let path = FilePaths.join(folder(subset), archive.name)
      do {
        // It got its name, and the commit that says so was lost.
        if FilePaths.exists(path), !FilePaths.exists(path + WARCFile.openSuffix) {
          try DurableFile.rename(path, to: path + WARCFile.openSuffix)
        }
        var end = archive.bytes
        if subset != .signals {
          _ = try WARCTail.records(
            folder: folder(subset),
            name: archive.name,
            from: archive.bytes
          ) { record in
            // The last record of an exchange.
            guard record.kind == "response" || record.kind == "revisit" || record.isFailure else {
              return
            }
            end = record.place.offset + record.place.length
            if let number = record.number { found.append((number, subset, record)) }
          }
        }
        guard end > 0 else {
          try begunInVain(archive, path)
          continue
        }
        files[subset] = try WARCFile(folder: folder(subset), name: archive.name, keeping: end)
      } catch let error as FileError where error.isMissing && archive.bytes == 0 {
        try begunInVain(archive, path)
      } catch {
        throw IngestError(error)
      }
    }
    for entry in found.sorted(by: { $0.sequence < $1.sequence }) {
      sequence = max(sequence, entry.sequence + 1)
      try take(entry.subset, entry.record)
    }
  }

  /// An archive without an exchange is begun again under its name.
  private func begunInVain(_ archive: Frontier.Archive, _ path: String) throws(IngestError) {
    do throws(FileError) {
      try DurableFile.remove(path + WARCFile.openSuffix)
    } catch {
      throw IngestError(error)
    }
    try frontier.remove(archive: archive)
  }

  // MARK: writing

  private func file(_ subset: Subset, date: String) throws(IngestError) -> WARCFile {
    if let file = files[subset] { return file }
    let digits = String(try frontier.archiveCount(subset.rawValue) + 1)
    let number = String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits
    let name = "\(settings.source)-\(subset.rawValue)-\(number).warc.gz"
    // What the frontier does not know would not be found after a kill; what it knows is durable before.
    try sync()
    try note(subset, name, 0, isClosed: false)
    try frontier.commit()
    do throws(FileError) {
      let file = try WARCFile(folder: folder(subset), name: name)
      var info = WARCDraft(
        .warcinfo,
        target: "",
        date: date,
        contentType: "application/warc-fields",
        head: Array(
          """
          software: ingest \(EpochBuilder.toolVersion)\r
          format: WARC File Format 1.1\r
          conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r
          robots: obey\r
          http-header-user-agent: \(settings.agent)\r
          operator: \(settings.contact)\r
          isPartOf: \(settings.source) \(settings.version)\r
          description: \(subset.rawValue) of a crawl\r

          """.utf8
        )
      )
      info.fields = [("WARC-Filename", name)]
      _ = try file.append(info)
      files[subset] = file
      return file
    } catch {
      throw IngestError(error)
    }
  }

  private func note(
    _ subset: Subset,
    _ name: String,
    _ bytes: UInt64,
    isClosed: Bool
  ) throws(IngestError) {
    try frontier.set(
      archive: Frontier.Archive(name: name, subset: subset.rawValue, bytes: bytes),
      isClosed: isClosed
    )
  }

  /// Writes an exchange.
  ///
  /// - Returns: where its response lies.
  @discardableResult
  func write(_ exchange: Exchange, to subset: Subset) throws(IngestError) -> WARCFile.Place {
    let file = try file(subset, date: exchange.date)
    let head = Self.archived(exchange.responseHead)
    var response = WARCDraft(
      exchange.isRevisit ? .revisit : .response,
      target: exchange.target,
      date: exchange.date,
      contentType: "application/http;msgtype=response",
      head: head,
      body: exchange.body
    )
    response.fields = [
      ("WARC-IP-Address", exchange.peer), ("WARC-Protocol", exchange.protocolName),
      ("Ingest-Number", String(sequence)),
    ]
    if exchange.peer.isEmpty { response.fields.removeFirst() }
    response.fields += exchange.fields
    let concurrent = ("WARC-Concurrent-To", "<\(response.identifier)>")
    var request = WARCDraft(
      .request,
      target: exchange.target,
      date: exchange.date,
      contentType: "application/http;msgtype=request",
      head: exchange.requestHead
    )
    request.fields = [concurrent]
    do throws(FileError) {
      let before = file.byteCount
      _ = try file.append(request)
      if !exchange.notes.isEmpty {
        var notes = WARCDraft(
          .metadata,
          target: exchange.target,
          date: exchange.date,
          contentType: "application/warc-fields",
          head: Array(exchange.notes.map { "\($0.name): \($0.value)\r\n" }.joined().utf8)
        )
        notes.fields = [concurrent]
        _ = try file.append(notes)
      }
      let place = try file.append(response, isCompressed: exchange.isCompressed)
      pending += Int(file.byteCount - before)
      sequence += 1
      return place
    } catch {
      throw IngestError(error)
    }
  }

  /// Writes down that there was no response.
  func write(failure: String, target: String, date: String) throws(IngestError) {
    let file = try file(.diagnostics, date: date)
    var notes = WARCDraft(
      .metadata,
      target: target,
      date: date,
      contentType: "application/warc-fields",
      head: Array("fetchError: \(failure)\r\n".utf8)
    )
    notes.fields = [("Ingest-Number", String(sequence)), ("Ingest-Failure", failure)]
    do throws(FileError) {
      _ = try file.append(notes)
    } catch {
      throw IngestError(error)
    }
    sequence += 1
  }

  /// A head as archives have it: HTTP/2 has no line of status, and readers of WARC know HTTP/1 alone.
  private static func archived(_ head: [UInt8]) -> [UInt8] {
    guard head.starts(with: "HTTP/2 ".utf8) else { return head }
    return Array("HTTP/1.1 ".utf8) + head.dropFirst(7)
  }

  // MARK: commits

  /// Makes durable what was written, and notes it in the frontier, whose commit follows.
  func sync() throws(IngestError) {
    for subset in Subset.allCases {
      guard let file = files[subset] else { continue }
      let isFull = subset == .pages && file.byteCount >= settings.crawl.archiveBytes
      try finish(file, subset, isClosed: isFull)
    }
    try frontier.set("sequence", String(sequence))
    pending = 0
  }

  /// Gives every archive its name.
  func close() throws(IngestError) {
    for subset in Subset.allCases {
      if let file = files[subset] { try finish(file, subset, isClosed: true) }
    }
    try frontier.set("sequence", String(sequence))
    pending = 0
  }

  private func finish(_ file: WARCFile, _ subset: Subset, isClosed: Bool) throws(IngestError) {
    do throws(FileError) {
      if isClosed { try file.close() } else { try file.sync() }
    } catch {
      throw IngestError(error)
    }
    try note(subset, file.name, file.byteCount, isClosed: isClosed)
    if isClosed { files[subset] = nil }
  }

  /// The answer of a site, by its digest.
  func answer(_ sha256: String) throws(IngestError) -> WARCTail.Record? {
    guard let place = try frontier.answer(sha256) else { return nil }
    do throws(FileError) {
      return try WARCTail.record(folder: folder(.signals), name: place.file, at: place.offset)
    } catch {
      if error.isMissing { return nil }
      throw IngestError(error)
    }
  }
}
