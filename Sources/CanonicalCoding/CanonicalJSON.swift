/// The one byte form of a JSON value: RFC 8785, JSON Canonicalization Scheme.
public enum CanonicalJSON {
  /// The canonical bytes of a value.
  ///
  /// - Complexity: O(n log n) in the size of the value; names are sorted.
  public static func encode(_ value: JSONValue) -> [UInt8] {
    var bytes: [UInt8] = []
    append(value, to: &bytes)
    return bytes
  }

  /// The canonical bytes of an object.
  public static func encode(_ object: JSONObject) -> [UInt8] {
    encode(.object(object))
  }

  private static func append(_ value: JSONValue, to bytes: inout [UInt8]) {
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let value): bytes.append(contentsOf: CanonicalNumber.text(value).utf8)
    case .string(let text): appendString(text, to: &bytes)
    case .array(let list):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in list.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(element, to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      bytes.append(UInt8(ascii: "{"))
      for (index, name) in object.sortedNames.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        appendString(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(object[name] ?? .null, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// Appends a text in quotes, escaped as RFC 8785 section 3.2.2.2 says.
  public static func appendString(_ text: String, to bytes: inout [UInt8]) {
    appendString(Array(text.utf8)[...], to: &bytes)
  }

  /// Appends UTF-8 in quotes, escaped as RFC 8785 section 3.2.2.2 says.
  ///
  /// - Precondition: `utf8` is valid UTF-8.
  /// - Complexity: O(n); runs without an escape are copied at once.
  public static func appendString(_ utf8: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var index = utf8.startIndex
    while let stop = ByteScan.jsonStringStop(utf8, from: index) {
      bytes.append(contentsOf: utf8[index..<stop])
      appendEscape(utf8[stop], to: &bytes)
      index = stop + 1
    }
    bytes.append(contentsOf: utf8[index...])
    bytes.append(UInt8(ascii: "\""))
  }

  /// Appends one character as it stands between the quotes of a text.
  public static func appendCharacter(_ character: Unicode.Scalar, to bytes: inout [UInt8]) {
    let code = character.value
    if code < 0x20 || code == 0x22 || code == 0x5C {
      appendEscape(UInt8(truncatingIfNeeded: code), to: &bytes)
    } else {
      bytes.append(contentsOf: UTF8.encode(character) ?? UTF8.encodedReplacementCharacter)
    }
  }

  /// Appends the escape of a quote, a backslash or a control character.
  public static func appendEscape(_ byte: UInt8, to bytes: inout [UInt8]) {
    bytes.append(0x5C)
    switch byte {
    case 0x22, 0x5C: bytes.append(byte)
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    default:
      bytes.append(contentsOf: [UInt8(ascii: "u"), 0x30, 0x30])
      Hex.append([byte], to: &bytes)
    }
  }
}
