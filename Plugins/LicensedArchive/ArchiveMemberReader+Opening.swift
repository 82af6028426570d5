internal import Archives
internal import Files
internal import SourceAPI

/// Opening an archive, and going to a place in it.
extension ArchiveMemberReader {
  func open() throws(SourceError) {
    let (reader, directory) = try opened(directory: nil)
    (archive, self.directory) = (reader, directory)
    hasStarted = true
  }

  /// A reader at the first entry of the input.
  ///
  /// - Parameter known: the directory of a zip, where it was read before.
  /// - Returns: the reader, and the directory of a zip.
  /// - Throws: `SourceError`.
  private func opened(
    directory known: ZipDirectory?
  ) throws(SourceError) -> (any EntryReader, ZipDirectory?) {
    let stream: InflatedStream?
    let file: any ByteSource
    let directory: ZipDirectory?
    do throws(FileError) {
      file = try input.open()
      if let known { directory = known } else { directory = try ZipDirectory(of: file) }
      if let directory, configuration.extraFormats.isEmpty,
        let zip = ZipArchive(file, directory)
      {
        return (zip, directory)
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
      if let stream { return (try ArchiveReader(stream, extraFormats: formats), directory) }
      return (try ArchiveReader(file, extraFormats: formats), directory)
    } catch {
      throw notEnabled(error)
    }
  }

  func notEnabled(_ failure: ArchiveFailure) -> SourceError {
    .formatNotEnabled(
      input: input.name,
      format: "of this file",
      hint:
        "tar (gzip, bzip2, xz, zstd) and zip are read; others with --allow-format NAME (\(failure.reason))"
    )
  }

  /// A reader that stands behind the header of the entry that was read last, for whoever needs its bytes once more.
  func reopened() throws(FileError) -> (any EntryReader)? {
    let reader: any EntryReader
    do throws(SourceError) {
      reader = try opened(directory: directory).0
    } catch .file(let error) {
      throw error
    } catch {
      return nil
    }
    do throws(ArchiveFailure) {
      for _ in 0..<ordinal {
        guard try reader.nextEntry() != nil else { return nil }
      }
    } catch {
      if let failed = reader.fileError { throw failed }
      return nil
    }
    return reader
  }

  /// Walks over the entries before a checkpoint; their names count, because a name may come again.
  func skip(to place: Checkpoint) throws(SourceError) {
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
}
