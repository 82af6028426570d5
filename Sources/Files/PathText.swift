internal import Glibc

/// Paths as texts, whatever bytes the file system has.
///
/// Linux names are bytes; nearly all are UTF-8, none need be. A byte b that belongs to no character is
/// written as U+10FF00 + b, a character that nobody may use; names that hold those characters
/// themselves are written byte by byte the same way, so that every name has one text and every text
/// one name.
public enum PathText {
  private static let base: UInt32 = 0x10_FF00
  private static let escapes: ClosedRange<UInt32> = 0x10_FF80...0x10_FFFF

  /// The text of a name or path.
  public static func text(of bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self),
      !text.unicodeScalars.contains(where: { escapes.contains($0.value) })
    {
      return text
    }
    var text = String.UnicodeScalarView()
    var rest = bytes[...]
    while let lead = rest.first {
      let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
      let piece = rest.prefix(length)
      if let character = String(validating: piece, as: UTF8.self)?.unicodeScalars.first,
        !escapes.contains(character.value)
      {
        text.append(character)
        rest = rest.dropFirst(length)
      } else {
        if let escape = Unicode.Scalar(base + UInt32(lead)) { text.append(escape) }
        rest = rest.dropFirst()
      }
    }
    return String(text)
  }

  /// The bytes of a path.
  public static func bytes(of text: String) -> [UInt8] {
    // The characters that stand for bytes begin with F4; hardly any path has one.
    if !text.utf8.contains(0xF4) { return Array(text.utf8) }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      if escapes.contains(scalar.value) {
        bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      } else {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    return bytes
  }

  /// Hands a path to the system as a NUL-terminated text.
  public static func withPath<Result>(
    _ text: String,
    _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    if !text.utf8.contains(0xF4) { return unsafe text.withCString(body) }
    // SAFETY: the array ends with NUL and lives until the call returns.
    let terminated = bytes(of: text).map(CChar.init(bitPattern:)) + [0]
    return unsafe terminated.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return unsafe text.withCString(body) }
      return unsafe body(start)
    }
  }
}
