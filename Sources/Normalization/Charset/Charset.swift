internal import CanonicalCoding

/// The encodings of the WHATWG Encoding Standard.
public enum Charset: Hashable, Sendable {
  case utf8, utf16LE, utf16BE
  case singleByte(String)
  case gb18030, big5, eucJP, iso2022JP, shiftJIS, eucKR
  case userDefined
  /// An encoding that the standard refuses to decode.
  case replacement

  private static let labels: [String: String] = {
    var labels: [String: String] = [:]
    for line in CharsetTables.labels.split(separator: "\n") {
      let parts = line.split(separator: " ")
      labels[String(parts[0])] = String(parts[1])
    }
    return labels
  }()

  /// The encoding that a label names: trimmed of ASCII white space, in any case; `nil` for no label
  /// of the standard.
  public init?(label: String) {
    let bytes = label.utf8.drop { $0 <= 0x20 }
    let trimmed =
      String(Substring(bytes)).lowercased().split(separator: " ", maxSplits: 1).first.map(
        String.init
      ) ?? ""
    guard let name = Self.labels[trimmed.filter { $0 != "\t" && $0 != "\n" && $0 != "\r" }] else {
      return nil
    }
    switch name {
    case "utf-8": self = .utf8
    case "utf-16le": self = .utf16LE
    case "utf-16be": self = .utf16BE
    case "gbk", "gb18030": self = .gb18030
    case "big5": self = .big5
    case "euc-jp": self = .eucJP
    case "iso-2022-jp": self = .iso2022JP
    case "shift_jis": self = .shiftJIS
    case "euc-kr": self = .eucKR
    case "x-user-defined": self = .userDefined
    case "replacement": self = .replacement
    // The same table; the two differ in the direction of their text alone.
    case "iso-8859-8-i": self = .singleByte("iso-8859-8")
    default: self = .singleByte(name)
    }
  }

  /// The standard's name.
  public var name: String {
    switch self {
    case .utf8: "utf-8"
    case .utf16LE: "utf-16le"
    case .utf16BE: "utf-16be"
    case .singleByte(let name): name
    case .gb18030: "gb18030"
    case .big5: "big5"
    case .eucJP: "euc-jp"
    case .iso2022JP: "iso-2022-jp"
    case .shiftJIS: "shift_jis"
    case .eucKR: "euc-kr"
    case .userDefined: "x-user-defined"
    case .replacement: "replacement"
    }
  }
}

/// The indexes, unpacked when first asked.
enum CharsetIndex {
  static let singleByte: [String: [UInt32]] = {
    var tables: [String: [UInt32]] = [:]
    for line in CharsetTables.singleByte.split(separator: "\n") {
      let parts = line.split(separator: " ")
      tables[String(parts[0])] = unpack(String(parts[1]))
    }
    return tables
  }()
  static let big5 = unpack(CharsetTables.big5)
  static let eucKR = unpack(CharsetTables.eucKR)
  static let gb18030 = unpack(CharsetTables.gb18030)
  static let gb18030Ranges = unpack(CharsetTables.gb18030Ranges)
  static let jis0208 = unpack(CharsetTables.jis0208)
  static let jis0212 = unpack(CharsetTables.jis0212)

  private static func unpack(_ text: String) -> [UInt32] {
    let bytes = Base64.decode(text) ?? []
    return stride(from: 0, to: bytes.count, by: 3).map {
      UInt32(bytes[$0]) << 16 | UInt32(bytes[$0 + 1]) << 8 | UInt32(bytes[$0 + 2])
    }
  }
}
