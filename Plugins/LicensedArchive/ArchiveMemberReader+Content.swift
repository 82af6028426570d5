internal import Archives
internal import SourceAPI

/// The contents of entries, and what is said of those that cannot be read.
extension ArchiveMemberReader {
  func readContent(
    _ archive: any EntryReader,
    _ name: [UInt8],
    _ locator: String,
    _ offset: UInt64,
    _ batch: inout MemberBatch
  ) throws(SourceError) -> Bool {
    let budget = configuration.budget
    let start = batch.bytes.count
    let fileStart = archive.fileOffset
    var streamed: StreamedBytesBuilder?
    var count: UInt64 = 0
    while true {
      let read: Int
      do throws(ArchiveFailure) {
        read = try archive.read(into: &piece, 0..<piece.count)
      } catch {
        if let number = archive.fileError { throw .file(number) }
        batch.bytes.removeSubrange(start...)
        let damage = archive.streamDamage
        reject(
          &batch,
          locator: locator,
          name: name,
          offset,
          count,
          damage?.reason.rawValue ?? "corrupt-stream",
          Self.unreadable
        )
        if error.isFatal { endContainer(&batch, archive.position, Self.unreadable, damage) }
        return !error.isFatal
      }
      if read == 0 { break }
      batch.bytes.append(contentsOf: piece[..<read])
      count += UInt64(read)
      outputBytes += UInt64(read)
      if streamed != nil || batch.bytes.count - start > budget.heldBytes {
        var builder = streamed ?? StreamedBytesBuilder()
        builder.append(batch.bytes[start...])
        streamed = builder
        batch.bytes.removeSubrange(start...)
      }
      // libarchive reads ahead by up to 64 KiB, which the entry is not charged for.
      let consumed = archive.fileOffset - fileStart + 65_536
      let isBomb = count > 1 << 20 && count / budget.ratio > consumed
      if isBomb || count > budget.recordBytes || outputBytes > budget.containerBytes {
        batch.bytes.removeSubrange(start...)
        let code =
          isBomb
          ? "budget-ratio" : count > budget.recordBytes ? "budget-record" : "budget-container"
        reject(
          &batch,
          locator: locator,
          name: name,
          offset,
          count,
          code,
          "more bytes than the budget allows came out"
        )
        // What follows could be reached by inflating the rest only.
        endContainer(&batch, archive.position, "the rest is not read after \(code)")
        return false
      }
    }
    let bytes: Member.Bytes =
      streamed.map { .streamed($0.finish()) } ?? .held(start..<batch.bytes.count)
    let text = Self.text(name)
    let type =
      MediaType.ofName(text)
      ?? (streamed == nil ? MediaType.sniff(batch.bytes[start...]) : "application/octet-stream")
    var member = Member(
      locator: locator,
      kind: "file",
      name: text,
      mediaType: type,
      member: bytes,
      payload: bytes,
      offset: offset,
      length: count,
      verdict: .record
    )
    member.path = configuration.pathPrefix + text
    if let reason = patterns.exclusion(of: text) { member.verdict = .excluded(reason) }
    batch.members.append(member)
    return true
  }

  // MARK: damage

  /// A ledger entry is committed: the library's own words, which differ between its versions, stay out.
  static let unreadable = "the archive cannot be read on from here"

  func reject(
    _ batch: inout MemberBatch,
    locator: String? = nil,
    name: [UInt8],
    _ offset: UInt64,
    _ length: UInt64,
    _ reason: String,
    _ detail: String
  ) {
    let place = locator ?? RecordLocator.entry(input.name, name: name, occurrence: 1)
    batch.members.append(
      .rejected(
        locator: place,
        kind: "file",
        name: Self.text(name),
        offset: offset,
        length: length,
        reason: reason,
        detail: detail
      )
    )
  }

  /// One entry for everything that the container would have held from here on.
  func endContainer(
    _ batch: inout MemberBatch,
    _ offset: UInt64,
    _ detail: String,
    _ damage: StreamDamage? = nil
  ) {
    ordinal += 1
    batch.members.append(
      .rejected(
        locator: RecordLocator.member(input.name, offset: offset, length: 0),
        kind: "damage",
        offset: offset,
        length: 0,
        reason: damage?.reason.rawValue ?? "container-damaged",
        detail: detail
      )
    )
  }

  static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }
}
