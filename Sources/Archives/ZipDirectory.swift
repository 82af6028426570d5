public import Files

/// What a zip file says twice, compared: its central directory and the header before each entry.
///
/// The directory is the truth; libarchive reads by it. An entry whose own header says something else
/// is another file to another program, and an entry that shares bytes with its neighbor is a bomb
/// (Fifield, A better zip bomb, 2019). Both are found here, before a byte is inflated. Layout: APPNOTE
/// 6.3.10, sections 4.3.7, 4.3.12 to 4.3.16 and 4.5.3.
public struct ZipDirectory: Sendable {
  /// What is wrong with an entry.
  public enum Fault: String, Sendable {
    /// Name, method, length or checksum differ between directory and header.
    case headersDisagree = "zip-headers-disagree"
    /// Its bytes belong to another entry too, or to the directory.
    case overlap = "zip-overlap"
  }

  /// A directory of more bytes is refused.
  public static let byteLimit: UInt64 = 32 << 20

  /// Whether the directory is larger than `byteLimit`; then no entry was compared.
  public let isTooLarge: Bool
  private let faults: [UInt64: Finding]
  /// One entry of each place, in the order of the file; `nil` where an entry is compressed in a way that only libarchive
  /// knows.
  let places: [Place]?
  private let bytes: [UInt8]

  /// An entry that directory and header agree about, or the first of those that share a place.
  struct Place {
    let name: Range<Int>
    let attributes: UInt32
    let hasUnixAttributes: Bool
    let flags: UInt16
    let isDeflated: Bool
    let checksum: UInt32
    let compressedByteCount: UInt64
    let byteCount: UInt64
    /// Where the header lies, and where the bytes begin: the same place where the header cannot be read.
    let offset: UInt64
    let dataOffset: UInt64
  }

  /// The name of an entry as the directory has it.
  func name(of place: Place) -> [UInt8] { Array(bytes[place.name]) }

  /// A place in the file whose entry, or entries, cannot be read.
  public struct Finding: Hashable, Sendable {
    /// What is wrong.
    public let fault: Fault
    /// The names that the directory gives to the place: more than one where entries share it.
    public let names: [[UInt8]]
  }

  /// What is wrong with a place: entries at one offset are one place, counted from 0 in the order
  /// of the file, as libarchive gives them.
  public func finding(at place: UInt64) -> Finding? { faults[place] }

  /// Reads the directory and every header of a file; `nil` when it is no zip with a directory.
  ///
  /// - Throws: `FileError`.
  /// - Complexity: O(n log n) for n entries, and one small read an entry.
  public init?(of file: any ByteSource) throws(FileError) {
    var reader = try ZipReader(file)
    guard let place = try reader.directory(), place.byteCount > 0 else { return nil }
    guard place.byteCount <= Self.byteLimit else {
      (isTooLarge, faults, places, self.bytes) = (true, [:], nil, [])
      return
    }
    isTooLarge = false
    guard let bytes = try file.bytes(at: place.offset, Int(place.byteCount)) else { return nil }
    var entries = ZipEntry.all(in: bytes, base: place.base)
    entries.sort { ($0.offset, $0.name.lowerBound) < ($1.offset, $1.name.lowerBound) }
    var found: [UInt64: Finding] = [:]
    var widest: (number: UInt64, names: [[UInt8]], end: UInt64)?
    var places: [Place] = []
    var number: UInt64 = 0
    var index = 0
    while index < entries.count {
      let entry = entries[index]
      let next = entries[index...].firstIndex { $0.offset != entry.offset } ?? entries.count
      let names = entries[index..<next].map { Array(bytes[$0.name]) }
      let header = try reader.header(at: entry.offset)
      let end = header.map { $0.dataOffset.addingReportingOverflow(entry.compressedByteCount) }
      if next - index > 1 {
        found[number] = Finding(fault: .overlap, names: names)
      } else if let header, header.agrees(with: entry, named: bytes[entry.name]) {
        if let end, end.overflow || end.partialValue > place.offset {
          found[number] = Finding(fault: .overlap, names: names)
        }
      } else {
        found[number] = Finding(fault: .headersDisagree, names: names)
      }
      if let widest, entry.offset < widest.end {
        for (number, names) in [(widest.number, widest.names), (number, names)]
        where found[number] == nil {
          found[number] = Finding(fault: .overlap, names: names)
        }
      }
      if let end, !end.overflow, end.partialValue > widest?.end ?? 0 {
        widest = (number, names, end.partialValue)
      }
      places.append(
        Place(
          name: entry.name,
          attributes: entry.attributes,
          hasUnixAttributes: entry.hasUnixAttributes,
          flags: entry.flags,
          isDeflated: entry.method == 8,
          checksum: UInt32(truncatingIfNeeded: entry.checksum),
          compressedByteCount: entry.compressedByteCount,
          byteCount: entry.byteCount,
          offset: entry.offset,
          dataOffset: header?.dataOffset ?? entry.offset
        )
      )
      number += 1
      index = next
    }
    faults = found
    self.places = entries.allSatisfy { $0.method == 0 || $0.method == 8 } ? places : nil
    self.bytes = bytes
  }
}

/// An entry as the central directory states it.
private struct ZipEntry {
  var offset: UInt64
  /// Where the name lies in the directory's bytes.
  var name: Range<Int>
  var method: UInt64
  var checksum: UInt64
  var compressedByteCount: UInt64
  var byteCount: UInt64
  var flags: UInt16
  /// The attributes of the file system that the entry came from, and whether that was a Unix.
  var attributes: UInt32
  var hasUnixAttributes: Bool

  /// The entries up to the first that is none.
  static func all(in bytes: [UInt8], base: UInt64) -> [ZipEntry] {
    var entries: [ZipEntry] = []
    var start = 0
    while bytes.count - start >= 46, bytes.littleEndian(at: start, 4) == 0x0201_4B50 {
      let nameCount = Int(bytes.littleEndian(at: start + 28, 2))
      let extraCount = Int(bytes.littleEndian(at: start + 30, 2))
      let commentCount = Int(bytes.littleEndian(at: start + 32, 2))
      let name = start + 46..<start + 46 + nameCount
      let next = name.upperBound + extraCount + commentCount
      guard next <= bytes.count else { break }
      var entry = ZipEntry(
        offset: bytes.littleEndian(at: start + 42, 4),
        name: name,
        method: bytes.littleEndian(at: start + 10, 2),
        checksum: bytes.littleEndian(at: start + 16, 4),
        compressedByteCount: bytes.littleEndian(at: start + 20, 4),
        byteCount: bytes.littleEndian(at: start + 24, 4),
        flags: UInt16(truncatingIfNeeded: bytes.littleEndian(at: start + 8, 2)),
        attributes: UInt32(truncatingIfNeeded: bytes.littleEndian(at: start + 38, 4)),
        hasUnixAttributes: bytes[start + 5] == 3
      )
      let extra = bytes[name.upperBound..<name.upperBound + extraCount]
      var wide = Zip64Fields(extra)
      wide.replace(&entry.byteCount)
      wide.replace(&entry.compressedByteCount)
      wide.replace(&entry.offset)
      let (offset, isBeyond) = entry.offset.addingReportingOverflow(base)
      entry.offset = isBeyond ? .max : offset
      entries.append(entry)
      start = next
    }
    return entries
  }
}

/// The header before an entry's bytes.
private struct ZipHeader {
  var name: [UInt8]
  var method: UInt64
  /// Bit 3: lengths and checksum follow the bytes.
  var hasDescriptor: Bool
  var checksum: UInt64
  var compressedByteCount: UInt64
  var byteCount: UInt64
  /// Where the entry's bytes begin in the file.
  var dataOffset: UInt64

  func agrees(with entry: ZipEntry, named name: ArraySlice<UInt8>) -> Bool {
    func isSame(_ stated: UInt64, _ truth: UInt64) -> Bool {
      stated == truth || (hasDescriptor && stated == 0)
    }
    return self.name.elementsEqual(name) && method == entry.method
      && isSame(checksum, entry.checksum) && isSame(byteCount, entry.byteCount)
      && isSame(compressedByteCount, entry.compressedByteCount)
  }
}

/// The eight-byte fields of the extra field 0x0001, which stand for fields of all ones, in order.
private struct Zip64Fields {
  private var bytes: ArraySlice<UInt8> = []

  init(_ extra: ArraySlice<UInt8>) {
    var rest = extra
    while rest.count >= 4 {
      let id = Array(rest.prefix(4))
      let count = Int(id.littleEndian(at: 2, 2))
      rest = rest.dropFirst(4)
      guard count <= rest.count else { return }
      if id.littleEndian(at: 0, 2) == 1 {
        bytes = rest.prefix(count)
        return
      }
      rest = rest.dropFirst(count)
    }
  }

  mutating func replace(_ value: inout UInt64) {
    guard value == 0xFFFF_FFFF, bytes.count >= 8 else { return }
    value = Array(bytes.prefix(8)).littleEndian(at: 0, 8)
    bytes = bytes.dropFirst(8)
  }
}

/// Small reads of a zip file.
private struct ZipReader {
  /// Where the central directory lies.
  struct Place {
    var offset: UInt64
    var byteCount: UInt64
    /// Bytes before the archive, which its offsets do not count.
    var base: UInt64
  }

  private let file: any ByteSource
  private let fileByteCount: UInt64
  private var buffer = [UInt8](repeating: 0, count: 30 + 2 * 65_535)

  init(_ file: any ByteSource) throws(FileError) {
    self.file = file
    fileByteCount = try file.byteCount()
  }

  private func fill(
    _ bytes: inout [UInt8],
    _ count: Int,
    at offset: UInt64
  ) throws(FileError) -> Int {
    var filled = 0
    while filled < count,
      case .bytes(let more) = try file.read(
        into: &bytes,
        filled..<count,
        at: offset + UInt64(filled)
      )
    { filled += more }
    return filled
  }

  /// Finds the end of the directory, in its form for large files too.
  func directory() throws(FileError) -> Place? {
    // libarchive looks no further back, and reads by the headers alone where it finds nothing.
    let tailCount = Int(min(fileByteCount, 1 << 14))
    guard tailCount >= 22 else { return nil }
    let tailOffset = fileByteCount - UInt64(tailCount)
    guard let tail = try file.bytes(at: tailOffset, tailCount) else { return nil }
    var end = tailCount - 22
    // The last record whose comment fits: the rule of libarchive and of most readers.
    while end >= 0 {
      if tail[end] == 0x50, tail.littleEndian(at: end, 4) == 0x0605_4B50,
        end + 22 + Int(tail.littleEndian(at: end + 20, 2)) <= tailCount
      {
        break
      }
      end -= 1
    }
    guard end >= 0 else { return nil }
    var byteCount = tail.littleEndian(at: end + 12, 4)
    var offset = tail.littleEndian(at: end + 16, 4)
    var endOffset = tailOffset + UInt64(end)
    if end >= 20, tail.littleEndian(at: end - 20, 4) == 0x0706_4B50,
      let wide = try file.bytes(at: tail.littleEndian(at: end - 12, 8), 56),
      wide.littleEndian(at: 0, 4) == 0x0606_4B50
    {
      endOffset = tail.littleEndian(at: end - 12, 8)
      byteCount = wide.littleEndian(at: 40, 8)
      offset = wide.littleEndian(at: 48, 8)
    }
    guard byteCount <= endOffset, offset <= endOffset - byteCount else { return nil }
    return Place(
      offset: endOffset - byteCount,
      byteCount: byteCount,
      base: endOffset - byteCount - offset
    )
  }

  /// The header at an offset, or `nil` where there is none.
  mutating func header(at offset: UInt64) throws(FileError) -> ZipHeader? {
    guard offset < fileByteCount else { return nil }
    // Most names and extra fields fit into the first read.
    var count = try fill(&buffer, Int(min(512, fileByteCount - offset)), at: offset)
    guard count >= 30, buffer.littleEndian(at: 0, 4) == 0x0403_4B50 else { return nil }
    let nameEnd = 30 + Int(buffer.littleEndian(at: 26, 2))
    let extraEnd = nameEnd + Int(buffer.littleEndian(at: 28, 2))
    if count < extraEnd { count = try fill(&buffer, extraEnd, at: offset) }
    guard count >= extraEnd else { return nil }
    var header = ZipHeader(
      name: Array(buffer[30..<nameEnd]),
      method: buffer.littleEndian(at: 8, 2),
      hasDescriptor: buffer.littleEndian(at: 6, 2) & 8 != 0,
      checksum: buffer.littleEndian(at: 14, 4),
      compressedByteCount: buffer.littleEndian(at: 18, 4),
      byteCount: buffer.littleEndian(at: 22, 4),
      dataOffset: offset + UInt64(extraEnd)
    )
    var wide = Zip64Fields(buffer[nameEnd..<extraEnd])
    wide.replace(&header.byteCount)
    wide.replace(&header.compressedByteCount)
    return header
  }
}

extension [UInt8] {
  /// `count` bytes at `offset` as an integer, least significant byte first.
  ///
  /// - Precondition: they lie in the array.
  fileprivate func littleEndian(at offset: Int, _ count: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in (0..<count).reversed() { value = value << 8 | UInt64(self[offset + index]) }
    return value
  }
}
