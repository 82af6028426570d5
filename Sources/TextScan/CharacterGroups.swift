internal import CTextScan

/// A set of groups of sixteen characters, and a search for characters outside of it.
///
/// Characters below U+0300 always count as inside.
public struct CharacterGroups: Sendable {
  private let form: TextScanForm
  private var bitmap = [UInt64](repeating: .max, count: 0x110000 / 16 / 64)

  /// The set of all groups.
  public init(form: TextScanForm = .best) { self.form = form }

  /// Takes the group of a character out of the set.
  public mutating func removeGroup(of scalar: UInt32) {
    let group = Int(scalar / 16)
    guard group / 64 < bitmap.count else { return }
    bitmap[group / 64] &= ~(1 << UInt64(group % 64))
  }

  /// The index of the first character from `start` on whose group is not in the set, or the end.
  ///
  /// - Precondition: `utf8` is well-formed, and a character begins at `start`.
  /// - Complexity: O(n).
  public func firstOutside(in utf8: ArraySlice<UInt8>, from start: Int) -> Int {
    let form = form
    // SAFETY: the loop reads `count` bytes and, for every character of well-formed UTF-8, a bit below
    // 0x110000 / 16.
    return unsafe utf8[start...].withUnsafeBufferPointer { bytes in
      unsafe bitmap.withUnsafeBufferPointer { bitmap in
        unsafe start
          + form.loops.first_unmarked(bytes.baseAddress, bytes.count, bitmap.baseAddress)
      }
    }
  }
}
