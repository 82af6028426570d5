internal import CTextScan

/// What stands in a text, as far as normalization and the leaf ask, over pieces.
///
/// Words are maximal runs of characters without Unicode White_Space. Bytes that are no UTF-8 count as
/// characters that are no white space.
public struct TextSurvey: Sendable {
  private let form: TextScanForm
  private var state = text_survey()

  /// Nothing seen yet.
  public init(form: TextScanForm = .best) { self.form = form }

  /// The survey of a whole text.
  ///
  /// - Complexity: O(n).
  public init(_ bytes: ArraySlice<UInt8>, form: TextScanForm = .best) {
    self.init(form: form)
    append(bytes)
  }

  /// Takes the next bytes.
  public mutating func append(_ bytes: ArraySlice<UInt8>) {
    // SAFETY: the loops read `count` bytes, and the pointers do not outlive the call.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe form.loops.survey(buffer.baseAddress, buffer.count, &state)
    }
  }

  /// The number of words so far.
  public var wordCount: UInt64 {
    // An incomplete character at the end is none, but its bytes are no white space either.
    state.pending_count > 0 && !state.in_word ? state.word_starts + 1 : state.word_starts
  }

  /// Whether U+0000 stands in the text.
  public var hasNUL: Bool { state.has_nul }

  /// Whether a carriage return stands in the text.
  public var hasCarriageReturn: Bool { state.has_carriage_return }

  /// Whether a byte is above 0xCB: in UTF-8, a character from U+0300 on.
  public var hasCharactersFrom300: Bool { state.has_from_300 }
}
