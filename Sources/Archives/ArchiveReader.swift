internal import CArchive
public import Files
internal import Glibc

/// One entry of an archive, as its header declares it.
public struct ArchiveEntry: Sendable {
  /// What the entry is.
  public enum Kind: Sendable {
    case file, folder, link, special
  }

  /// The bytes of the name, undecoded.
  public let name: [UInt8]
  /// What it is.
  public let kind: Kind
  /// The declared length; never trusted, never used to allocate.
  public let declaredByteCount: Int64?
  /// Whether the entry cannot be read without a password.
  public let isEncrypted: Bool
  /// Whether libarchive had a complaint about the header that it could live with.
  public let hasWarning: Bool
}

/// What libarchive says when it cannot go on.
public struct ArchiveFailure: Error, Sendable {
  /// Whether the whole archive is over, not just the entry.
  public let isFatal: Bool
  /// The number that the library gives; a system error number when reading failed.
  public let number: Int32
  /// The library's own words, which hold no content.
  public let reason: String
}

/// Streams the entries of tar and zip archives.
///
/// Nothing is ever written to disk.
///
/// Only allowed formats are switched on: the library is never asked to guess among all it knows.
@safe public final class ArchiveReader: EntryReader {
  private let handle: OpaquePointer
  /// Where the bytes come from: a stream that is inflated already, or bytes at any place.
  private let feed: ArchiveFeed?
  private let source: SourceFeed?

  /// libarchive converts names through the locale of the process: one that is the same everywhere.
  private static let hasFixedLocale: Bool = {
    // SAFETY: called once; the text is a constant.
    unsafe setlocale(LC_CTYPE, "C.UTF-8") != nil
  }()

  /// Takes the locale; it may be a file.
  public static func prepare() { _ = hasFixedLocale }

  /// Opens an archive.
  ///
  /// - Parameters:
  ///   - source: its bytes.
  ///   - extraFormats: readers beside tar and zip that somebody asked for by name.
  /// - Throws: `ArchiveFailure`.
  public convenience init(
    _ source: any ByteSource,
    extraFormats: Set<String> = []
  ) throws(ArchiveFailure) {
    try self.init(SourceFeed(source), feed: nil, extraFormats)
  }

  /// Reads an archive out of a stream that is inflated already, under its limits.
  ///
  /// - Throws: `ArchiveFailure`.
  public convenience init(
    _ stream: InflatedStream,
    extraFormats: Set<String> = []
  ) throws(ArchiveFailure) {
    try self.init(nil, feed: ArchiveFeed(stream), extraFormats)
  }

  private init(
    _ source: SourceFeed?,
    feed: ArchiveFeed?,
    _ extraFormats: Set<String>
  ) throws(ArchiveFailure) {
    _ = Self.hasFixedLocale
    (self.feed, self.source) = (feed, source)
    // SAFETY: the handle is ours from here to deinit.
    guard let handle = unsafe archive_read_new() else {
      throw ArchiveFailure(isFatal: true, number: 12, reason: "no memory")
    }
    unsafe self.handle = handle
    unsafe archive_read_support_format_tar(handle)
    unsafe archive_read_support_format_gnutar(handle)
    unsafe archive_read_support_format_zip(handle)
    unsafe archive_read_support_filter_gzip(handle)
    unsafe archive_read_support_filter_bzip2(handle)
    unsafe archive_read_support_filter_xz(handle)
    unsafe archive_read_support_filter_zstd(handle)
    let optional: [String: (OpaquePointer?) -> Int32] = unsafe [
      "7z": archive_read_support_format_7zip, "rar": archive_read_support_format_rar,
      "rar5": archive_read_support_format_rar5, "cpio": archive_read_support_format_cpio,
      "iso": archive_read_support_format_iso9660, "ar": archive_read_support_format_ar,
    ]
    for name in extraFormats.sorted() { _ = unsafe optional[name]?(handle) }
    // SAFETY: both feeds live as long as this value, which frees the handle first.
    let status = unsafe feed?.open(handle) ?? source?.open(handle) ?? ARCHIVE_FATAL
    guard status == ARCHIVE_OK else { throw failure(isFatal: true) }
  }

  deinit {
    // SAFETY: the handle is freed once.
    unsafe archive_read_free(handle)
  }

  /// The names that `extraFormats` knows.
  public static let optionalFormats: Set<String> = ["7z", "rar", "rar5", "cpio", "iso", "ar"]

  /// Bytes of the file read so far, compressed; for progress.
  public var fileOffset: UInt64 {
    // SAFETY: the handle lives until deinit.
    unsafe feed?.stream.fileOffset ?? UInt64(max(0, archive_filter_bytes(handle, -1)))
  }

  /// Why the stream below ended early, when it did.
  public var streamDamage: StreamDamage? { feed?.damage }

  /// The system call that failed below, when one did.
  public var fileError: FileError? { feed?.error ?? source?.error }

  /// Reads what stands behind the end of the archive: padding, and the stream's own trailer.
  ///
  /// - Returns: whether it is all padding; a stream that is broken there has its `streamDamage`.
  public func drain() -> Bool {
    // SAFETY: the handle lives until deinit.
    let isBare = unsafe archive_filter_count(handle) <= 1
    return feed?.drain(behind: isBare ? position : nil) ?? true
  }

  /// Bytes that came out of the filters, headers included.
  public var position: UInt64 {
    // SAFETY: the handle lives until deinit.
    unsafe UInt64(max(0, archive_filter_bytes(handle, 0)))
  }

  /// Whether the file is a zip; known once the first entry was read.
  public var isZip: Bool {
    // SAFETY: the handle lives until deinit.
    unsafe archive_format(handle) & 0xFF_0000 == 0x5_0000
  }

  /// The next entry, or `nil` at the proven end.
  ///
  /// - Throws: `ArchiveFailure`.
  public func nextEntry() throws(ArchiveFailure) -> ArchiveEntry? {
    var entry: OpaquePointer?
    // SAFETY: the handle lives until deinit, the entry until the next call.
    var code = unsafe archive_read_next_header(handle, &entry)
    if code == ARCHIVE_RETRY { code = unsafe archive_read_next_header(handle, &entry) }
    if code == ARCHIVE_EOF { return nil }
    guard code == ARCHIVE_OK || code == ARCHIVE_WARN, let entry = unsafe entry else {
      throw failure(isFatal: code == ARCHIVE_FATAL)
    }
    let type = unsafe UInt32(archive_entry_filetype(entry))
    let isLink = unsafe archive_entry_hardlink(entry) != nil || type == ingest_file_type_link()
    let kind: ArchiveEntry.Kind =
      isLink
      ? .link
      : type == ingest_file_type_regular()
        ? .file : type == ingest_file_type_directory() ? .folder : .special
    return unsafe ArchiveEntry(
      name: name(of: entry),
      kind: kind,
      declaredByteCount: archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : nil,
      isEncrypted: archive_entry_is_data_encrypted(entry) != 0,
      hasWarning: code == ARCHIVE_WARN
    )
  }

  private func name(of entry: OpaquePointer) -> [UInt8] {
    // SAFETY: the library returns a NUL-terminated text that lives as long as the entry; it is copied.
    guard let text = unsafe archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry)
    else {
      return []
    }
    return unsafe Array(String(cString: text).utf8)
  }

  /// Reads the current entry's next bytes into `buffer[range]`; 0 at the entry's end.
  ///
  /// - Throws: `ArchiveFailure`.
  public func read(into buffer: inout [UInt8], _ range: Range<Int>) throws(ArchiveFailure) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= buffer.count)
    // SAFETY: the range lies in the buffer, and the library writes at most its length.
    let count = unsafe buffer.withUnsafeMutableBytes { raw in
      unsafe archive_read_data(handle, raw.baseAddress?.advanced(by: range.lowerBound), range.count)
    }
    guard count >= 0 else { throw failure(isFatal: count == Int(ARCHIVE_FATAL)) }
    return count
  }

  private func failure(isFatal: Bool) -> ArchiveFailure {
    // SAFETY: the library's message is NUL-terminated and copied here.
    let text = unsafe archive_error_string(handle).map { unsafe String(cString: $0) }
    return unsafe ArchiveFailure(
      isFatal: isFatal,
      number: archive_errno(handle),
      reason: text ?? "unreadable"
    )
  }
}
