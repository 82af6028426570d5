/// The part of CBOR that a COSE_Sign1 needs, in deterministic encoding (RFC 8949 section 4.2.1).
indirect enum CBOR: Equatable {
  case integer(Int64)
  case bytes([UInt8])
  case text(String)
  case array([CBOR])
  case map([(key: Int64, value: CBOR)])
  case tagged(UInt64, CBOR)

  static func == (a: CBOR, b: CBOR) -> Bool { a.encoded == b.encoded }

  /// The bytes.
  var encoded: [UInt8] {
    switch self {
    case .integer(let value):
      value >= 0
        ? Self.head(0, UInt64(value)) : Self.head(1, UInt64(bitPattern: -1 - value))
    case .bytes(let bytes): Self.head(2, UInt64(bytes.count)) + bytes
    case .text(let text): Self.head(3, UInt64(text.utf8.count)) + Array(text.utf8)
    case .array(let elements):
      Self.head(4, UInt64(elements.count)) + elements.flatMap(\.encoded)
    case .map(let entries):
      // Keys in byte order of their own encoding.
      Self.head(5, UInt64(entries.count))
        + entries.map { (CBOR.integer($0.key).encoded, $0.value.encoded) }
        .sorted { $0.0.lexicographicallyPrecedes($1.0) }.flatMap { $0.0 + $0.1 }
    case .tagged(let tag, let value): Self.head(6, tag) + value.encoded
    }
  }

  private static func head(_ major: UInt8, _ value: UInt64) -> [UInt8] {
    func big(_ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
    }
    switch value {
    case ..<24: return [major << 5 | UInt8(value)]
    case ..<(1 << 8): return [major << 5 | 24] + big(1)
    case ..<(1 << 16): return [major << 5 | 25] + big(2)
    case ..<(1 << 32): return [major << 5 | 26] + big(4)
    default: return [major << 5 | 27] + big(8)
    }
  }

  /// Reads one value that is all of `bytes`; `nil` for anything else, and for every encoding but the deterministic one.
  static func decode(_ bytes: [UInt8]) -> CBOR? {
    var reader = Reader(bytes: bytes)
    guard let value = reader.value(depth: 0), reader.offset == bytes.count,
      value.encoded == bytes
    else { return nil }
    return value
  }

  /// No length is believed before so many bytes are there.
  private struct Reader {
    let bytes: [UInt8]
    var offset = 0

    mutating func value(depth: Int) -> CBOR? {
      guard depth < 8, let (major, argument) = head() else { return nil }
      switch major {
      case 0: return Int64(exactly: argument).map { .integer($0) }
      case 1: return Int64(exactly: argument).map { .integer(-1 - $0) }
      case 2: return take(argument).map { .bytes($0) }
      case 3:
        return take(argument).flatMap { String(validating: $0, as: UTF8.self) }.map { .text($0) }
      case 4:
        var elements: [CBOR] = []
        guard argument <= UInt64(bytes.count - offset) else { return nil }
        for _ in 0..<argument {
          guard let element = value(depth: depth + 1) else { return nil }
          elements.append(element)
        }
        return .array(elements)
      case 5:
        var entries: [(key: Int64, value: CBOR)] = []
        guard argument <= UInt64(bytes.count - offset) else { return nil }
        for _ in 0..<argument {
          guard case .integer(let key)? = value(depth: depth + 1),
            let element = value(depth: depth + 1), !entries.contains(where: { $0.key == key })
          else { return nil }
          entries.append((key, element))
        }
        return .map(entries)
      case 6: return value(depth: depth + 1).map { .tagged(argument, $0) }
      default: return nil
      }
    }

    private mutating func head() -> (UInt8, UInt64)? {
      guard offset < bytes.count else { return nil }
      let first = bytes[offset]
      offset += 1
      let low = first & 0x1F
      guard low >= 24 else { return (first >> 5, UInt64(low)) }
      guard low <= 27, let more = take(1 << UInt64(low - 24)) else { return nil }
      return (first >> 5, more.reduce(0) { $0 << 8 | UInt64($1) })
    }

    private mutating func take(_ count: UInt64) -> [UInt8]? {
      guard count <= UInt64(bytes.count - offset) else { return nil }
      defer { offset += Int(count) }
      return Array(bytes[offset..<offset + Int(count)])
    }
  }
}
