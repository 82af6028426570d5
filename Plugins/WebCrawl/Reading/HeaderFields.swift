/// The named fields of a header block, kept as the bytes that they are.
///
/// A crawl has a header for every two kilobytes of text, of which few fields are ever asked for: a dictionary of texts
/// took a tenth of a scan.
package struct HeaderFields {
  /// The name of a field in lower case.
  package struct Name: ExpressibleByStringLiteral {
    fileprivate let bytes: [UInt8]
    package init(stringLiteral name: StaticString) { bytes = Array("\(name)".utf8) }
  }

  /// Fields of one block.
  package static let countLimit = 1024

  private var bytes: [UInt8] = []
  private var fields: [(name: Range<Int>, value: Range<Int>)] = []

  /// The number of fields.
  var count: Int { fields.count }

  /// Adds a field; white space around the value is not part of it.
  mutating func append(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) {
    let start = bytes.count
    for byte in name { bytes.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte) }
    let middle = bytes.count
    bytes.append(contentsOf: Self.trimmed(value))
    fields.append((start..<middle, middle..<bytes.count))
  }

  /// Adds a folded line to the last field; false when there is none.
  mutating func extend(_ line: ArraySlice<UInt8>) -> Bool {
    guard let last = fields.last else { return false }
    let start = bytes.count
    bytes.append(contentsOf: bytes[last.value])
    bytes.append(0x20)
    bytes.append(contentsOf: Self.trimmed(line))
    fields[fields.count - 1].value = start..<bytes.count
    return true
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var (start, end) = (bytes.startIndex, bytes.endIndex)
    while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
    while start < end, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    return bytes[start..<end]
  }

  private func has(_ name: Name, at range: Range<Int>) -> Bool {
    guard range.count == name.bytes.count else { return false }
    for offset in 0..<range.count where bytes[range.lowerBound + offset] != name.bytes[offset] {
      return false
    }
    return true
  }

  /// The bytes of the first field of a name.
  func bytes(of name: Name) -> ArraySlice<UInt8>? {
    for field in fields where has(name, at: field.name) { return bytes[field.value] }
    return nil
  }

  /// The first value of a field.
  subscript(_ name: Name) -> String? {
    bytes(of: name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// All values of a field.
  func values(_ name: Name) -> [String] {
    var values: [String] = []
    for field in fields where has(name, at: field.name) {
      values.append(String(decoding: bytes[field.value], as: UTF8.self))
    }
    return values
  }
}

extension HeaderFields.Name {
  package static let type: Self = "warc-type"
  package static let target: Self = "warc-target-uri"
  package static let blockDigest: Self = "warc-block-digest"
  package static let payloadDigest: Self = "warc-payload-digest"
  package static let payloadType: Self = "warc-identified-payload-type"
  package static let segmentNumber: Self = "warc-segment-number"
  package static let refersTo: Self = "warc-refers-to"
  package static let refersToTarget: Self = "warc-refers-to-target-uri"
  package static let refersToDate: Self = "warc-refers-to-date"
  package static let recordID: Self = "warc-record-id"
  package static let date: Self = "warc-date"
  package static let truncated: Self = "warc-truncated"
  package static let peerAddress: Self = "warc-ip-address"
  package static let crawlEvidence: Self = "ingest-evidence"
  package static let crawlNumber: Self = "ingest-number"
  package static let crawlFailure: Self = "ingest-failure"
  package static let contentLength: Self = "content-length"
  package static let contentType: Self = "content-type"
  package static let contentLanguage: Self = "content-language"
  package static let contentEncoding: Self = "content-encoding"
  package static let transferEncoding: Self = "transfer-encoding"
  package static let lastModified: Self = "last-modified"
  package static let contentUsage: Self = "content-usage"
  package static let robotsTag: Self = "x-robots-tag"
  package static let reservation: Self = "tdm-reservation"
}
