internal import Archives
internal import Files
internal import SourceAPI

/// Reads one WACZ: checks every file against the package's own digests, then reads its WARC files where they lie.
final class WACZReader: MemberReader {
  private let configuration: SourceConfiguration
  private let input: SourceConfiguration.Input
  private let file: any ByteSource
  private let directory: ZipDirectory?
  private var archive: ZipArchive?
  private var ordinal: UInt64 = 0
  private var nested: (bytes: EntryBytes, reader: WARCReader, locator: String)?
  private var isChecked = false
  private(set) var inputIndex = 0

  /// Begins at a place of the one input of a configuration.
  ///
  /// - Throws: `SourceError`.
  init(_ configuration: SourceConfiguration, from place: Checkpoint) throws(SourceError) {
    self.configuration = configuration
    input = configuration.inputs[0]
    do throws(FileError) {
      file = try input.open()
      directory = try ZipDirectory(of: file)
    } catch {
      throw .file(error)
    }
    if place.input > 0 { inputIndex = 1 }
    guard inputIndex == 0 else { return }
    archive = directory.flatMap { ZipArchive(file, $0) }
    guard place.ordinal > 0 || !place.inner.isEmpty else { return }
    isChecked = true
    for _ in 0..<place.ordinal { _ = archive?.nextEntry() }
    ordinal = place.ordinal
    guard let inner = place.inner.first, let archive else { return }
    guard let entry = archive.nextEntry() else {
      throw .changed(input: input.name, detail: "it ends before the place where reading goes on")
    }
    ordinal += 1
    try begin(entry, archive, from: inner)
  }

  var inputOffset: UInt64 { nested?.bytes.fileOffset ?? archive?.fileOffset ?? 0 }

  var checkpoint: Checkpoint? {
    guard inputIndex == 0 else { return .start(of: 1) }
    guard isChecked, ordinal > 0 else { return .start(of: 0) }
    var place = Checkpoint(input: 0, offset: 0, ordinal: ordinal)
    guard let nested else { return place }
    guard let inner = nested.reader.checkpoint else { return nil }
    place.ordinal -= 1
    place.inner = [inner]
    return place
  }

  func read(into batch: inout MemberBatch) throws(SourceError) -> Bool {
    guard inputIndex == 0 else { return false }
    guard let archive, let directory, !directory.isTooLarge else {
      return end(&batch, input.name, "wacz-zip", "no zip whose directory can be read")
    }
    if !isChecked {
      let fault: WACZPackage.Fault?
      do throws(FileError) {
        fault = try ZipArchive(file, directory).flatMap { zip throws(FileError) in
          try WACZPackage.check(zip)
        }
      } catch {
        throw .file(error)
      }
      if let fault {
        let place = fault.name.map { locator($0) } ?? input.name
        return end(
          &batch,
          place,
          "wacz-digest",
          "the file \(fault.detail); nothing of the package is read"
        )
      }
      isChecked = true
    }
    while true {
      if let nested {
        do throws(SourceError) {
          if try nested.reader.read(into: &batch) { return true }
          _ = try whole(nested.bytes)
        } catch {
          guard let failure = nested.bytes.failure else { throw error }
          return end(
            &batch,
            nested.locator,
            failure.reason,
            "the container cannot be read on from here"
          )
        }
        self.nested = nil
        self.archive = nested.bytes.archive as? ZipArchive ?? archive
      }
      guard let entry = self.archive?.nextEntry() else {
        inputIndex = 1
        return false
      }
      let finding = directory.finding(at: ordinal)
      ordinal += 1
      if let finding {
        return end(
          &batch,
          locator(entry.name),
          finding.fault.rawValue,
          "directory and headers disagree"
        )
      }
      try take(entry, self.archive ?? archive, &batch)
      if batch.isFull { return true }
    }
  }

  private func whole(_ bytes: EntryBytes) throws(SourceError) -> UInt64 {
    do throws(FileError) {
      return try bytes.byteCount()
    } catch {
      throw .file(error)
    }
  }

  /// WARC files below `archive/` are read; all else of a package speaks about them.
  private func take(
    _ entry: ArchiveEntry,
    _ archive: ZipArchive,
    _ batch: inout MemberBatch
  ) throws(SourceError) {
    let name = String(decoding: entry.name, as: UTF8.self)
    let isCrawl =
      entry.kind == .file && name.hasPrefix("archive/") && WebCrawlSource.reads(name, head: [])
    let kind = isCrawl ? "container" : entry.kind == .file ? "metadata" : "directory"
    var member = Member.skipped(
      locator: locator(entry.name),
      kind: kind,
      name: name,
      offset: archive.position
    )
    guard isCrawl else {
      batch.members.append(member)
      return
    }
    guard UInt64(configuration.depth) + 2 <= configuration.budget.depth else {
      member.verdict = .rejected(
        reason: "budget-depth",
        detail:
          "a container in more than \(configuration.budget.depth - 1) others; it is not read (--max-depth)"
      )
      batch.members.append(member)
      return
    }
    batch.members.append(member)
    try begin(entry, archive, from: .start(of: 0))
  }

  private func begin(
    _ entry: ArchiveEntry,
    _ archive: ZipArchive,
    from place: Checkpoint
  ) throws(SourceError) {
    let place = place
    let locator = locator(entry.name)
    let (file, directory, count) = (file, directory, ordinal)
    let budget = configuration.budget
    let bytes = EntryBytes(
      path: locator,
      archive,
      limits: InflationLimits(containerBytes: budget.containerBytes, ratio: budget.ratio)
    ) { () throws(FileError) in
      let zip = directory.flatMap { ZipArchive(file, $0) }
      for _ in 0..<count { _ = zip?.nextEntry() }
      return zip
    }
    var inner = configuration
    var source = SourceConfiguration.Input(path: locator, name: locator)
    source.nested = SourceConfiguration.NestedBytes(bytes)
    inner.inputs = [source]
    inner.depth += 1
    nested = (bytes, try WARCReader(inner, from: place), locator)
  }

  /// A name comes once: a package in which it comes twice is not read.
  private func locator(_ name: [UInt8]) -> String {
    RecordLocator.entry(
      input.name,
      name: Array(name.prefix(configuration.budget.nameBytes)),
      occurrence: 1
    )
  }

  private func end(
    _ batch: inout MemberBatch,
    _ locator: String,
    _ reason: String,
    _ detail: String
  ) -> Bool {
    batch.members.append(
      .rejected(
        locator: locator,
        kind: "damage",
        offset: 0,
        length: 0,
        reason: reason,
        detail: detail
      )
    )
    (nested, inputIndex) = (nil, 1)
    return false
  }
}
