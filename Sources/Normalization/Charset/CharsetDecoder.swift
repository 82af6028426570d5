internal import CanonicalCoding

/// Turns bytes of any encoding of the standard into UTF-8; malformed sequences become U+FFFD and are
/// counted.
///
/// The decoders are those of the WHATWG Encoding Standard, sections 8 to 14, with error mode
/// "replacement". A byte that a failed sequence must give back is read again.
struct CharsetDecoder {
  private(set) var output: [UInt8] = []
  private(set) var malformed = 0

  /// Decodes `bytes`; the result is in `output`.
  init(_ bytes: ArraySlice<UInt8>, as charset: Charset) {
    output.reserveCapacity(bytes.count + bytes.count / 2)
    switch charset {
    case .utf8: utf8(bytes)
    case .utf16LE: utf16(bytes, isBigEndian: false)
    case .utf16BE: utf16(bytes, isBigEndian: true)
    case .singleByte(let name): singleByte(bytes, CharsetIndex.singleByte[name] ?? [])
    case .gb18030: gb18030(bytes)
    case .big5: big5(bytes)
    case .eucJP: eucJP(bytes)
    case .iso2022JP: iso2022JP(bytes)
    case .shiftJIS: shiftJIS(bytes)
    case .eucKR: eucKR(bytes)
    case .userDefined:
      for byte in bytes { emit(byte < 0x80 ? UInt32(byte) : 0xF700 + UInt32(byte)) }
    case .replacement: if !bytes.isEmpty { error() }
    }
  }

  private mutating func emit(_ scalar: UInt32) {
    if scalar < 0x80 {
      output.append(UInt8(scalar))
    } else if let unicode = Unicode.Scalar(scalar) {
      output.append(contentsOf: UTF8.encode(unicode) ?? UTF8.encodedReplacementCharacter)
    } else {
      error()
    }
  }

  private mutating func error() {
    malformed += 1
    output.append(contentsOf: [0xEF, 0xBF, 0xBD])
  }

  /// The character at a pointer of an index, `nil` where there is none.
  private func lookUp(_ index: [UInt32], _ pointer: Int) -> UInt32? {
    guard index.indices.contains(pointer), index[pointer] != 0xFFFD else { return nil }
    return index[pointer]
  }

  private mutating func utf8(_ bytes: ArraySlice<UInt8>) {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] < 0x80 {
        let run = ByteScan.asciiRun(bytes, from: index)
        output.append(contentsOf: bytes[index..<index + run])
        index += run
      } else if let length = UTF8Check.sequenceLength(bytes, at: index) {
        output.append(contentsOf: bytes[index..<index + length])
        index += length
      } else {
        // One U+FFFD for the longest prefix of a well-formed sequence.
        error()
        let shape = UTF8Check.shape(lead: bytes[index])
        index += 1
        guard let (length, second) = shape, index < bytes.endIndex, second.contains(bytes[index])
        else { continue }
        index += 1
        var taken = 2
        while taken < length, index < bytes.endIndex, bytes[index] & 0xC0 == 0x80 {
          index += 1
          taken += 1
        }
      }
    }
  }

  private mutating func utf16(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) {
    var index = bytes.startIndex
    var high: UInt32?
    while index + 1 < bytes.endIndex {
      let (a, b) = (UInt32(bytes[index]), UInt32(bytes[index + 1]))
      let unit = isBigEndian ? a << 8 | b : b << 8 | a
      index += 2
      if let lead = high {
        high = nil
        if unit & 0xFC00 == 0xDC00 {
          emit(0x10000 + (lead - 0xD800) << 10 + (unit - 0xDC00))
          continue
        }
        error()
      }
      switch unit & 0xFC00 {
      case 0xD800: high = unit
      case 0xDC00: error()
      default: emit(unit)
      }
    }
    if high != nil || index < bytes.endIndex { error() }
  }

  private mutating func singleByte(_ bytes: ArraySlice<UInt8>, _ upper: [UInt32]) {
    for byte in bytes {
      if byte < 0x80 {
        output.append(byte)
      } else if let scalar = lookUp(upper, Int(byte) - 128) {
        emit(scalar)
      } else {
        error()
      }
    }
  }

  private mutating func gb18030(_ bytes: ArraySlice<UInt8>) {
    var i = bytes.startIndex
    func at(_ offset: Int) -> UInt8? { i + offset < bytes.endIndex ? bytes[i + offset] : nil }
    while let lead = at(0) {
      if lead < 0x80 {
        emit(UInt32(lead))
        i += 1
      } else if lead == 0x80 {
        emit(0x20AC)
        i += 1
      } else if lead == 0xFF {
        error()
        i += 1
      } else if let second = at(1), (0x30...0x39).contains(second) {
        guard let third = at(2), let fourth = at(3) else {
          // The end inside a four-byte sequence is one error.
          error()
          return
        }
        guard (0x81...0xFE).contains(third), (0x30...0x39).contains(fourth) else {
          error()
          i += 1
          continue
        }
        let pointer =
          ((Int(lead) - 0x81) * 10 + Int(second) - 0x30) * 1260 + (Int(third) - 0x81) * 10
          + Int(fourth) - 0x30
        if let scalar = Self.gb18030Range(pointer) { emit(scalar) } else { error() }
        i += 4
      } else if let second = at(1) {
        let offset = second < 0x7F ? 0x40 : 0x41
        let isTrail = (0x40...0x7E).contains(second) || (0x80...0xFE).contains(second)
        if isTrail,
          let scalar = lookUp(CharsetIndex.gb18030, (Int(lead) - 0x81) * 190 + Int(second) - offset)
        {
          emit(scalar)
          i += 2
        } else {
          error()
          i += second < 0x80 ? 1 : 2
        }
      } else {
        error()
        return
      }
    }
  }

  private static func gb18030Range(_ pointer: Int) -> UInt32? {
    if pointer >= 189_000, pointer <= 1_237_575 { return UInt32(0x10000 + pointer - 189_000) }
    guard pointer < 39_420 else { return nil }
    let ranges = CharsetIndex.gb18030Ranges
    var low = 0
    var high = ranges.count / 2
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(ranges[2 * middle]) <= pointer { low = middle } else { high = middle }
    }
    let scalar = ranges[2 * low + 1]
    return scalar == 0xFFFD ? nil : scalar + UInt32(pointer) - ranges[2 * low]
  }

  private mutating func big5(_ bytes: ArraySlice<UInt8>) {
    twoBytes(bytes, leads: 0x81...0xFE) { lead, second in
      guard (0x40...0x7E).contains(second) || (0xA1...0xFE).contains(second) else { return nil }
      let pointer = (lead - 0x81) * 157 + second - (second < 0x7F ? 0x40 : 0x62)
      switch pointer {
      case 1133: return [0xCA, 0x304]
      case 1135: return [0xCA, 0x30C]
      case 1164: return [0xEA, 0x304]
      case 1166: return [0xEA, 0x30C]
      default: return Self.single(CharsetIndex.big5, pointer)
      }
    }
  }

  private mutating func eucKR(_ bytes: ArraySlice<UInt8>) {
    twoBytes(bytes, leads: 0x81...0xFE) { lead, second in
      guard (0x41...0xFE).contains(second) else { return nil }
      return Self.single(CharsetIndex.eucKR, (lead - 0x81) * 190 + second - 0x41)
    }
  }

  private static func single(_ index: [UInt32], _ pointer: Int) -> [UInt32]? {
    guard index.indices.contains(pointer), index[pointer] != 0xFFFD else { return nil }
    return [index[pointer]]
  }

  /// The shape that Big5, EUC-KR and Shift_JIS share; a bad ASCII trail is read again.
  private mutating func twoBytes(
    _ bytes: ArraySlice<UInt8>,
    leads: ClosedRange<UInt8>,
    _ decode: (Int, Int) -> [UInt32]?
  ) {
    var i = bytes.startIndex
    while i < bytes.endIndex {
      let lead = bytes[i]
      i += 1
      if lead < 0x80 {
        emit(UInt32(lead))
      } else if leads.contains(lead), i < bytes.endIndex {
        if let scalars = decode(Int(lead), Int(bytes[i])) {
          scalars.forEach { emit($0) }
          i += 1
        } else {
          error()
          if bytes[i] >= 0x80 { i += 1 }
        }
      } else {
        error()
      }
    }
  }

  private mutating func shiftJIS(_ bytes: ArraySlice<UInt8>) {
    var i = bytes.startIndex
    while i < bytes.endIndex {
      let lead = bytes[i]
      i += 1
      switch lead {
      case 0...0x80: emit(UInt32(lead))
      case 0xA1...0xDF: emit(0xFF61 - 0xA1 + UInt32(lead))
      case 0x81...0x9F, 0xE0...0xFC:
        guard i < bytes.endIndex else { return error() }
        let second = Int(bytes[i])
        let isTrail = (0x40...0x7E).contains(second) || (0x80...0xFC).contains(second)
        let pointer =
          (Int(lead) - (lead < 0xA0 ? 0x81 : 0xC1)) * 188 + second - (second < 0x7F ? 0x40 : 0x41)
        if isTrail, (8836...10715).contains(pointer) {
          emit(UInt32(0xE000 - 8836 + pointer))
          i += 1
        } else if isTrail, let scalar = lookUp(CharsetIndex.jis0208, pointer) {
          emit(scalar)
          i += 1
        } else {
          error()
          if second >= 0x80 { i += 1 }
        }
      default: error()
      }
    }
  }

  private mutating func eucJP(_ bytes: ArraySlice<UInt8>) {
    var i = bytes.startIndex
    while i < bytes.endIndex {
      let lead = bytes[i]
      i += 1
      if lead < 0x80 {
        emit(UInt32(lead))
        continue
      }
      guard lead == 0x8E || lead == 0x8F || (0xA1...0xFE).contains(lead) else {
        error()
        continue
      }
      guard i < bytes.endIndex else { return error() }
      var (first, second) = (lead, bytes[i])
      if lead == 0x8E, (0xA1...0xDF).contains(second) {
        emit(0xFF61 - 0xA1 + UInt32(second))
        i += 1
        continue
      }
      var index = CharsetIndex.jis0208
      if lead == 0x8F, (0xA1...0xFE).contains(second) {
        i += 1
        guard i < bytes.endIndex else { return error() }
        (first, second) = (second, bytes[i])
        index = CharsetIndex.jis0212
      }
      let isPair = (0xA1...0xFE).contains(first) && (0xA1...0xFE).contains(second)
      if isPair, let scalar = lookUp(index, (Int(first) - 0xA1) * 94 + Int(second) - 0xA1) {
        emit(scalar)
        i += 1
      } else {
        error()
        if second >= 0x80 { i += 1 }
      }
    }
  }

  private enum JISState { case ascii, roman, katakana, lead }

  private mutating func iso2022JP(_ bytes: ArraySlice<UInt8>) {
    var i = bytes.startIndex
    var state = JISState.ascii
    var hasOutput = false
    while i < bytes.endIndex {
      let byte = bytes[i]
      i += 1
      if byte == 0x1B {
        if let next = Self.escape(bytes, i) {
          // Two escapes without a character between them are an error.
          if !hasOutput, state != .ascii || next != .ascii, i > bytes.startIndex + 3 { error() }
          state = next
          i += 2
          hasOutput = false
        } else {
          error()
        }
        continue
      }
      hasOutput = true
      switch state {
      case .ascii where byte < 0x80 && byte != 0x0E && byte != 0x0F: emit(UInt32(byte))
      case .roman where byte < 0x80 && byte != 0x0E && byte != 0x0F:
        emit(byte == 0x5C ? 0xA5 : byte == 0x7E ? 0x203E : UInt32(byte))
      case .katakana where (0x21...0x5F).contains(byte): emit(0xFF61 - 0x21 + UInt32(byte))
      case .lead where (0x21...0x7E).contains(byte):
        guard i < bytes.endIndex, (0x21...0x7E).contains(bytes[i]) else {
          error()
          if i < bytes.endIndex, bytes[i] != 0x1B { i += 1 }
          continue
        }
        let pointer = (Int(byte) - 0x21) * 94 + Int(bytes[i]) - 0x21
        i += 1
        if let scalar = lookUp(CharsetIndex.jis0208, pointer) { emit(scalar) } else { error() }
      default: error()
      }
    }
  }

  private static func escape(_ bytes: ArraySlice<UInt8>, _ i: Int) -> JISState? {
    guard i + 1 < bytes.endIndex else { return nil }
    switch (bytes[i], bytes[i + 1]) {
    case (0x28, 0x42): return .ascii
    case (0x28, 0x4A): return .roman
    case (0x28, 0x49): return .katakana
    case (0x24, 0x40), (0x24, 0x42): return .lead
    default: return nil
    }
  }
}
