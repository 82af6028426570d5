internal import Archives
internal import Files
internal import SourceAPI

/// Reads the entries of archives in the order in which they lie there.
final class ArchiveMemberReader: MemberReader {
  let configuration: SourceConfiguration
  let patterns: NamePatterns
  var archive: (any EntryReader)?
  /// What a zip's directory and headers say about its entries; `nil` for other formats.
  var directory: ZipDirectory?
  private(set) var inputIndex: Int
  var ordinal: UInt64 = 0
  var occurrences: [[UInt8]: UInt64] = [:]
  var outputBytes: UInt64 = 0
  var hasStarted = false
  /// The entry that is read as a container of its own.
  var nested: NestedEntry?
  /// What one read gives, used for all: room in the batch would be filled with zeros first, for each of many small
  /// entries anew.
  var piece = [UInt8](repeating: 0, count: 1 << 18)

  init(_ configuration: SourceConfiguration, from checkpoint: Checkpoint) throws(SourceError) {
    self.configuration = configuration
    patterns = NamePatterns(configuration)
    inputIndex = checkpoint.input
    if checkpoint.ordinal > 0 || !checkpoint.inner.isEmpty, inputIndex < configuration.inputs.count
    {
      try open()
      try skip(to: checkpoint)
      if !checkpoint.inner.isEmpty { try resumeNested(checkpoint.inner) }
    }
  }

  /// Behind an entry: those before it are walked over again, and their contents are not looked at.
  var checkpoint: Checkpoint? {
    guard ordinal > 0 else { return .start(of: inputIndex) }
    var place = Checkpoint(
      input: inputIndex,
      offset: 0,
      ordinal: ordinal,
      skipped: 0,
      position: outputBytes
    )
    guard let nested else { return place }
    // Inside an entry: before it here, and where its own reader stands.
    guard var inner = nested.reader.checkpoint else { return nil }
    place.ordinal -= 1
    let further = inner.inner
    inner.inner = []
    place.inner = [inner] + further
    return place
  }
  var inputOffset: UInt64 { archive?.fileOffset ?? 0 }
  var input: SourceConfiguration.Input { configuration.inputs[inputIndex] }

  func read(into batch: inout MemberBatch) throws(SourceError) -> Bool {
    while inputIndex < configuration.inputs.count {
      if input.skipped == nil {
        if archive == nil, !hasStarted { try open() }
        while let archive {
          let goesOn = nested == nil ? try readEntry(archive, &batch) : try readNested(&batch)
          if batch.isFull, goesOn { return true }
          guard goesOn else { break }
        }
      }
      (archive, nested) = (nil, nil)
      hasStarted = false
      inputIndex += 1
      ordinal = 0
      occurrences = [:]
      outputBytes = 0
    }
    return false
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
      batch.members.append(
        .skipped(locator: locator, kind: kind, name: Self.text(name), offset: offset)
      )
      return true
    }
    if let goesOn = try beginNested(archive, name, locator, offset, &batch) { return goesOn }
    // What looked like a container by its name and is none was looked into: the archive may be another reader now.
    return try readContent(self.archive ?? archive, name, locator, offset, &batch)
  }

  func skippedKind(_ kind: ArchiveEntry.Kind) -> String? {
    switch kind {
    case .file: nil
    case .folder: "directory"
    case .link: "link"
    case .special: "special"
    }
  }

  func refusal(of entry: ArchiveEntry) -> (code: String, detail: String)? {
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
  func reject(
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
}
