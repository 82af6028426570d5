internal import Archives
internal import Files
internal import SourceAPI

/// An entry that is read as a container of its own.
struct NestedEntry {
  let bytes: EntryBytes
  let reader: any MemberReader
  let locator: String
  let name: [UInt8]
  let offset: UInt64
}

/// Containers in the archive: their members are read where they lie, in one pass, by the plugin whose format they are.
extension ArchiveMemberReader {
  /// The first bytes by which a container is known.
  private static let headCount = 512

  /// Begins to read an entry as a container, if it is one.
  ///
  /// - Returns: `nil` for an entry that is none; else whether the archive goes on.
  func beginNested(
    _ archive: any EntryReader,
    _ name: [UInt8],
    _ locator: String,
    _ offset: UInt64,
    _ batch: inout MemberBatch
  ) throws(SourceError) -> Bool? {
    let text = Self.text(name)
    // Most names belong to no container: nothing is looked at for them.
    guard configuration.containers.contains(where: { $0.reads(text, head: []) }),
      !(patterns.exclusion(of: text)?.hasPrefix("exclude") ?? false)
    else { return nil }
    let bytes = entryBytes(archive, locator)
    let head: [UInt8]
    do throws(FileError) {
      head = try self.head(of: bytes)
    } catch {
      guard let failure = bytes.failure else { throw .file(error) }
      return fail(failure, name, locator, offset, &batch)
    }
    guard let plugin = configuration.containers.first(where: { $0.reads(text, head: head[...]) })
    else {
      // By its name alone: it is a file, and read as one from its start.
      do throws(FileError) {
        self.archive = try reopened() ?? archive
      } catch {
        throw .file(error)
      }
      return nil
    }
    guard UInt64(configuration.depth) + 2 <= configuration.budget.depth else {
      reject(
        &batch,
        locator: locator,
        name: name,
        offset,
        0,
        "budget-depth",
        "a container in more than \(configuration.budget.depth - 1) others; it is not read (--max-depth)"
      )
      return true
    }
    let reader: any MemberReader
    do throws(SourceError) {
      reader = try plugin.init(configuration: inner(bytes, text, locator)).reader(from: nil)
    } catch {
      return try refuse(error, bytes, name, locator, offset, &batch)
    }
    batch.members.append(
      .skipped(locator: locator, kind: "container", name: text, offset: offset)
    )
    nested = NestedEntry(
      bytes: bytes,
      reader: reader,
      locator: locator,
      name: name,
      offset: offset
    )
    return true
  }

  /// Goes on in the container in which a checkpoint lies; the entries before it have been walked over.
  func resumeNested(_ place: [Checkpoint]) throws(SourceError) {
    let gone = SourceError.changed(
      input: input.name,
      detail: "the container where reading goes on is not there any more"
    )
    guard let archive, var first = place.first else { return }
    first.inner = Array(place.dropFirst())
    let offset = archive.position
    let entry: ArchiveEntry?
    do throws(ArchiveFailure) {
      entry = try archive.nextEntry()
    } catch {
      throw gone
    }
    guard let entry else { throw gone }
    ordinal += 1
    let occurrence = (occurrences[entry.name] ?? 0) + 1
    occurrences[entry.name] = occurrence
    let locator = RecordLocator.entry(input.name, name: entry.name, occurrence: occurrence)
    let text = Self.text(entry.name)
    let bytes = entryBytes(archive, locator)
    let head: [UInt8]
    do throws(FileError) {
      head = try self.head(of: bytes)
    } catch {
      throw gone
    }
    guard let plugin = configuration.containers.first(where: { $0.reads(text, head: head[...]) })
    else { throw gone }
    nested = NestedEntry(
      bytes: bytes,
      reader: try plugin.init(configuration: inner(bytes, text, locator)).reader(from: first),
      locator: locator,
      name: entry.name,
      offset: offset
    )
  }

  private func head(of bytes: EntryBytes) throws(FileError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: Self.headCount)
    guard case .bytes(let count) = try bytes.read(into: &buffer, 0..<buffer.count, at: 0) else {
      return []
    }
    return Array(buffer[..<count])
  }

  /// The bytes of the entry at which the archive stands; going back in them opens the archive anew.
  private func entryBytes(_ archive: any EntryReader, _ locator: String) -> EntryBytes {
    let budget = configuration.budget
    let left = budget.containerBytes - min(budget.containerBytes, outputBytes)
    return EntryBytes(
      path: locator,
      archive,
      limits: InflationLimits(containerBytes: left, ratio: budget.ratio)
    ) { [unowned self] () throws(FileError) in try reopened() }
  }

  private func inner(_ bytes: EntryBytes, _ name: String, _ locator: String) -> SourceConfiguration
  {
    var inner = configuration
    var source = SourceConfiguration.Input(path: locator, name: locator)
    source.nested = SourceConfiguration.NestedBytes(bytes)
    inner.inputs = [source]
    inner.format = nil
    inner.depth += 1
    inner.pathPrefix = configuration.pathPrefix + name + "!/"
    return inner
  }

  /// Reads on in the container; false when the archive round it is over.
  func readNested(_ batch: inout MemberBatch) throws(SourceError) -> Bool {
    guard let nested else { return true }
    do throws(SourceError) {
      if try nested.reader.read(into: &batch) { return true }
    } catch {
      self.nested = nil
      return try refuse(error, nested.bytes, nested.name, nested.locator, nested.offset, &batch)
    }
    self.nested = nil
    outputBytes += nested.bytes.readCount
    // The container has its own end; the entry's is proven by reading it to its checksum.
    do throws(FileError) {
      _ = try nested.bytes.byteCount()
    } catch {
      guard let failure = nested.bytes.failure else { throw .file(error) }
      return fail(failure, nested.name, nested.locator, nested.offset, &batch)
    }
    archive = nested.bytes.archive
    return true
  }

  /// What becomes of a container that its reader does not read.
  private func refuse(
    _ error: SourceError,
    _ bytes: EntryBytes,
    _ name: [UInt8],
    _ locator: String,
    _ offset: UInt64,
    _ batch: inout MemberBatch
  ) throws(SourceError) -> Bool {
    archive = bytes.archive
    if let failure = bytes.failure { return fail(failure, name, locator, offset, &batch) }
    guard case .formatNotEnabled = error else { throw error }
    reject(
      &batch,
      locator: locator,
      name: name,
      offset,
      bytes.readCount,
      "format-not-enabled",
      "a container of a format that is not enabled"
    )
    return true
  }

  /// One entry for what the container would have held from where it cannot be read on.
  private func fail(
    _ failure: EntryBytes.Failure,
    _ name: [UInt8],
    _ locator: String,
    _ offset: UInt64,
    _ batch: inout MemberBatch
  ) -> Bool {
    reject(
      &batch,
      locator: locator,
      name: name,
      offset,
      0,
      failure.reason,
      "the container cannot be read on from here"
    )
    if failure.isFatal {
      endContainer(
        &batch,
        archive?.position ?? offset,
        "the rest is not read after \(failure.reason)",
        archive?.streamDamage
      )
    }
    return !failure.isFatal
  }
}
