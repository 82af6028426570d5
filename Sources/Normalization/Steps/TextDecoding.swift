internal import CanonicalCoding
internal import TextScan

/// The charset rule: byte order mark, transport, meta, UTF-8, fallback; decided once.
struct TextDecoding {
  let decision: CharsetDecision
  /// The bytes of the byte order mark.
  let markLength: Int
  /// Whether the payload behind the mark is valid UTF-8 and decided to be read so.
  let isCleanUTF8: Bool
  /// The decoded text where it is not.
  let text: [UInt8]

  static func decide(
    _ payload: ArraySlice<UInt8>,
    declared: String?,
    isHTML: Bool,
    isUnicode: Bool
  ) throws(NormalizationError) -> TextDecoding {
    if isUnicode {
      return TextDecoding(
        decision: CharsetDecision(encoding: "utf-8", reason: .format, malformed: 0),
        markLength: 0,
        isCleanUTF8: true,
        text: []
      )
    }
    if payload.starts(with: [0xEF, 0xBB, 0xBF]) {
      return try decode(payload, .utf8, .byteOrderMark, markLength: 3)
    }
    if payload.starts(with: [0xFF, 0xFE]) {
      return try decode(payload, .utf16LE, .byteOrderMark, markLength: 2)
    }
    if payload.starts(with: [0xFE, 0xFF]) {
      return try decode(payload, .utf16BE, .byteOrderMark, markLength: 2)
    }
    if let declared, let charset = Charset(label: declared) {
      return try decode(payload, charset, .transport)
    }
    if isHTML, let charset = MetaPrescan.charset(payload) {
      return try decode(payload, charset, .meta)
    }
    if UTF8Scan.isValid(payload) {
      return TextDecoding(
        decision: CharsetDecision(encoding: "utf-8", reason: .utf8, malformed: 0),
        markLength: 0,
        isCleanUTF8: true,
        text: []
      )
    }
    return try decode(payload, .singleByte("windows-1252"), .fallback)
  }

  private static func decode(
    _ payload: ArraySlice<UInt8>,
    _ charset: Charset,
    _ reason: CharsetDecision.Reason,
    markLength: Int = 0
  ) throws(NormalizationError) -> TextDecoding {
    if charset == .replacement {
      throw .rejected(
        code: "charset-replacement",
        detail: "the label names an encoding that the standard refuses"
      )
    }
    let body = payload.dropFirst(markLength)
    if charset == .utf8, UTF8Scan.isValid(body) {
      return TextDecoding(
        decision: CharsetDecision(encoding: "utf-8", reason: reason, malformed: 0),
        markLength: markLength,
        isCleanUTF8: true,
        text: []
      )
    }
    let decoder = CharsetDecoder(body, as: charset)
    let characters = decoder.output.count { $0 & 0xC0 != 0x80 }
    if decoder.malformed * NormalizationProfile.malformedShare > characters {
      throw .rejected(
        code: "charset-garbage",
        detail: "\(decoder.malformed) of \(characters) characters are malformed as \(charset.name)"
      )
    }
    return TextDecoding(
      decision: CharsetDecision(
        encoding: charset.name,
        reason: reason,
        malformed: decoder.malformed
      ),
      markLength: markLength,
      isCleanUTF8: false,
      text: decoder.output
    )
  }
}
