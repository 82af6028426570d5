internal import CTextScan

/// Whether bytes are UTF-8; `UTF8Check` says the same more slowly, and where they are not.
public enum UTF8Scan {
  /// Whether all bytes are well-formed UTF-8 (Unicode Standard, table 3-7).
  ///
  /// - Complexity: O(n).
  public static func isValid(_ bytes: ArraySlice<UInt8>, form: TextScanForm = .best) -> Bool {
    // SAFETY: the loop reads `count` bytes.
    unsafe bytes.withUnsafeBufferPointer { unsafe form.loops.is_utf8($0.baseAddress, $0.count) }
  }

  /// Whether all bytes are well-formed UTF-8.
  public static func isValid(_ bytes: [UInt8]) -> Bool { isValid(bytes[...]) }
}
