internal import CTextScan

/// The text inside a JSON string.
public enum StringText {
  /// Appends to `bytes` the text of a string whose inside lies in them, up to the first escape that is
  /// not one of `\n`, `\"`, `\\`, `\t`, `\r`, `\b`, `\f`.
  ///
  /// - Returns: where that escape begins, or the end of the range.
  /// - Complexity: O(n).
  public static func append(
    insideAt range: Range<Int>,
    of bytes: inout [UInt8],
    form: TextScanForm = .best
  ) -> Int {
    precondition(bytes.indices.contains(range), "the inside lies in the bytes")
    let first = bytes.count
    // A form may write a block of 32 bytes where fewer count.
    bytes.append(contentsOf: repeatElement(0, count: range.count + 32))
    var written = 0
    // SAFETY: the loop reads the range, which lies below `first`, and writes at most its count and 32
    // more from `first` on, which were made above.
    let read = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      return unsafe form.loops.unescape(
        base + range.lowerBound,
        range.count,
        base + first,
        &written
      )
    }
    bytes.removeSubrange((first + written)...)
    return range.lowerBound + read
  }
}
