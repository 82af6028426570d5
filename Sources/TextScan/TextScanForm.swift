internal import CTextScan

/// The byte loops over text in one form; every form gives the same results.
public struct TextScanForm: Sendable {
  /// The form's name: `portable`, `avx2`.
  public let name: StaticString
  let loops: text_scan_form

  /// The form for any processor.
  public static let portable = TextScanForm(name: "portable", loops: text_scan_portable)

  /// Every form that this processor can run, slowest first.
  public static let available: [TextScanForm] = {
    var forms = [portable]
    // SAFETY: the pointer is to a constant of the library, or null.
    if let avx2 = unsafe text_scan_avx2() {
      forms.append(TextScanForm(name: "avx2", loops: unsafe avx2.pointee))
    }
    return forms
  }()

  /// The fastest form that this processor can run.
  public static let best = available.last ?? portable
}
