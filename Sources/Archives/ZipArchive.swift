internal import CCompression
public import Files

/// Reads the entries of a zip by its directory, each on its own: a damaged one ends nothing but itself.
///
/// For entries that are stored or deflated, which is nearly all; libarchive reads the rest. Layout: APPNOTE 6.3.10,
/// sections 4.3 and 4.4.
@safe public final class ZipArchive: EntryReader {
  private let file: any ByteSource
  private let directory: ZipDirectory
  private let places: [ZipDirectory.Place]
  private var next = 0
  private var current: ZipDirectory.Place?
  /// Compressed bytes of the current entry that are not read yet.
  private var compressed: CompressedWindow
  private var compressedEnd: UInt64 = 0
  private var given: UInt64 = 0
  private var checksum: UInt32 = 0
  private var isFinished = false
  private let whole = WholeMemberInflater()
  private let deflate = DeflateInflater(.none)

  /// Opens a zip; `nil` when its directory has an entry that this reader does not know.
  public init?(_ file: any ByteSource, _ directory: ZipDirectory) {
    guard let places = directory.places else { return nil }
    (self.file, self.directory, self.places) = (file, directory, places)
    compressed = CompressedWindow(file: file, offset: 0)
  }

  /// Where in the file reading stands.
  public var fileOffset: UInt64 { compressed.offset }
  /// Where the next entry begins.
  public var position: UInt64 { next < places.count ? places[next].offset : compressedEnd }
  /// Its format needs no guess.
  public var isZip: Bool { true }

  /// The next entry, or `nil` behind the last.
  public func nextEntry() -> ArchiveEntry? {
    guard next < places.count else { return nil }
    let place = places[next]
    next += 1
    current = place
    compressed.move(to: place.dataOffset)
    let (end, isBeyond) = place.dataOffset.addingReportingOverflow(place.compressedByteCount)
    compressedEnd = isBeyond ? .max : end
    (given, checksum, isFinished) = (0, 0, false)
    deflate.restart()
    let name = directory.name(of: place)
    return ArchiveEntry(
      name: name,
      kind: Self.kind(of: place, name),
      declaredByteCount: Int64(exactly: place.byteCount),
      // Bits 0 and 6: encrypted, strongly encrypted.
      isEncrypted: place.flags & 0x41 != 0,
      hasWarning: false
    )
  }

  private static func kind(of place: ZipDirectory.Place, _ name: [UInt8]) -> ArchiveEntry.Kind {
    if name.last == UInt8(ascii: "/") { return .folder }
    guard place.hasUnixAttributes else { return place.attributes & 0x10 != 0 ? .folder : .file }
    // The type bits of st_mode; some writers set none.
    switch place.attributes >> 28 {
    case 0, 0o10: return .file
    case 0o04: return .folder
    case 0o12: return .link
    default: return .special
    }
  }

  /// Reads the current entry's next bytes into `buffer[range]`; 0 at the entry's end, where length and checksum are right.
  ///
  /// - Throws: `ArchiveFailure`, after which the next entry can be read.
  public func read(into buffer: inout [UInt8], _ range: Range<Int>) throws(ArchiveFailure) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= buffer.count)
    guard let current, !isFinished else { return 0 }
    let count: Int
    do throws(FileError) {
      count = try step(current, &buffer, range)
    } catch {
      fileError = error
      throw ArchiveFailure(isFatal: true, number: error.number, reason: "cannot be read")
    }
    guard count >= 0 else {
      throw ArchiveFailure(isFatal: false, number: 0, reason: "the deflate stream is damaged")
    }
    given += UInt64(count)
    // SAFETY: the bytes were written just now, and lie in the buffer.
    checksum = unsafe buffer.withUnsafeBytes { raw in
      unsafe libdeflate_crc32(checksum, raw.baseAddress?.advanced(by: range.lowerBound), count)
    }
    if isFinished || count == 0 {
      isFinished = true
      guard given == current.byteCount, checksum == current.checksum else {
        throw ArchiveFailure(isFatal: false, number: 0, reason: "length or checksum differ")
      }
    }
    return count
  }

  /// The system call that failed below, when one did.
  public private(set) var fileError: FileError?
  /// A zip is no stream.
  public var streamDamage: StreamDamage? { nil }
  /// What follows the last entry is the directory.
  public func drain() -> Bool { true }

  /// Bytes written, or −1 for a damaged stream.
  private func step(
    _ place: ZipDirectory.Place,
    _ buffer: inout [UInt8],
    _ range: Range<Int>
  ) throws(FileError) -> Int {
    let left = compressedEnd - min(compressedEnd, compressed.offset)
    guard place.isDeflated else {
      let count = Int(min(left, UInt64(range.count)))
      try compressed.fill(atLeast: min(count, 1))
      let available = min(count, compressed.count)
      buffer.replaceSubrange(
        range.lowerBound..<range.lowerBound + available,
        with: compressed.bytes[compressed.start..<compressed.start + available]
      )
      compressed.consume(available)
      isFinished = UInt64(available) == left
      return available
    }
    if given == 0, place.byteCount <= UInt64(range.count), place.compressedByteCount < 1 << 20 {
      let wanted = Int(place.compressedByteCount)
      try compressed.fill(atLeast: wanted)
      guard compressed.count >= wanted else { return -1 }
      guard
        let count = whole.inflateBare(compressed, wanted, into: &buffer, at: range)
      else { return -1 }
      compressed.consume(wanted)
      isFinished = true
      return count
    }
    // The last bytes of a window may be taken and give nothing yet: the end is where the inflater says so.
    while true {
      let left = compressedEnd - min(compressedEnd, compressed.offset)
      try compressed.fill(atLeast: Int(min(left, 1)))
      let input = Int(min(left, UInt64(compressed.count)))
      let result = deflate.inflate(
        compressed.bytes,
        from: compressed.start,
        count: input,
        into: &buffer,
        at: range.lowerBound,
        room: range.count
      )
      compressed.consume(result.input)
      isFinished = result.state == .finished
      // Without input and output it is cut off, or more was declared than there is.
      if result.state == .corrupt || (!isFinished && result.input == 0 && result.output == 0) {
        return -1
      }
      if isFinished || result.output > 0 { return result.output }
    }
  }
}
