internal import Archives
public import Files

/// An archive that grows record by record, one gzip member each, and gets its name when it is whole.
///
/// While it grows it is called `NAME.open`, which no pattern for archives matches. What stands behind the last `sync` may
/// be cut by a power failure; what stands behind a kill of the process is whole up to its last record.
public final class WARCFile {
  /// Where a record lies.
  public struct Place: Hashable, Sendable {
    /// The file's name in its folder, as it is called when it is whole.
    public let file: String
    /// The offset of the member.
    public let offset: UInt64
    /// The length of the member.
    public let length: UInt64
    /// `WARC-Record-ID` without its brackets.
    public let identifier: String
  }

  /// The folder.
  public let folder: String
  /// The name of the whole file.
  public let name: String
  private let file: AppendedFile
  private let compressor: GzipCompressor
  private let fast: GzipCompressor
  private var buffer: [UInt8] = []

  /// Begins a file, or goes on with one behind its first bytes; what stands behind them is cut off.
  ///
  /// - Throws: `FileError`.
  public init(folder: String, name: String, keeping byteCount: UInt64? = nil) throws(FileError) {
    (self.folder, self.name) = (folder, name)
    let path = FilePaths.join(folder, name + Self.openSuffix)
    try DurableFile.makeFolder(folder)
    if let byteCount {
      file = try AppendedFile(path, keeping: byteCount)
    } else {
      file = try AppendedFile(path)
      try DurableFile.syncFolder(of: path)
    }
    // Level 6 has zlib's size at level 8; what comes compressed gains nothing from work.
    guard let compressor = GzipCompressor(level: 6), let fast = GzipCompressor(level: 1) else {
      throw FileError(.write, path, number: 12)
    }
    (self.compressor, self.fast) = (compressor, fast)
  }

  /// What a file is called that is not whole.
  public static let openSuffix = ".open"

  /// The bytes so far.
  public var byteCount: UInt64 { file.byteCount }

  /// Appends a record.
  ///
  /// - Parameters:
  ///   - draft: the record.
  ///   - isCompressed: whether its body is compressed already.
  /// - Returns: where it lies.
  /// - Throws: `FileError`.
  public func append(_ draft: WARCDraft, isCompressed: Bool = false) throws(FileError) -> Place {
    let (identifier, bytes) = draft.sealed()
    buffer.removeAll(keepingCapacity: true)
    (isCompressed ? fast : compressor).append(bytes, to: &buffer)
    let offset = file.byteCount
    try file.append(buffer[...])
    let length = UInt64(buffer.count)
    if buffer.capacity > 1 << 22 { buffer = [] }
    return Place(file: name, offset: offset, length: length, identifier: identifier)
  }

  /// Makes durable what was appended.
  public func sync() throws(FileError) { try file.sync() }

  /// Gives the file its name.
  public func close() throws(FileError) {
    try file.sync()
    let path = FilePaths.join(folder, name)
    try DurableFile.rename(path + Self.openSuffix, to: path)
  }
}
