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

    /// What is wrong, for the ledger.
    var sentence: String {
      switch self {
      case .notWARC: "no WARC record starts here"
      case .version: "a version other than 1.0 and 1.1"
      case .field: "a header line without a name"
      case .contentLength(let reason): "Content-Length: \(reason)"
      }
    }
  }

  /// The length of the header with its empty line.
  static func length(in window: ArraySlice<UInt8>) -> Int? {
    var index = window.startIndex
    while let lineEnd = window[index...].firstIndex(of: 0x0A) {
      let next = lineEnd + 1
      if next < window.endIndex, window[next] == 0x0A { return next + 1 - window.startIndex }
      if next + 1 < window.endIndex, window[next] == 0x0D, window[next + 1] == 0x0A {
        return next + 2 - window.startIndex
      }
      index = next
    }
    return nil
  }

  let version: String
  private let fields: HeaderFields
  /// The declared length of the block, below 2^63.
  let contentLength: UInt64

  /// Reads a header block up to and without its empty line.
  ///
  /// Names are case-insensitive; folded lines are joined; exactly one Content-Length is needed.
  init(_ block: ArraySlice<UInt8>) throws(Failure) {
    var fields = HeaderFields()
    var version: String?
    var start = block.startIndex
    while start < block.endIndex {
      let end = ByteScan.first(0x0A, in: block, from: start) ?? block.endIndex
      var line = block[start..<end]
      if line.last == 0x0D { line = line.dropLast() }
      start = end + 1
      guard version != nil else {
        guard line.starts(with: "WARC/".utf8) else { throw .notWARC }
        version = String(decoding: line.dropFirst(5), as: UTF8.self)
        continue
      }
      guard let first = line.first else { continue }
      if first == 0x20 || first == 0x09 {
        guard fields.extend(line) else { throw .field }
        continue
      }
      guard let colon = ByteScan.first(UInt8(ascii: ":"), in: line, from: line.startIndex),
        colon > line.startIndex, fields.count < HeaderFields.countLimit
      else { throw .field }
      fields.append(line[..<colon], line[(colon + 1)...])
    }
    guard let version else { throw .notWARC }
    guard version == "1.0" || version == "1.1" || version == "0.18" else { throw .version }
    self.version = version
    self.fields = fields
    let lengths = fields.values(.contentLength)
    guard lengths.count == 1 else {
      throw .contentLength(lengths.isEmpty ? "missing" : "given twice")
    }
    let digits = lengths[0].utf8
    guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = UInt64(lengths[0])
    else { throw .contentLength("no decimal number below 2^59") }
    contentLength = length
    type = (fields[.type] ?? "").lowercased()
  }

  /// The first value of a field.
  subscript(_ name: HeaderFields.Name) -> String? { fields[name] }

  /// The bytes of the first value of a field.
  func bytes(of name: HeaderFields.Name) -> ArraySlice<UInt8>? { fields.bytes(of: name) }

  /// What the record is, lower case.
  let type: String

  /// The target's address; angle brackets, which some writers add, are taken off.
  var target: String {
    var address = self[.target] ?? ""
    if address.hasPrefix("<"), address.hasSuffix(">") {
      address = String(address.dropFirst().dropLast())
    }
    return address
  }

  /// The scheme of the target's address, lower case.
  var scheme: String { String(target.prefix { $0 != ":" }).lowercased() }

  /// The essence of the block's own content type, lower case.
  var mediaType: String { MediaType.essence(self[.contentType] ?? "") }
}
