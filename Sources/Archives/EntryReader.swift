public import Files

/// Something that gives the entries of an archive one after the other.
public protocol EntryReader: AnyObject {
  /// Bytes of the file read so far, compressed; for progress.
  var fileOffset: UInt64 { get }
  /// Where the next entry begins: in the file of a zip, in the inflated stream of a tar.
  var position: UInt64 { get }
  /// Whether the archive is a zip; known once the first entry was read.
  var isZip: Bool { get }
  /// Why the stream below ended early, when it did.
  var streamDamage: StreamDamage? { get }
  /// The system call that failed below, when one did.
  var fileError: FileError? { get }
  /// The next entry, or `nil` at the proven end.
  func nextEntry() throws(ArchiveFailure) -> ArchiveEntry?
  /// Reads the current entry's next bytes into `buffer[range]`; 0 at the entry's end.
  func read(into buffer: inout [UInt8], _ range: Range<Int>) throws(ArchiveFailure) -> Int
  /// Reads what stands behind the end of the archive: padding, and the stream's own trailer.
  ///
  /// - Returns: whether it is all padding.
  func drain() -> Bool
}
