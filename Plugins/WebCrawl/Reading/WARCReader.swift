internal import Archives
internal import Files
internal import SourceAPI

/// Reads the records of WARC files in their order, and goes on behind damage.
///
/// Longer than most files here, because every step of reading a record can end in the one recovery:
/// apart, the two would share all their state.
final class WARCReader: MemberReader {
  /// What a search for the next record looks for in a file without compression.
  private static let magic = Array("WARC/1.".utf8)

  private static let arcMagic = Array("filedesc://".utf8)

  private struct Damage {
    let offset: UInt64
    let reason: String
    let detail: String
  }

  private enum Step {
    case handed, inputEnded
  }

  private let configuration: SourceConfiguration
  private var stream: InflatedStream?
  private(set) var inputIndex: Int
  private var ordinal: UInt64 = 0
  private var file: (any ByteSource)?
  private var damage: Damage?
  /// Places tried since the last good record; an input made of false starts ends its container.
  private var falseStarts = 0
  private static let falseStartLimit = 10_000
  private var resumable: Checkpoint?
  private var digests = DeclaredDigests()

  init(_ configuration: SourceConfiguration, from checkpoint: Checkpoint) throws(SourceError) {
    self.configuration = configuration
    inputIndex = checkpoint.input
    ordinal = checkpoint.ordinal
    resumable = checkpoint
    if inputIndex < configuration.inputs.count { try open(at: checkpoint) }
  }

  var checkpoint: Checkpoint? { resumable }
  var inputOffset: UInt64 { stream?.fileOffset ?? 0 }
  private var input: SourceConfiguration.Input { configuration.inputs[inputIndex] }

  private func open(at place: Checkpoint) throws(SourceError) {
    let stream: InflatedStream
    let isThere: Bool
    var isARC = false
    do throws(FileError) {
      let file = try input.open()
      self.file = file
      let budget = configuration.budget
      stream = try InflatedStream(
        file,
        offset: place.offset,
        position: place.position - min(place.position, place.skipped),
        limits: InflationLimits(containerBytes: budget.containerBytes, ratio: budget.ratio)
      )
      isThere = place.skipped == 0 ? true : try stream.advance(to: place.position)
      if place.position == 0 {
        // The first record of an ARC, the format before WARC, describes its own file.
        _ = try stream.require(Self.arcMagic.count)
        isARC = stream.withWindow { $0.starts(with: Self.arcMagic) }
      }
    } catch {
      throw .file(error)
    }
    guard isThere else {
      throw .changed(
        input: input.name,
        detail: "it ends before the place where reading goes on"
      )
    }
    guard !isARC else {
      throw .formatNotEnabled(
        input: input.name,
        format: "arc",
        hint: "web-crawl reads WARC 1.0 and 1.1; convert it, for example with warcio recompress"
      )
    }
    self.stream = stream
  }

  func read(into batch: inout MemberBatch) throws(SourceError) -> Bool {
    defer { digests.settle(&batch) }
    while inputIndex < configuration.inputs.count {
      while let stream {
        let step: Step
        do throws(FileError) {
          step = try readRecord(stream, &batch)
        } catch {
          throw .file(error)
        }
        if step == .inputEnded { break }
        noteCheckpoint(stream)
        if batch.isFull { return true }
      }
      inputIndex += 1
      ordinal = 0
      resumable = .start(of: inputIndex)
      stream = nil
      if inputIndex < configuration.inputs.count { try open(at: .start(of: inputIndex)) }
    }
    return false
  }

  private func noteCheckpoint(_ stream: InflatedStream) {
    // Behind damage the next good record decides how far it went.
    guard damage == nil else { return resumable = nil }
    resumable = Checkpoint(
      input: inputIndex,
      offset: stream.memberOffset,
      ordinal: ordinal,
      skipped: stream.coding == .plain ? 0 : stream.position - stream.memberPosition,
      position: stream.position
    )
  }

  /// Asked for only where it is needed: an entry of an archive is read to its end for it.
  private func fileLength() throws(FileError) -> UInt64 { try file?.byteCount() ?? 0 }

  // MARK: records

  private func readRecord(_ stream: InflatedStream, _ batch: inout MemberBatch) throws(FileError)
    -> Step
  {
    let limit = configuration.budget.headerBytes
    let supply = try stream.require(limit)
    let offset = stream.memberOffset
    if stream.available == 0 {
      guard case .damaged(let broken) = supply else {
        try flushDamage(untilEnd: &batch)
        return .inputEnded
      }
      return try recover(
        stream,
        Damage(
          offset: broken.memberOffset,
          reason: broken.reason.rawValue,
          detail: "the compressed member cannot be read"
        ),
        &batch
      )
    }
    guard ordinal < configuration.budget.memberCount else {
      note(
        Damage(
          offset: offset,
          reason: "budget-members",
          detail: "more than \(configuration.budget.memberCount) members"
        )
      )
      try flushDamage(untilEnd: &batch)
      return .inputEnded
    }
    let head = stream.withWindow { window in
      WARCHeader.length(in: window.prefix(limit)).map { end in
        (
          length: end,
          result: Result { () throws(WARCHeader.Failure) in try WARCHeader(window.prefix(end)) }
        )
      }
    }
    guard let head else {
      let isShort = stream.available < limit
      return try recover(
        stream,
        Damage(
          offset: offset,
          reason: isShort ? truncation(supply) : "warc-header",
          detail: "no end of the WARC header"
        ),
        &batch
      )
    }
    switch head.result {
    case .failure(let failure):
      return try recover(
        stream,
        Damage(offset: offset, reason: "warc-header", detail: failure.sentence),
        &batch
      )
    case .success(let header):
      flushDamage(until: offset, &batch)
      let place = Place(
        offset: offset,
        position: stream.position,
        isMemberStart: stream.isAtMemberStart
      )
      return try readBlock(stream, header, head.length, place, &batch)
    }
  }

  private func truncation(_ supply: InflatedStream.Supply) -> String {
    if case .damaged(let damage) = supply { return damage.reason.rawValue }
    return "truncated"
  }

  /// Where a record starts.
  struct Place {
    let offset: UInt64
    let position: UInt64
    let isMemberStart: Bool
  }

  private func readBlock(
    _ stream: InflatedStream,
    _ header: WARCHeader,
    _ headerLength: Int,
    _ place: Place,
    _ batch: inout MemberBatch
  ) throws(FileError) -> Step {
    let length = header.contentLength
    guard length <= configuration.budget.recordBytes else {
      return try recover(
        stream,
        Damage(
          offset: place.offset,
          reason: "budget-record",
          detail:
            "the header declares \(length) bytes; at most \(configuration.budget.recordBytes) are read"
        ),
        &batch
      )
    }
    guard length <= UInt64(configuration.budget.heldBytes) else {
      return try readLargeBlock(stream, header, headerLength, place, &batch)
    }
    let blockLength = Int(length)
    let supply = try stream.require(headerLength + blockLength + 4)
    if supply != .enough, stream.available < headerLength + blockLength {
      return try recover(
        stream,
        Damage(
          offset: place.offset,
          reason: truncation(supply),
          detail:
            "the header declares \(length) bytes, \(max(0, stream.available - headerLength)) are there"
        ),
        &batch
      )
    }
    let hasSeparator = stream.withWindow {
      $0.dropFirst(headerLength + blockLength).starts(with: [0x0D, 0x0A, 0x0D, 0x0A])
    }
    guard hasSeparator else {
      let isCut = stream.available < headerLength + blockLength + 4
      return try recover(
        stream,
        Damage(
          offset: place.offset,
          reason: isCut ? truncation(supply) : "warc-length",
          detail: "the record does not end where its Content-Length says"
        ),
        &batch
      )
    }
    let headStart = batch.bytes.count
    stream.take(headerLength + blockLength, into: &batch.bytes)
    stream.skip(4)
    let head = headStart..<headStart + headerLength
    let block = head.upperBound..<head.upperBound + blockLength
    guard let extent = try proveEnd(stream, place, &batch, arenaStart: headStart) else {
      return .handed
    }
    let record = record(header, head, block)
    var member = record.member(
      locator: extent.locator(input.name),
      offset: place.offset,
      length: extent.length,
      in: &batch,
      digests: &digests
    )
    return hand(&member, of: record, to: &batch)
  }

  private func record(_ header: WARCHeader, _ head: Range<Int>, _ block: Range<Int>) -> WARCRecord {
    WARCRecord(header: header, head: head, block: block, budget: configuration.budget)
  }

  private func hand(
    _ member: inout Member,
    of record: WARCRecord,
    to batch: inout MemberBatch
  ) -> Step {
    record.takeCrawlEvidence(&member, &batch)
    checkPatterns(&member)
    batch.members.append(member)
    ordinal += 1
    return .handed
  }

  /// Where a record ends, in the file or in the inflated stream.
  private struct Extent {
    let offset: UInt64
    let length: UInt64
    /// Whether the record is a compressed member of its own.
    let isWholeMember: Bool
    let position: UInt64

    func locator(_ input: String) -> String {
      isWholeMember
        ? RecordLocator.member(input, offset: offset, length: length)
        : "\(input)@@\(position),\(length)"
    }
  }

  /// A record is complete when its member's trailer is proven; `nil` when the member turns out to be
  /// damaged, which rejects the record.
  private func proveEnd(
    _ stream: InflatedStream,
    _ place: Place,
    _ batch: inout MemberBatch,
    arenaStart: Int
  ) throws(FileError) -> Extent? {
    let supply = try stream.require(1)
    if case .damaged(let broken) = supply, stream.available == 0,
      broken.memberOffset == place.offset
    {
      batch.bytes.removeSubrange(arenaStart...)
      _ = try recover(
        stream,
        Damage(
          offset: place.offset,
          reason: broken.reason.rawValue,
          detail: "the compressed member's trailer does not fit"
        ),
        &batch
      )
      return nil
    }
    let isEnd = stream.available == 0
    let isWhole = place.isMemberStart && (isEnd || stream.isAtMemberStart)
    let next: UInt64
    if isEnd, case .damaged(let broken) = supply {
      next = broken.memberOffset
    } else {
      next = isEnd && stream.coding != .plain ? stream.fileOffset : stream.memberOffset
    }
    return Extent(
      offset: place.offset,
      length: isWhole ? max(next, place.offset) - place.offset : stream.position - place.position,
      isWholeMember: isWhole,
      position: place.position
    )
  }

  /// A block that is too large to hold: its digests are taken while it goes by.
  private func readLargeBlock(
    _ stream: InflatedStream,
    _ header: WARCHeader,
    _ headerLength: Int,
    _ place: Place,
    _ batch: inout MemberBatch
  ) throws(FileError) -> Step {
    let headStart = batch.bytes.count
    stream.take(headerLength, into: &batch.bytes)
    let head = headStart..<batch.bytes.count
    var left = header.contentLength
    var block = StreamedBytesBuilder()
    var payload = StreamedBytesBuilder()
    _ = try stream.require(min(Int(left), configuration.budget.headerBytes))
    let message = stream.withWindow { HTTPMessage($0, limit: configuration.budget.headerBytes) }
    var headLeft = header.type == "response" ? message?.headLength ?? 0 : 0
    while left > 0 {
      let supply = try stream.require(1)
      guard stream.available > 0 else {
        batch.bytes.removeSubrange(headStart...)
        return try recover(
          stream,
          Damage(
            offset: place.offset,
            reason: truncation(supply),
            detail:
              "the header declares \(header.contentLength) bytes, \(header.contentLength - left) are there"
          ),
          &batch
        )
      }
      let count = Int(min(left, UInt64(stream.available)))
      stream.withWindow { window in
        let piece = window.prefix(count)
        block.append(piece)
        payload.append(piece.dropFirst(headLeft))
      }
      headLeft = max(0, headLeft - count)
      stream.skip(count)
      left -= UInt64(count)
    }
    _ = try stream.require(4)
    let hasSeparator = stream.withWindow { $0.starts(with: [0x0D, 0x0A, 0x0D, 0x0A]) }
    guard hasSeparator else {
      batch.bytes.removeSubrange(headStart...)
      return try recover(
        stream,
        Damage(
          offset: place.offset,
          reason: "warc-length",
          detail: "the record does not end where its Content-Length says"
        ),
        &batch
      )
    }
    stream.skip(4)
    guard let extent = try proveEnd(stream, place, &batch, arenaStart: headStart) else {
      return .handed
    }
    let record = record(header, head, head.upperBound..<head.upperBound)
    var member = record.largeMember(
      locator: extent.locator(input.name),
      offset: place.offset,
      length: extent.length,
      message: message,
      block: block.finish(),
      payload: payload.finish()
    )
    return hand(&member, of: record, to: &batch)
  }

  private func checkPatterns(_ member: inout Member) {
    guard member.verdict == .record, let path = member.path else { return }
    if let reason = NamePatterns(configuration).exclusion(of: path) {
      member.verdict = .excluded(reason)
    }
  }

  // MARK: damage

  private func note(_ found: Damage) {
    if damage == nil { damage = found }
  }

  /// Remembers the damage and moves to the next place that may be a record.
  private func recover(
    _ stream: InflatedStream,
    _ found: Damage,
    _ batch: inout MemberBatch
  ) throws(FileError) -> Step {
    note(found)
    falseStarts += 1
    if found.reason == "budget-container" || falseStarts > Self.falseStartLimit {
      try flushDamage(untilEnd: &batch)
      return .inputEnded
    }
    let from = found.offset + 1
    guard try stream.resync(from: from, plainMagic: Self.magic) != nil else {
      try flushDamage(untilEnd: &batch)
      return .inputEnded
    }
    return .handed
  }

  private func flushDamage(untilEnd batch: inout MemberBatch) throws(FileError) {
    if damage != nil { flushDamage(until: try fileLength(), &batch) }
    falseStarts = 0
  }

  /// One ledger entry for everything between two good records.
  private func flushDamage(until end: UInt64, _ batch: inout MemberBatch) {
    falseStarts = 0
    guard let found = damage else { return }
    damage = nil
    let length = end > found.offset ? end - found.offset : 0
    batch.members.append(
      .rejected(
        locator: RecordLocator.member(input.name, offset: found.offset, length: length),
        kind: "damage",
        offset: found.offset,
        length: length,
        reason: found.reason,
        detail: found.detail
      )
    )
    ordinal += 1
  }
}
