/// Reads a file line by line; memory holds one line and one piece of the file.
public struct LineReader {
  private static let pieceSize = 1 << 16

  private let file: InputFile
  private let limit: Int
  private var offset: UInt64 = 0
  private var bytes: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: the most bytes of a line.
  /// - Throws: `FileError`.
  public init(_ path: String, limit: Int) throws(FileError) {
    file = try InputFile(path)
    self.limit = limit
  }

  /// The next line without its line feed, or `nil` at the end.
  ///
  /// A last line without a line feed counts, and so do empty lines.
  ///
  /// - Throws: `FileError`; EFBIG for a line above the limit.
  public mutating func next() throws(FileError) -> [UInt8]? {
    var searched = start
    while true {
      if let end = bytes[searched...].firstIndex(of: 0x0A) {
        guard end - start <= limit else { throw FileError(.read, file.path, number: 27) }
        defer { start = end + 1 }
        return Array(bytes[start..<end])
      }
      guard bytes.count - start <= limit else {
        // EFBIG
        throw FileError(.read, file.path, number: 27)
      }
      if isAtEnd {
        guard start < bytes.count else { return nil }
        defer { start = bytes.count }
        return Array(bytes[start...])
      }
      bytes.removeSubrange(0..<start)
      start = 0
      searched = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: Self.pieceSize))
      switch try file.read(into: &bytes, searched..<bytes.count, at: offset) {
      case .bytes(let count):
        offset += UInt64(count)
        bytes.removeSubrange((searched + count)...)
      case .end:
        isAtEnd = true
        bytes.removeSubrange(searched...)
      }
    }
  }
}
