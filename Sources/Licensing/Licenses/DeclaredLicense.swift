/// What a file or a page itself says about its license: evidence that somebody declared it, never a conclusion.
public enum DeclaredLicense {
  /// A header is looked for in so many bytes at the start of a text (REUSE 3.3 asks for the beginning of a file).
  public static let headerBytes = 4096
  /// Longer statements are cut.
  public static let lengthLimit = 200

  private static let marker = Array("SPDX-License-Identifier:".utf8)

  /// The expression behind `SPDX-License-Identifier:` in the beginning of a text, as written; `nil` where there is none.
  ///
  /// - Complexity: O(headerBytes).
  public static func header(in text: ArraySlice<UInt8>) -> String? {
    let head = text.prefix(headerBytes)
    guard head.count > marker.count else { return nil }
    var index = head.startIndex
    let last = head.endIndex - marker.count
    while index < last {
      // Texts without an S are passed over quickly.
      guard head[index] == marker[0], head[index..<index + marker.count].elementsEqual(marker)
      else {
        index += 1
        continue
      }
      let line = head[(index + marker.count)...].prefix { $0 != 0x0A && $0 != 0x0D }
      let text = String(decoding: line.prefix(lengthLimit), as: UTF8.self)
      // What closes a comment is no part of the expression.
      let words = text.split(whereSeparator: \.isWhitespace)
        .filter { !["*/", "-->", "#}", "%>", "\"\"\""].contains($0) }
      return words.isEmpty ? nil : words.joined(separator: " ")
    }
    return nil
  }

  /// Whether a path is that of a file that holds license terms: LICENSE, COPYING, NOTICE, or one of REUSE's folder.
  public static func isLicenseFile(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    guard let name = parts.last?.lowercased() else { return false }
    if parts.dropLast().last == "LICENSES" { return true }
    let stem = name.split(separator: ".", maxSplits: 1).first.map(String.init) ?? name
    let ending = name.split(separator: ".", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
    return ["license", "licence", "copying", "unlicense", "notice"].contains {
      stem == $0 || stem.hasPrefix($0 + "-")
    }
      && ["", "txt", "md", "rst", "html"].contains(ending)
  }

  /// The SPDX identifier that an address stands for; `nil` for one that nobody knows.
  ///
  /// Addresses of Creative Commons deeds (creativecommons.org/licenses/by-sa/4.0/) and of the SPDX list.
  public static func identifier(ofAddress address: String) -> String? {
    var rest = address[...]
    for scheme in ["https://", "http://", "//"] where rest.hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
      break
    }
    if rest.hasPrefix("www.") { rest = rest.dropFirst(4) }
    let parts = rest.split(separator: "/").map { $0.lowercased() }
    guard let host = parts.first else { return nil }
    switch host {
    case "creativecommons.org" where parts.count >= 4:
      if parts[1] == "publicdomain" {
        return parts[2] == "zero" ? "CC0-1.0" : parts[2] == "mark" ? "CC-PDM-1.0" : nil
      }
      return parts[1] == "licenses" ? SPDXLicenseList.license("CC-\(parts[2])-\(parts[3])") : nil
    case "spdx.org" where parts.count >= 3:
      return SPDXLicenseList.license(
        parts[2].hasSuffix(".html") ? String(parts[2].dropLast(5)) : parts[2]
      )
    default: return nil
    }
  }

  /// What a page links to as its license, in the words of a report: the identifier, or the address itself.
  public static func ofLink(_ address: String) -> String {
    identifier(ofAddress: address) ?? String(address.prefix(lengthLimit))
  }
}
