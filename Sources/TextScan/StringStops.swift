internal import CTextScan

/// The places in a JSON text where a string cannot simply go on: quotes, backslashes, control
/// characters.
///
/// One pass finds them all and checks UTF-8 on the way; a parser then jumps from one to the next.
/// The memory is used again for the next text.
public struct StringStops: Sendable {
  private let form: TextScanForm
  @usableFromInline var bitmap: [UInt64] = []
  /// The number of bytes of the text.
  @usableFromInline var count = 0

  /// The stops of no text yet.
  public init(form: TextScanForm = .best) { self.form = form }

  /// Finds the stops of a text; false when it is no UTF-8.
  ///
  /// - Complexity: O(n); n / 8 bytes of memory.
  public mutating func find(in text: ArraySlice<UInt8>) -> Bool {
    count = text.count
    let words = (count + 63) / 64
    if bitmap.count < words {
      bitmap.append(contentsOf: repeatElement(0, count: words - bitmap.count))
    }
    let form = form
    // SAFETY: the loop reads `count` bytes and writes (count + 63) / 64 words, which were made above.
    return unsafe text.withUnsafeBufferPointer { bytes in
      unsafe bitmap.withUnsafeMutableBufferPointer { words in
        unsafe form.loops.string_stops(bytes.baseAddress, bytes.count, words.baseAddress)
      }
    }
  }

  /// The offset of the first stop from `offset` on, or the number of bytes.
  ///
  /// - Precondition: `offset` is not negative.
  @inlinable
  public func next(from offset: Int) -> Int {
    guard offset < count else { return count }
    var index = offset >> 6
    var word = bitmap[index] & UInt64.max << UInt64(offset & 63)
    let end = (count + 63) >> 6
    while word == 0 {
      index += 1
      guard index < end else { return count }
      word = bitmap[index]
    }
    return index << 6 + word.trailingZeroBitCount
  }
}
