/// The parts of a record's address that rules match: host and path.
public struct RecordAddress: Hashable, Sendable {
  /// The host name, lower case, without user and port; an IPv6 address keeps its brackets.
  public let host: String
  /// The path without query and fragment; `/` where there is none.
  public let path: String

  /// Reads `scheme://authority path`; `nil` for any other address.
  ///
  /// - Complexity: O(n).
  public init?(_ address: String) {
    let bytes = Array(address.utf8)
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes.count - colon >= 3,
      bytes[colon + 1] == UInt8(ascii: "/"), bytes[colon + 2] == UInt8(ascii: "/")
    else { return nil }
    let rest = bytes[(colon + 3)...]
    let end =
      rest.firstIndex {
        $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#")
      } ?? rest.endIndex
    let start = rest[..<end].lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? rest.startIndex
    let authority = rest[start..<end]
    let name =
      authority.first == UInt8(ascii: "[")
      ? authority.prefix { $0 != UInt8(ascii: "]") } + [UInt8(ascii: "]")]
      : authority.prefix { $0 != UInt8(ascii: ":") }
    host = String(
      decoding: name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 },
      as: UTF8.self
    )
    let path = rest[end...].prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    self.path = path.isEmpty ? "/" : String(decoding: path, as: UTF8.self)
  }
}

extension Member {
  /// Takes host and path from an address, if it is one.
  public mutating func take(address: String) {
    guard let address = RecordAddress(address) else { return }
    (host, path) = (address.host, address.path)
  }
}
