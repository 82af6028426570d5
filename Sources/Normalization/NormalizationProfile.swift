public import CanonicalCoding
internal import Crypto
internal import Markup

/// How payloads become content; its digest is in every descriptor and every source commitment.
public struct NormalizationProfile: Hashable, Sendable {
  /// The profiles that are built in.
  public enum Name: String, CaseIterable, Sendable {
    /// Content is payload.
    case raw = "raw-v1"
    /// Charset, NFC, newlines.
    case text = "text-nfc-v1"
    /// Text out of HTML, then as text.
    case html = "html-text-v1"
  }

  /// Above one malformed sequence in so many characters a record is rejected.
  public static let malformedShare = 100

  /// The name.
  public let name: Name
  /// The charset that the manifest declares for inputs without a transport.
  public let declaredCharset: String?
  /// The text field of rows, if one is mapped.
  public let textField: String?

  /// A profile with what the manifest adds to it.
  public init(_ name: Name, declaredCharset: String? = nil, textField: String? = nil) {
    self.name = name
    self.declaredCharset = declaredCharset
    self.textField = textField
  }

  /// Everything that can change the content, as JSON; limits and library versions included.
  public var json: JSONValue {
    var object: JSONObject = ["name": .string(name.rawValue), "version": "1"]
    if let textField { object["textField"] = .string(textField) }
    guard name != .raw else { return .object(object) }
    object["unicode"] = ["form": "NFC", "version": .string(NFC.unicodeVersion)]
    object["newlines"] = "LF"
    object["nul"] = "U+FFFD"
    object["charset"] = [
      "rule": "bom, transport, meta, utf-8, fallback", "tables": "WHATWG",
      "fallback": "windows-1252", "declared": .string(declaredCharset ?? ""),
      "malformedLimit": .string("1/\(Self.malformedShare)"),
    ]
    if name == .html {
      object["html"] = [
        "rules": .string(HTMLTextExtractor.rules),
        "depth": .count(HTMLTextExtractor.depthLimit),
        "attributes": .count(HTMLTextExtractor.attributeLimit),
        "dropped":
          "script style template noscript iframe object svg canvas audio video noembed noframes",
        "structure": "block 1 LF, paragraph 2 LF, cell TAB, pre kept",
      ]
    }
    return .object(object)
  }

  /// SHA-256 of the JCS form.
  public var digest: [UInt8] { Array(SHA256.hash(data: CanonicalJSON.encode(json))) }
}
