internal import CanonicalCoding
internal import SourceAPI

/// The named fields at the head of a WARC record.
struct WARCHeader {
  /// Why a block of bytes is no WARC header.
  enum Failure: Error {
    case notWARC
    case version
    case field
    case contentLength(String)
  }

  let version: String
  private let fields: [String: [String]]
  /// The declared length of the block, below 2^63.
  let contentLength: UInt64

  /// Reads a header block up to and without its empty line.
  ///
  /// Names are case-insensitive; folded lines are joined; exactly one Content-Length is needed.
  init(_ block: ArraySlice<UInt8>) throws(Failure) {
    var lines: [ArraySlice<UInt8>] = []
    for line in block.split(separator: 0x0A, omittingEmptySubsequences: false) {
      lines.append(line.last == 0x0D ? line.dropLast() : line)
    }
    guard let first = lines.first, first.starts(with: "WARC/".utf8) else { throw .notWARC }
    version = Self.text(first.dropFirst(5))
    guard version == "1.0" || version == "1.1" || version == "0.18" else { throw .version }
    var fields: [String: [String]] = [:]
    var last: String?
    for line in lines.dropFirst() where !line.isEmpty {
      if line.first == 0x20 || line.first == 0x09 {
        guard let name = last, var values = fields[name], let value = values.popLast() else {
          throw .field
        }
        values.append(value + " " + Self.trimmed(line))
        fields[name] = values
        continue
      }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
        throw .field
      }
      let name = Self.text(line[..<colon]).lowercased()
      fields[name, default: []].append(Self.trimmed(line[(colon + 1)...]))
      last = name
      guard fields.count <= 512 else { throw .field }
    }
    self.fields = fields
    let lengths = fields["content-length"] ?? []
    guard lengths.count == 1 else {
      throw .contentLength(lengths.isEmpty ? "missing" : "given twice")
    }
    let digits = lengths[0].utf8
    guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = UInt64(lengths[0])
    else { throw .contentLength("no decimal number below 2^59") }
    contentLength = length
  }

  /// The first value of a field.
  subscript(_ name: String) -> String? { fields[name]?.first }

  var type: String { (self["warc-type"] ?? "").lowercased() }

  /// The target's address; angle brackets, which some writers add, are taken off.
  var target: String {
    var address = self["warc-target-uri"] ?? ""
    if address.hasPrefix("<"), address.hasSuffix(">") {
      address = String(address.dropFirst().dropLast())
    }
    return address
  }

  /// The scheme of the target's address, lower case.
  var scheme: String { String(target.prefix { $0 != ":" }).lowercased() }

  /// The essence of the block's own content type, lower case.
  var mediaType: String { MediaType.essence(self["content-type"] ?? "") }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    let start = bytes.drop(while: isSpace)
    guard let end = start.lastIndex(where: { !isSpace($0) }) else { return "" }
    return text(start[...end])
  }
}
