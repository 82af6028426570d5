internal import CanonicalCoding

/// Builds the one text that leads back to a record in its source.
///
/// Names are percent-encoded where a byte is outside the unreserved characters and `/`; containers
/// are joined by `!/`, a second member of one name gets `#2`, offsets stand behind `@`.
public enum RecordLocator {
  /// The name of an input or a member, encoded.
  public static func encode(_ name: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    for byte in name {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
        text.append(byte)
      default:
        text.append(UInt8(ascii: "%"))
        text.append(contentsOf: Hex.encode([byte]).uppercased().utf8)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of an encoded name; `nil` unless `encode` writes the text just so.
  public static func decode(_ text: String) -> [UInt8]? {
    let source = Array(text.utf8)
    var bytes: [UInt8] = []
    var index = 0
    while index < source.count {
      if source[index] == UInt8(ascii: "%") {
        guard index + 2 < source.count,
          let byte = Hex.decode(
            String(decoding: source[index + 1...index + 2], as: UTF8.self).lowercased()
          )
        else { return nil }
        bytes.append(contentsOf: byte)
        index += 3
      } else {
        bytes.append(source[index])
        index += 1
      }
    }
    return encode(bytes) == text ? bytes : nil
  }

  /// A member of a file by its place: `crawl.warc.gz@38159649,18233`.
  public static func member(_ input: String, offset: UInt64, length: UInt64) -> String {
    "\(input)@\(offset),\(length)"
  }

  /// An entry of an archive: `a.tar.gz!/b/c.txt`, the second of that name `…#2`.
  public static func entry(_ input: String, name: [UInt8], occurrence: UInt64) -> String {
    "\(input)!/\(encode(name))\(occurrence > 1 ? "#\(occurrence)" : "")"
  }

  /// A line: `c.jsonl.gz#L17@20480`.
  public static func line(_ input: String, number: UInt64, offset: UInt64) -> String {
    "\(input)#L\(number)@\(offset)"
  }

  /// A row: `t.csv#R12@4711`.
  public static func row(_ input: String, number: UInt64, offset: UInt64) -> String {
    "\(input)#R\(number)@\(offset)"
  }
}
