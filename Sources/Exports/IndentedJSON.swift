internal import CanonicalCoding

/// JSON that people read: one member a line, names in canonical order, so that equal values are equal bytes.
enum IndentedJSON {
  static func encode(_ value: JSONValue) -> [UInt8] {
    var bytes: [UInt8] = []
    append(value, depth: 0, to: &bytes)
    bytes.append(0x0A)
    return bytes
  }

  private static func append(_ value: JSONValue, depth: Int, to bytes: inout [UInt8]) {
    func line(_ depth: Int) {
      bytes.append(0x0A)
      bytes.append(contentsOf: repeatElement(0x20, count: depth))
    }
    switch value {
    case .array(let elements) where !elements.isEmpty:
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        line(depth + 1)
        append(element, depth: depth + 1, to: &bytes)
      }
      line(depth)
      bytes.append(UInt8(ascii: "]"))
    case .object(let object) where !object.members.isEmpty:
      bytes.append(UInt8(ascii: "{"))
      for (index, name) in object.sortedNames.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        line(depth + 1)
        CanonicalJSON.appendString(name, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        append(object[name] ?? .null, depth: depth + 1, to: &bytes)
      }
      line(depth)
      bytes.append(UInt8(ascii: "}"))
    default: bytes.append(contentsOf: CanonicalJSON.encode(value))
    }
  }
}
