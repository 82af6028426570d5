internal import CTextScan

/// The text inside a JSON string.
public enum StringText {
  /// Appends to `bytes` the text of a string whose inside lies in them.
  ///
  /// The escapes `\n`, `\"`, `\\`, `\t`, `\r`, `\b` and `\f` are undone here; at any other
  /// `otherEscape` is asked. The room for the text is made once: no escape is shorter than its text.
  ///
  /// It gets the bytes and the index of a backslash, and gives the character and the index behind the
  /// escape; `nil` ends the text there.
  ///
  /// - Complexity: O(n).
  public static func append(
    insideAt range: Range<Int>,
    of bytes: inout [UInt8],
    form: TextScanForm = .best,
    otherEscape: ([UInt8], Int) -> (character: Unicode.Scalar, next: Int)?
  ) {
    precondition(bytes.indices.contains(range), "the inside lies in the bytes")
    var filled = bytes.count
    // A form may write a block of 32 bytes where fewer count.
    bytes.append(contentsOf: repeatElement(0, count: range.count + 32))
    var from = range.lowerBound
    while from < range.upperBound {
      var written = 0
      // SAFETY: the loop reads at most up to the range's end and writes at most as many bytes as it
      // reads and 32 more, from `filled` on: what was written before is no longer than what was read.
      from += unsafe bytes.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return range.count }
        return unsafe form.loops.unescape(
          base + from,
          range.upperBound - from,
          base + filled,
          &written
        )
      }
      filled += written
      guard from < range.upperBound, let (character, next) = otherEscape(bytes, from) else { break }
      for byte in UTF8.encode(character) ?? UTF8.encodedReplacementCharacter {
        bytes[filled] = byte
        filled += 1
      }
      from = next
    }
    bytes.removeSubrange(filled...)
  }
}
