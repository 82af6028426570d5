internal import CanonicalCoding
internal import Markup
internal import SourceAPI
internal import TextScan

/// What normalization made of a payload.
public struct NormalizedRecord: Sendable {
  /// Where the content is.
  public enum Content: Sendable {
    /// The payload is its own content: nothing was copied.
    case payload
    /// The content is in the normalizer's buffer until the next record.
    case buffer
  }

  /// Where the content is.
  public var content: Content
  /// The page's title, if it has one.
  public var title: String?
  /// How the charset was decided, for the evidence: encoding, reason, malformed sequences.
  public var charset: CharsetDecision?
  /// The number of words of the content.
  public var wordCount: UInt64 = 0
  /// What the page's head says about use.
  public var signals: [(name: String, content: String)] = []

  /// A record whose content is at `content`.
  public init(content: Content, charset: CharsetDecision? = nil, wordCount: UInt64 = 0) {
    (self.content, self.charset, self.wordCount) = (content, charset, wordCount)
  }
}

/// The decision about a charset, with its reason.
public struct CharsetDecision: Hashable, Sendable {
  /// The rule that decided.
  public enum Reason: String, Sendable {
    case byteOrderMark = "bom"
    case transport, meta
    case utf8 = "utf-8"
    case fallback
    /// The format itself says UTF-8 (JSON, database text).
    case format
  }

  /// The name in the WHATWG standard.
  public let encoding: String
  /// The reason.
  public let reason: Reason
  /// The number of malformed sequences that became U+FFFD.
  public let malformed: Int
}

/// Why a payload has no content under a profile.
public enum NormalizationError: Error, Equatable, Sendable {
  /// A rule of the profile is broken; the code is what ledgers name.
  case rejected(code: String, detail: String)
  /// The profile has no handler for this media type.
  case unwanted(mediaType: String)
}

/// Makes equal text equal bytes.
///
/// One value serves one thread and reuses its buffers.
public final class Normalizer {
  /// The rules of the normal form.
  public let profile: NormalizationProfile
  /// Whether a type without handler is committed as it is (under `raw-v1`) instead of excluded.
  public let keepsOtherTypes: Bool
  private let extractor = HTMLTextExtractor()
  /// The content of the last record whose content is not its payload.
  public private(set) var buffer: [UInt8] = []

  /// A normalizer for a profile.
  public init(_ profile: NormalizationProfile, keepsOtherTypes: Bool = false) {
    self.profile = profile
    self.keepsOtherTypes = keepsOtherTypes
  }

  /// Normalizes a payload.
  ///
  /// - Parameters:
  ///   - payload: the bytes after the transport's coding is undone.
  ///   - mediaType: the essence, lower case: `text/html`.
  ///   - charset: the transport's label, if there was one.
  ///   - isUnicode: the bytes are known to be UTF-8 text, as rows are.
  /// - Returns: where the content is, and what was learned on the way.
  /// - Throws: `NormalizationError`.
  public func normalize(
    _ payload: ArraySlice<UInt8>,
    mediaType: String,
    charset: String? = nil,
    isUnicode: Bool = false
  ) throws(NormalizationError) -> NormalizedRecord {
    // The memory of a long text is not kept for the short ones behind it.
    if buffer.capacity > 1 << 20 { buffer = [] }
    guard profile.name != .raw else { return Self.unchanged(payload) }
    let handling = isUnicode ? TextHandling.text : TextHandling(mediaType, profile: profile.name)
    guard handling != .none else {
      if keepsOtherTypes { return Self.unchanged(payload) }
      throw .unwanted(mediaType: mediaType)
    }
    let isHTML =
      handling == .html || mediaType == "text/html" || mediaType == "application/xhtml+xml"
    let declared = charset ?? profile.declaredCharset
    let decoder = try TextDecoding.decide(
      payload,
      declared: declared,
      isHTML: isHTML,
      isUnicode: isUnicode
    )
    var record = NormalizedRecord(content: .buffer, charset: decoder.decision)
    if let wordCount = try decode(payload, decoder) {
      (record.content, record.wordCount) = (.payload, wordCount)
    }
    if handling == .html {
      let source = if case .payload = record.content { payload } else { buffer[...] }
      do {
        let page = try extractor.extract(source, isXML: mediaType == "application/xhtml+xml")
        record.signals = page.signals
        // Valid pages give valid text; nothing below may rest on that.
        var title = UTF8Scan.isValid(page.title) ? page.title : []
        NFC.normalize(&title)
        if !title.isEmpty { record.title = Self.bounded(title) }
        guard UTF8Scan.isValid(page.text) else {
          throw NormalizationError.rejected(
            code: "html-unreadable",
            detail: "the extractor gave bytes that are no text"
          )
        }
        buffer = page.text
        record.content = .buffer
      } catch let error as HTMLTextError {
        throw .rejected(code: error.rawValue, detail: "the page passes a limit of the profile")
      } catch let error as NormalizationError {
        throw error
      } catch {
        throw .rejected(code: "html-unreadable", detail: "the page cannot be read")
      }
      NFC.normalize(&buffer)
    }
    if case .buffer = record.content { record.wordCount = TextSurvey(buffer[...]).wordCount }
    return record
  }

  private static func unchanged(_ payload: ArraySlice<UInt8>) -> NormalizedRecord {
    NormalizedRecord(content: .payload, wordCount: TextSurvey(payload).wordCount)
  }

  /// The title's first kibibyte, cut between characters.
  private static func bounded(_ title: [UInt8]) -> String {
    var end = min(title.count, 1024)
    while end > 0, end < title.count, title[end] & 0xC0 == 0x80 { end -= 1 }
    return String(decoding: title[..<end], as: UTF8.self)
  }

  /// Decodes and normalizes into the buffer; the number of words when the payload was content already.
  private func decode(
    _ payload: ArraySlice<UInt8>,
    _ decoder: TextDecoding
  ) throws(NormalizationError) -> UInt64? {
    let body = payload.dropFirst(decoder.markLength)
    if decoder.isCleanUTF8 {
      let survey = TextSurvey(body)
      let keepsLines = decoder.markLength == 0 && !survey.hasNUL && !survey.hasCarriageReturn
      if keepsLines, !survey.hasCharactersFrom300 || NFC.passesQuickCheck(body) {
        return survey.wordCount
      }
      buffer.removeAll(keepingCapacity: true)
      buffer.append(contentsOf: body)
      if !keepsLines { LineEndings.unify(&buffer) }
      let isChanged = NFC.normalize(&buffer)
      return keepsLines && !isChanged ? survey.wordCount : nil
    }
    buffer = decoder.text
    LineEndings.unify(&buffer)
    NFC.normalize(&buffer)
    return nil
  }
}
