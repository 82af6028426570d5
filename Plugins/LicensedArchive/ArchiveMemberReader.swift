internal import Archives
internal import Files
internal import SourceAPI

/// Reads the entries of archives in the order in which they lie there.
final class ArchiveMemberReader: MemberReader {
  private let configuration: SourceConfiguration
  private let patterns: NamePatterns
  private var archive: (any EntryReader)?
  /// What a zip's directory and headers say about its entries; `nil` for other formats.
  private var directory: ZipDirectory?
  private(set) var inputIndex: Int
  private var ordinal: UInt64 = 0
  private var occurrences: [[UInt8]: UInt64] = [:]
  private var outputBytes: UInt64 = 0
  private var hasStarted = false
  /// What one read gives, used for all: room in the batch would be filled with zeros first, for each of many small
  /// entries anew.
  private var piece = [UInt8](repeating: 0, count: 1 << 18)

  init(_ configuration: SourceConfiguration, from checkpoint: Checkpoint) throws(SourceError) {
    self.configuration = configuration
    patterns = NamePatterns(configuration)
    inputIndex = checkpoint.input
    if checkpoint.ordinal > 0, inputIndex < configuration.inputs.count {
      try open()
      try skip(to: checkpoint)
    }
  }

  /// Behind an entry: those before it are walked over again, and their contents are not looked at.
  var checkpoint: Checkpoint? {
    guard ordinal > 0 else { return .start(of: inputIndex) }
    return Checkpoint(
      input: inputIndex,
      offset: 0,
      ordinal: ordinal,
      skipped: 0,
      position: outputBytes
    )
  }
  var inputOffset: UInt64 { archive?.fileOffset ?? 0 }
  private var input: SourceConfiguration.Input { configuration.inputs[inputIndex] }

  func read(into batch: inout MemberBatch) throws(SourceError) -> Bool {
    while inputIndex < configuration.inputs.count {
      if input.skipped == nil {
        if archive == nil, !hasStarted { try open() }
        while let archive {
          guard try readEntry(archive, &batch) else { break }
          if batch.isFull { return true }
        }
      }
      archive = nil
      hasStarted = false
      inputIndex += 1
      ordinal = 0
      occurrences = [:]
      outputBytes = 0
    }
    return false
  }

  private func open() throws(SourceError) {
    let stream: InflatedStream?
    do throws(FileError) {
      let file = try InputFile(input.path)
      directory = try ZipDirectory(of: file)
      if let directory, configuration.extraFormats.isEmpty,
        let zip = ZipArchive(file, directory)
      {
        archive = zip
        hasStarted = true
        return
      }
      let budget = configuration.budget
      // A zip, and what was asked for by name, may want to go back and forth in its file.
      stream =
        directory != nil || !configuration.extraFormats.isEmpty
        ? nil
        : try InflatedStream(
          file,
          limits: InflationLimits(containerBytes: budget.containerBytes, ratio: budget.ratio)
        )
    } catch {
      throw .file(error)
    }
    do throws(ArchiveFailure) {
      let formats = configuration.extraFormats
      if let stream {
        archive = try ArchiveReader(stream, extraFormats: formats)
      } else {
        archive = try ArchiveReader(input.path, extraFormats: formats)
      }
      hasStarted = true
    } catch {
      throw notEnabled(error)
    }
  }

  private func notEnabled(_ failure: ArchiveFailure) -> SourceError {
    .formatNotEnabled(
      input: input.name,
      format: "of this file",
      hint:
        "tar (gzip, bzip2, xz, zstd) and zip are read; others with --allow-format NAME (\(failure.reason))"
    )
  }

  /// Walks over the entries before a checkpoint; their names count, because a name may come again.
  private func skip(to place: Checkpoint) throws(SourceError) {
    guard let archive else { return }
    while ordinal < place.ordinal {
      let entry: ArchiveEntry?
      do throws(ArchiveFailure) {
        entry = try archive.nextEntry()
      } catch {
        if let failed = archive.fileError { throw .file(failed) }
        entry = nil
      }
      guard let entry else {
        throw .changed(
          input: input.name,
          detail: "it ends before the entry where reading goes on"
        )
      }
      let names =
        archive.isZip ? directory?.finding(at: ordinal)?.names ?? [entry.name] : [entry.name]
      for name in names { occurrences[name, default: 0] += 1 }
      ordinal += 1
    }
    outputBytes = place.position
  }

  // MARK: entries

  private func readEntry(_ archive: any EntryReader, _ batch: inout MemberBatch) throws(SourceError)
    -> Bool
  {
    let offset = archive.position
    let entry: ArchiveEntry?
    do throws(ArchiveFailure) {
      entry = try archive.nextEntry()
    } catch {
      // The first header is where libarchive recognises the format.
      if ordinal == 0, error.reason.contains("Unrecognized") { throw notEnabled(error) }
      if let number = archive.fileError { throw .file(number) }
      endContainer(&batch, offset, Self.unreadable, archive.streamDamage)
      return false
    }
    guard let entry else {
      let end = archive.position
      let isPadding = archive.drain()
      if let error = archive.fileError { throw .file(error) }
      if let damage = archive.streamDamage {
        endContainer(&batch, end, "the end of the archive is not proven", damage)
      } else if !isPadding, !archive.isZip {
        // Behind the entries of a zip stands its directory.
        endContainer(
          &batch,
          end,
          "bytes follow the end of the archive",
          StreamDamage(reason: .trailingGarbage, memberOffset: end)
        )
      }
      return false
    }
    if archive.isZip, directory?.isTooLarge ?? false {
      endContainer(&batch, 0, "a directory of more than \(ZipDirectory.byteLimit) bytes")
      return false
    }
    if archive.isZip, let finding = directory?.finding(at: ordinal) {
      for name in finding.names { reject(&batch, name, finding.fault, offset) }
      ordinal += 1
      return true
    }
    guard ordinal < configuration.budget.memberCount else {
      reject(
        &batch,
        name: entry.name,
        offset,
        0,
        "budget-members",
        "more than \(configuration.budget.memberCount) members"
      )
      return false
    }
    ordinal += 1
    let occurrence = (occurrences[entry.name] ?? 0) + 1
    occurrences[entry.name] = occurrence
    let name =
      entry.name.count <= configuration.budget.nameBytes
      ? entry.name : Array("name-too-long-\(ordinal)".utf8)
    let locator = RecordLocator.entry(input.name, name: name, occurrence: occurrence)
    if let reason = refusal(of: entry) {
      batch.members.append(
        .rejected(
          locator: locator,
          kind: "file",
          name: Self.text(name),
          offset: offset,
          length: 0,
          reason: reason.code,
          detail: reason.detail
        )
      )
      return true
    }
    if let kind = skippedKind(entry.kind) {
      var member = Member.rejected(
        locator: locator,
        kind: kind,
        name: Self.text(name),
        offset: offset,
        length: 0,
        reason: "",
        detail: ""
      )
      member.verdict = .skipped(kind)
      batch.members.append(member)
      return true
    }
    return try readContent(archive, name, locator, offset, &batch)
  }

  private func skippedKind(_ kind: ArchiveEntry.Kind) -> String? {
    switch kind {
    case .file: nil
    case .folder: "directory"
    case .link: "link"
    case .special: "special"
    }
  }

  private func refusal(of entry: ArchiveEntry) -> (code: String, detail: String)? {
    if entry.name.count > configuration.budget.nameBytes {
      return ("budget-name", "a name of more than \(configuration.budget.nameBytes) bytes")
    }
    let parts = entry.name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if entry.name.isEmpty || entry.name.first == UInt8(ascii: "/")
      || entry.name.contains(UInt8(ascii: "\\"))
      || entry.name.contains(0) || parts.contains(where: { $0.elementsEqual("..".utf8) })
    {
      return ("unsafe-name", "an absolute name, or one with .., a backslash or nothing in it")
    }
    return entry.isEncrypted ? ("encrypted", "the entry is encrypted") : nil
  }

  /// Rejects an entry of a zip under the name that the directory gives it.
  private func reject(
    _ batch: inout MemberBatch,
    _ name: [UInt8],
    _ fault: ZipDirectory.Fault,
    _ offset: UInt64
  ) {
    let occurrence = (occurrences[name] ?? 0) + 1
    occurrences[name] = occurrence
    let bounded = Array(name.prefix(configuration.budget.nameBytes))
    let detail =
      switch fault {
      case .headersDisagree:
        "the header before the entry and the central directory say different things"
      case .overlap: "the entry shares bytes with another, or with the directory"
      }
    reject(
      &batch,
      locator: RecordLocator.entry(input.name, name: bounded, occurrence: occurrence),
      name: bounded,
      offset,
      0,
      fault.rawValue,
      detail
    )
  }

  private func readContent(
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
    member.path = text
    if let reason = patterns.exclusion(of: text) { member.verdict = .excluded(reason) }
    batch.members.append(member)
    return true
  }

  // MARK: damage

  /// A ledger entry is committed: the library's own words, which differ between its versions, stay out.
  private static let unreadable = "the archive cannot be read on from here"

  private func reject(
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
  private func endContainer(
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

  private static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }
}
