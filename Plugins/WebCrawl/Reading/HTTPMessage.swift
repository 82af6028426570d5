internal import Archives
internal import CanonicalCoding
internal import SourceAPI

/// An HTTP response as a crawl archived it: head and body in one block.
package struct HTTPMessage {
  package let status: Int
  /// The bytes of the head with its empty line.
  package let headLength: Int
  private let fields: HeaderFields

  /// Reads the head of a block; `nil` if it is no HTTP response, or its head is over `limit`.
  package init?(_ block: ArraySlice<UInt8>, limit: Int) {
    guard block.starts(with: "HTTP/".utf8) else { return nil }
    var offset = block.startIndex
    var status: Int?
    var fields = HeaderFields()
    while true {
      guard let end = ByteScan.first(0x0A, in: block, from: offset),
        end - block.startIndex < limit
      else { return nil }
      var line = block[offset..<end]
      if line.last == 0x0D { line = line.dropLast() }
      offset = end + 1
      if status == nil {
        let parts = line.split(separator: 0x20, maxSplits: 2)
        guard parts.count >= 2, parts[1].count == 3,
          let code = Int(String(decoding: parts[1], as: UTF8.self))
        else {
          return nil
        }
        status = code
        continue
      }
      if line.isEmpty { break }
      guard let colon = ByteScan.first(UInt8(ascii: ":"), in: line, from: line.startIndex) else {
        continue
      }
      guard fields.count < HeaderFields.countLimit else { return nil }
      fields.append(line[..<colon], line[(colon + 1)...])
    }
    self.status = status ?? 0
    self.fields = fields
    headLength = offset - block.startIndex
  }

  /// The first value of a header.
  package subscript(_ name: HeaderFields.Name) -> String? { fields[name] }
  /// All values of a header.
  package func values(_ name: HeaderFields.Name) -> [String] { fields.values(name) }

  /// The comma-separated tokens of a header, lower case.
  package func tokens(_ name: HeaderFields.Name) -> [String] {
    guard fields.bytes(of: name) != nil else { return [] }
    return values(name).flatMap { $0.split(separator: ",") }.map { token in
      String(decoding: token.utf8.filter { $0 > 0x20 }, as: UTF8.self).lowercased()
    }
  }

  /// Why a body could not be brought to its payload.
  package enum BodyFailure: Error {
    case chunked
    case coding(String)
    case tooLarge
  }

  /// The body after its codings are undone, or `nil` when it is its own payload.
  ///
  /// Transfer-Encoding rules where Content-Length stands beside it (RFC 9112 section 6.3). A body that is not
  /// in the coding it names, as some archives hold, is taken as it is when it is no valid chunking.
  package func payload(of body: ArraySlice<UInt8>, limit: Int) throws(BodyFailure) -> DecodedBody {
    var transfer: [UInt8]?
    let transferCodings = tokens(.transferEncoding)
    if transferCodings.contains("chunked") {
      transfer = try Self.dechunk(body)
    }
    var content: [UInt8]?
    let codings = tokens(.contentEncoding)
    guard codings.count <= 2 else { throw .coding("more than two codings") }
    for name in codings.reversed() where name != "identity" && !name.isEmpty {
      let plain = name.hasPrefix("x-") ? String(name.dropFirst(2)) : name
      guard let coding = ContentDecoder.Coding(rawValue: plain) else {
        throw .coding("unknown coding")
      }
      let source = content ?? transfer ?? Array(body)
      if source.isEmpty { continue }
      guard let decoded = ContentDecoder.decode(source, coding: coding, limit: limit) else {
        throw .coding("damaged, or more than \(limit) bytes")
      }
      content = decoded
    }
    return DecodedBody(transfer: transfer, content: content)
  }

  /// RFC 9112 section 7.1; trailers are read over.
  ///
  /// A body cut inside its chunks is damaged.
  private static func dechunk(_ body: ArraySlice<UInt8>) throws(BodyFailure) -> [UInt8] {
    var output: [UInt8] = []
    var index = body.startIndex
    while true {
      var size = 0
      var digits = 0
      while index < body.endIndex, let digit = hex(body[index]), digits < 8 {
        size = size << 4 | digit
        digits += 1
        index += 1
      }
      guard digits > 0, let lineEnd = body[index...].prefix(4096).firstIndex(of: 0x0A) else {
        throw .chunked
      }
      index = lineEnd + 1
      if size == 0 { return output }
      guard body.endIndex - index >= size else { throw .chunked }
      output.append(contentsOf: body[index..<index + size])
      index += size
      guard body.endIndex - index >= 2, body[index] == 0x0D, body[index + 1] == 0x0A else {
        throw .chunked
      }
      index += 2
    }
  }

  private static func hex(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte) - 0x30
    case 0x41...0x46: Int(byte) - 0x41 + 10
    case 0x61...0x66: Int(byte) - 0x61 + 10
    default: nil
    }
  }
}

/// A body with its codings undone, as far as it has any.
package struct DecodedBody {
  /// Without the transfer coding; `nil` when there was none.
  package let transfer: [UInt8]?
  /// Without content codings; `nil` when there was none.
  package let content: [UInt8]?

  /// Whether a decoded form has this digest; the form as stored is not looked at.
  func hasDigest(_ digest: DeclaredDigest) -> Bool {
    transfer.map(digest.matches) ?? false || content.map(digest.matches) ?? false
  }
}
