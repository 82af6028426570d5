internal import CCompression
internal import Files

/// How much of a damaged deflate stream is sound: asked of zlib, which writes no byte of a match before it knows that the
/// match is possible.
///
/// ISA-L 2.30 copies a match that reaches back before the start of the stream, bytes of its own state and of older memory,
/// and reports the error afterwards (found by scripts/fuzz). What it gave in the call that fails is cut to what is sound:
/// nothing of this process may reach a record, and the same bytes must give the same records everywhere.
enum SoundPrefix {
  private static let pieceSize = 1 << 16

  /// Bytes that come out of a gzip member before it is damaged, at most `limit`.
  ///
  /// - Throws: `FileError`.
  /// - Complexity: O(n); only for damaged members.
  static func count(
    of source: any ByteSource,
    from offset: UInt64,
    limit: UInt64
  ) throws(FileError) -> UInt64 {
    var stream = unsafe z_stream()
    // SAFETY: the call fills a structure of ours; 31 is a gzip wrapper and the largest window.
    guard
      unsafe inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return 0 }
    defer { unsafe inflateEnd(&stream) }
    var input = [UInt8](repeating: 0, count: pieceSize)
    var output = [UInt8](repeating: 0, count: pieceSize)
    var (place, given): (UInt64, UInt64) = (offset, 0)
    while given < limit,
      case .bytes(let count) = try source.read(into: &input, 0..<pieceSize, at: place)
    {
      place += UInt64(count)
      var taken = 0
      var status = Z_OK
      while status == Z_OK, taken < count || given < limit {
        // SAFETY: the library reads `count - taken` bytes and writes at most a piece; neither pointer outlives the call.
        let (used, made) = unsafe input.withUnsafeMutableBufferPointer { source in
          unsafe output.withUnsafeMutableBufferPointer { target in
            unsafe stream.next_in = source.baseAddress?.advanced(by: taken)
            unsafe stream.avail_in = UInt32(count - taken)
            unsafe stream.next_out = target.baseAddress
            unsafe stream.avail_out = UInt32(pieceSize)
            status = unsafe inflate(&stream, Z_NO_FLUSH)
            return unsafe (
              count - taken - Int(stream.avail_in), pieceSize - Int(stream.avail_out)
            )
          }
        }
        taken += used
        given += UInt64(made)
        if used == 0, made == 0 { break }
      }
      guard status == Z_OK || status == Z_BUF_ERROR else { break }
    }
    return min(given, limit)
  }
}
