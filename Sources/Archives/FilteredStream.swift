internal import CArchive
internal import Files

/// The bytes of a file that is one xz or bzip2 stream, through libarchive's filters.
///
/// Such a file has no members that a reader could return to.
@safe final class FilteredStream {
  private let handle: OpaquePointer
  private let feed: SourceFeed

  /// `nil` when the library cannot read the file this way.
  init?(_ source: any ByteSource) {
    feed = SourceFeed(source)
    // SAFETY: the handle is ours from here to deinit, and the feed lives as long as this value.
    guard let handle = unsafe archive_read_new() else { return nil }
    unsafe self.handle = handle
    unsafe archive_read_support_format_raw(handle)
    unsafe archive_read_support_filter_xz(handle)
    unsafe archive_read_support_filter_bzip2(handle)
    var entry: OpaquePointer?
    guard
      unsafe feed.open(handle) == ARCHIVE_OK,
      unsafe archive_read_next_header(handle, &entry) == ARCHIVE_OK
    else { return nil }
  }

  deinit {
    // SAFETY: the handle is freed once.
    unsafe archive_read_free(handle)
  }

  /// Bytes of the file that were read.
  var consumed: UInt64 {
    // SAFETY: the handle lives until deinit.
    unsafe UInt64(max(0, archive_filter_bytes(handle, -1)))
  }

  /// Reads at most `room` bytes to `offset` of `output`; 0 at the end, `nil` when the stream is damaged.
  func read(into output: inout [UInt8], at offset: Int, room: Int) -> Int? {
    precondition(offset + room <= output.count)
    // SAFETY: the room lies in the array, and the library writes at most its length.
    let count = unsafe output.withUnsafeMutableBytes { raw in
      unsafe archive_read_data(handle, raw.baseAddress?.advanced(by: offset), room)
    }
    return count < 0 ? nil : count
  }
}
