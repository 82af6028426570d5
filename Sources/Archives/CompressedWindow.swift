internal import Files

/// The compressed bytes at the place where a stream stands.
struct CompressedWindow {
  static let readSize = 1 << 18

  let file: any ByteSource
  /// Offset in the file of the first byte that is not consumed.
  var offset: UInt64
  private(set) var bytes: [UInt8] = []
  private(set) var start = 0
  private(set) var isAtEnd = false

  init(file: any ByteSource, offset: UInt64) {
    self.file = file
    self.offset = offset
  }

  var count: Int { bytes.count - start }

  /// Reads until `wanted` bytes are there or the file ends.
  mutating func fill(atLeast wanted: Int) throws(FileError) {
    guard count < wanted, !isAtEnd else { return }
    if start > 0 {
      bytes.removeSubrange(0..<start)
      start = 0
    }
    while count < wanted, !isAtEnd {
      let filled = bytes.count
      let goal = max(wanted - filled, Self.readSize)
      bytes.append(contentsOf: repeatElement(0, count: goal))
      var end = filled
      while end < bytes.count {
        guard
          case .bytes(let read) = try file.read(
            into: &bytes,
            end..<bytes.count,
            at: offset + UInt64(end)
          )
        else {
          isAtEnd = true
          break
        }
        end += read
      }
      bytes.removeSubrange(end...)
    }
  }

  mutating func consume(_ count: Int) {
    precondition(count <= self.count)
    start += count
    offset += UInt64(count)
  }

  /// Goes to another place of the file; what was read of it already is kept.
  mutating func move(to offset: UInt64) {
    if offset >= self.offset, offset - self.offset <= UInt64(count) {
      consume(Int(offset - self.offset))
    } else {
      self = CompressedWindow(file: file, offset: offset)
    }
  }

  func starts(with prefix: [UInt8]) -> Bool { bytes[start...].starts(with: prefix) }

  /// zstd's frames that carry no data: 0x184D2A50 … 0x184D2A5F, little-endian.
  var isSkippableFrame: Bool {
    count >= 4 && bytes[start] & 0xF0 == 0x50 && bytes[start + 1] == 0x2A
      && bytes[start + 2] == 0x4D
      && bytes[start + 3] == 0x18
  }

  /// The declared length of a skippable frame's content.
  var skippableLength: UInt32 {
    guard count >= 8 else { return 0 }
    return (0..<4).reduce(0) { $0 | UInt32(bytes[start + 4 + $1]) << UInt32(8 * $1) }
  }

  /// Goes behind a skippable frame, without reading it.
  mutating func skipFrame() throws(FileError) {
    let next = offset + 8 + UInt64(skippableLength)
    self = CompressedWindow(file: file, offset: next)
    try fill(atLeast: 4)
  }

  /// Moves to the next place where `magic` stands; false at the end of the file.
  mutating func find(_ magic: [UInt8]) throws(FileError) -> Bool {
    while true {
      try fill(atLeast: magic.count)
      guard count >= magic.count else { return false }
      let limit = bytes.count - magic.count
      var index = start
      while index <= limit {
        if bytes[index] == magic[0], bytes[index...].starts(with: magic) {
          consume(index - start)
          return true
        }
        index += 1
      }
      consume(limit + 1 - start)
    }
  }
}

/// The dictionary that a .warc.zst carries in its first, skippable frame (warc-zstd specification).
enum ZstdDictionary {
  /// A dictionary larger than this is not taken.
  static let sizeLimit: UInt32 = 1 << 23

  static func read(_ window: inout CompressedWindow) throws(FileError) -> [UInt8] {
    try window.fill(atLeast: 8)
    guard window.starts(with: [0x5D, 0x2A, 0x4D, 0x18]) else { return [] }
    let length = window.skippableLength
    guard length <= sizeLimit else { return [] }
    try window.fill(atLeast: 8 + Int(length))
    guard window.count >= 8 + Int(length) else { return [] }
    let raw = Array(window.bytes[window.start + 8..<window.start + 8 + Int(length)])
    guard raw.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else { return raw }
    return ContentDecoder.decode(raw, coding: .zstd, limit: Int(sizeLimit)) ?? []
  }
}
