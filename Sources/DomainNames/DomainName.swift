internal import CIDN

/// Names of hosts in the one form that the network knows.
public enum DomainName {
  /// The longest name in that form.
  private static let lengthLimit = 253

  /// The ASCII form of a name by UTS 46, nontransitional, as browsers have it; `nil` if it has none.
  ///
  /// - Parameter name: the name in UTF-8, without NUL.
  /// - Returns: the name in lower case, its labels in Punycode.
  /// - Complexity: O(n); names of more than 1,024 bytes have no form.
  public static func ascii(_ name: String) -> String? {
    guard name.utf8.count <= 1024, !name.utf8.contains(0) else { return nil }
    // Most names are plain already: nothing of them is mapped but capitals.
    let isPlain = name.utf8.allSatisfy { $0 < 0x80 }
    if isPlain, !name.lowercased().contains("xn--") { return name.lowercased() }
    var output: UnsafeMutablePointer<CChar>?
    let flags = Int32(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
    // SAFETY: the name ends with NUL and has no other; the library's text is copied and given back.
    let status = unsafe idn2_to_ascii_8z(name, &output, flags)
    guard status == IDN2_OK.rawValue, let text = unsafe output else { return nil }
    defer { unsafe idn2_free(text) }
    let found = unsafe String(cString: text)
    return found.utf8.count <= lengthLimit ? found : nil
  }
}
