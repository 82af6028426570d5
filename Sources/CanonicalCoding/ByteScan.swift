internal import Glibc

/// The byte loops that every record goes through, eight bytes at a step.
///
/// Beside `WordCounter` the only unsafe code of this module: on 20 KiB pages the word loops took
/// 0.15 ns a byte where the checked loops took 0.7, and vectors of 32 bytes, reduced after every step,
/// more than 10 (`perf`, baseline x86-64).
public enum ByteScan {
  /// What stands in a text, as far as normalization asks.
  public struct Summary: Equatable, Sendable {
    /// No byte is above 0x7F.
    public var isASCII = true
    /// No byte is above 0xCB: in UTF-8 every character is below U+0300.
    public var isBelow300 = true
    /// Whether U+0000 stands in it.
    public var hasNUL = false
    /// Whether a carriage return stands in it.
    public var hasCarriageReturn = false
  }

  private static let high: UInt64 = 0x8080_8080_8080_8080
  private static let low: UInt64 = 0x0101_0101_0101_0101

  /// Non-zero exactly when a byte of the word is zero; the lowest set bit is at the lowest such byte.
  @inline(__always)
  private static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- low) & ~word & high }

  /// Looks at every byte once.
  ///
  /// - Complexity: O(n).
  public static func summary(_ bytes: ArraySlice<UInt8>) -> Summary {
    var all: UInt64 = 0
    var above: UInt64 = 0
    var zeros: UInt64 = 0
    var returns: UInt64 = 0
    // SAFETY: words are loaded at offsets at most count − 8, single bytes below count.
    unsafe bytes.withUnsafeBytes { raw in
      var index = 0
      while index + 8 <= raw.count {
        let word = unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        all |= word
        // A byte is above 0xCB when its high bit is set and its low seven bits are at least 0x4C.
        above |= ((word & ~high) &+ 0x34 &* low) & word
        zeros |= zeroBytes(word)
        returns |= zeroBytes(word ^ 0x0D &* low)
        index += 8
      }
      while index < raw.count {
        let byte = UInt64(unsafe raw[index])
        all |= byte
        if byte > 0xCB { above |= high }
        if byte == 0 { zeros |= high }
        if byte == 0x0D { returns |= high }
        index += 1
      }
    }
    return Summary(
      isASCII: all & high == 0,
      isBelow300: above & high == 0,
      hasNUL: zeros != 0,
      hasCarriageReturn: returns != 0
    )
  }

  /// The number of ASCII bytes from `start` on.
  public static func asciiRun(_ bytes: ArraySlice<UInt8>, from start: Int) -> Int {
    let first = start - bytes.startIndex
    // SAFETY: as above; `start` lies in the slice.
    return unsafe bytes.withUnsafeBytes { raw in
      var index = first
      while index + 8 <= raw.count {
        let marked =
          unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian & high
        if marked != 0 { return index - first + marked.trailingZeroBitCount / 8 }
        index += 8
      }
      while index < raw.count, unsafe raw[index] < 0x80 { index += 1 }
      return index - first
    }
  }

  /// The offset of the first byte from `start` on that a JSON string may not hold as it is: a quote,
  /// a backslash or a control character; `nil` if there is none.
  public static func jsonStringStop(_ bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
    // SAFETY: the pointer does not leave the call.
    unsafe bytes.withUnsafeBytes { raw in
      let stop = unsafe jsonStringStop(raw, from: start - bytes.startIndex)
      return stop < raw.count ? bytes.startIndex + stop : nil
    }
  }

  /// The same over raw bytes; the number of bytes if there is none.
  public static func jsonStringStop(_ raw: UnsafeRawBufferPointer, from start: Int) -> Int {
    var index = start
    // SAFETY: words are loaded at offsets at most count − 8, single bytes below count.
    while index + 8 <= raw.count {
      let word = unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
      let stops =
        zeroBytes(word ^ 0x22 &* low) | zeroBytes(word ^ 0x5C &* low)
        | ((word &- 0x20 &* low) & ~word & high)
      if stops != 0 { return index + stops.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < raw.count {
      let byte = unsafe raw[index]
      if byte == 0x22 || byte == 0x5C || byte < 0x20 { return index }
      index += 1
    }
    return index
  }

  /// The offset of the first `byte` from `start` on, or `nil`.
  public static func first(_ byte: UInt8, in bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
    let offset = start - bytes.startIndex
    // SAFETY: memchr reads at most the bytes behind `offset`, which lies in the slice.
    return unsafe bytes.withUnsafeBytes { raw in
      guard offset < raw.count, let base = raw.baseAddress,
        let found = unsafe memchr(base + offset, Int32(byte), raw.count - offset)
      else { return nil }
      return unsafe start + (UnsafeRawPointer(found) - (base + offset))
    }
  }
}
