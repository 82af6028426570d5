/// Bytes that can be read at any offset: a file, or an entry of a container that is read again where that is needed.
public protocol ByteSource: AnyObject {
  /// How errors name it.
  var path: String { get }
  /// The number of bytes; an entry of a container may have to be read for it.
  ///
  /// - Throws: `FileError`.
  func byteCount() throws(FileError) -> UInt64
  /// Reads up to the capacity of `buffer[range]` at a byte offset; the end is proven.
  ///
  /// - Throws: `FileError`.
  func read(
    into buffer: inout [UInt8],
    _ range: Range<Int>,
    at offset: UInt64
  ) throws(FileError) -> ReadResult
}

extension ByteSource {
  /// Exactly so many bytes at an offset; `nil` where they end before.
  ///
  /// - Throws: `FileError`.
  public func bytes(at offset: UInt64, _ count: Int) throws(FileError) -> [UInt8]? {
    guard count > 0 else { return [] }
    // No room for what a length only says: as many bytes must be there.
    let size = try byteCount()
    guard offset <= size, UInt64(count) <= size - offset else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      guard
        case .bytes(let more) = try read(into: &bytes, filled..<count, at: offset + UInt64(filled))
      else { return nil }
      filled += more
    }
    return bytes
  }
}
