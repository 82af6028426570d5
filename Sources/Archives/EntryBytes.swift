public import Files

/// The bytes of an archive's entry as a container of its own is read: forward, and now and then from further back.
///
/// The last MiBs are kept. What lies before them is read again from the archive's start, so that memory stays bounded
/// and nothing is written to disk.
public final class EntryBytes: ByteSource {
  /// Why the entry cannot be read on: its archive is damaged, or a limit was reached.
  public struct Failure: Sendable {
    /// The code for the ledger.
    public let reason: String
    /// Whether the archive may go on behind the entry.
    public let isFatal: Bool
  }

  /// Opens the archive anew and goes to the entry.
  public typealias Reopening = () throws(FileError) -> (any EntryReader)?

  private static let keptCount = 2 << 20
  private static let pieceSize = 1 << 18
  /// Beyond so many returns the entry is read no further: each costs the way from the archive's start.
  private static let returnLimit = 1000

  /// How errors name it.
  public let path: String
  private let reopen: Reopening
  private let limits: InflationLimits
  private var reader: any EntryReader
  private var fileStart: UInt64
  private var window: [UInt8] = []
  private var windowOffset: UInt64 = 0
  private var isAtEnd = false
  private var returnCount = 0
  private var piece = [UInt8](repeating: 0, count: pieceSize)
  /// The furthest place that was read.
  public private(set) var readCount: UInt64 = 0
  /// Why it cannot be read on, once that was met.
  public private(set) var failure: Failure?

  /// The bytes of the entry at which a reader stands.
  ///
  /// - Parameters:
  ///   - path: how errors name it.
  ///   - reader: stands behind the entry's header.
  ///   - limits: what may come out of it.
  ///   - reopen: makes another reader that stands there too.
  public init(
    path: String,
    _ reader: any EntryReader,
    limits: InflationLimits,
    reopen: @escaping Reopening
  ) {
    (self.path, self.reader, self.limits, self.reopen) = (path, reader, limits, reopen)
    fileStart = reader.fileOffset
  }

  /// Bytes of the outermost file that its archive has read.
  public var fileOffset: UInt64 { reader.fileOffset }
  /// The reader, which stands somewhere in the entry.
  public var archive: any EntryReader { reader }

  /// The number of bytes; reads to the end for it.
  public func byteCount() throws(FileError) -> UInt64 {
    if !isAtEnd { try advance(to: .max) }
    return windowOffset + UInt64(window.count)
  }

  /// Reads at a byte offset.
  public func read(
    into buffer: inout [UInt8],
    _ range: Range<Int>,
    at offset: UInt64
  ) throws(FileError) -> ReadResult {
    precondition(range.lowerBound >= 0 && range.upperBound <= buffer.count && !range.isEmpty)
    if offset < windowOffset { try goBack() }
    try advance(to: offset)
    let available = windowOffset + UInt64(window.count)
    guard offset < available else { return .end }
    let start = Int(offset - windowOffset)
    let count = min(range.count, window.count - start)
    buffer.replaceSubrange(
      range.lowerBound..<range.lowerBound + count,
      with: window[start..<start + count]
    )
    return .bytes(count)
  }

  /// Reads until a place is in the window, or the end is proven.
  private func advance(to offset: UInt64) throws(FileError) {
    while !isAtEnd, windowOffset + UInt64(window.count) <= offset {
      let count: Int
      do throws(ArchiveFailure) {
        count = try reader.read(into: &piece, 0..<piece.count)
      } catch {
        if let failed = reader.fileError { throw failed }
        throw fail(reader.streamDamage?.reason.rawValue ?? "corrupt-stream", isFatal: error.isFatal)
      }
      if count == 0 {
        isAtEnd = true
        return
      }
      if window.count + count > 2 * Self.keptCount {
        let dropped = window.count - Self.keptCount
        window.removeSubrange(0..<dropped)
        windowOffset += UInt64(dropped)
      }
      window.append(contentsOf: piece[..<count])
      let total = windowOffset + UInt64(window.count)
      readCount = max(readCount, total)
      // Libraries read ahead by up to 64 KiB, which the entry is not charged for.
      let input = reader.fileOffset - min(reader.fileOffset, fileStart) + 65_536
      if let breach = limits.breach(output: total, input: input, total: total) {
        throw fail(breach.rawValue, isFatal: true)
      }
    }
  }

  private func goBack() throws(FileError) {
    returnCount += 1
    guard returnCount <= Self.returnLimit, let again = try reopen() else {
      throw fail("container-damaged", isFatal: false)
    }
    reader = again
    fileStart = again.fileOffset
    window.removeAll(keepingCapacity: true)
    (windowOffset, isAtEnd) = (0, false)
  }

  private func fail(_ reason: String, isFatal: Bool) -> FileError {
    let known = failure ?? Failure(reason: reason, isFatal: isFatal)
    failure = known
    // EIO: whoever reads sees no end where there is none.
    return FileError(.read, path, number: 5)
  }
}
