internal import CanonicalCoding
internal import Files

/// One message of a worker to its host: `u32` length of what follows, `u8` kind, the content.
enum WorkerFrame {
  /// The kinds.
  enum Kind: UInt8 {
    /// JSON: the sandbox and the profile of the worker. Always the first.
    case hello = 1
    /// A `RowBatch`.
    case batch = 2
    /// `u64`, the most memory that the worker had: everything was read.
    case end = 3
    /// JSON: exit code and sentence.
    case failure = 4
    /// A described member as JSON, or a normal form: work beside a scan.
    case item = 5
  }

  /// A frame of more bytes is refused: a batch has an arena of 4 MiB and one member more.
  static let sizeLimit = 256 << 20

  /// The bytes of a frame whose content is written by `body`.
  static func bytes(_ kind: Kind, _ body: (inout ByteWriter) -> Void) -> [UInt8] {
    var content = ByteWriter(capacity: 1 << 16)
    body(&content)
    var frame = ByteWriter(capacity: content.bytes.count + 5)
    frame.write(UInt32(content.bytes.count + 1))
    frame.write(kind.rawValue)
    frame.write(content.bytes)
    return frame.bytes
  }

  /// The bytes of a frame with JSON.
  static func bytes(_ kind: Kind, _ json: JSONValue) -> [UInt8] {
    bytes(kind) { $0.write(CanonicalJSON.encode(json)) }
  }
}

/// Cuts a stream of bytes into frames; memory grows with what came, never with what was declared.
struct FrameBuffer {
  private var bytes: [UInt8] = []
  private var start = 0

  /// Bytes that belong to no whole frame yet.
  var pending: Int { bytes.count - start }

  /// Makes room for the next read.
  mutating func withRoom<Failure: Error>(
    _ body: (inout [UInt8], Range<Int>) throws(Failure) -> Int
  ) throws(Failure) {
    if start == bytes.count {
      bytes.removeAll(keepingCapacity: true)
      start = 0
    } else if start > 1 << 20 {
      bytes.removeSubrange(0..<start)
      start = 0
    }
    let end = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: 1 << 18))
    let count = try body(&bytes, end..<bytes.count)
    bytes.removeSubrange((end + count)...)
  }

  /// The next whole frame, without its length.
  ///
  /// - Throws: `CodingFault` for a length that no frame has.
  mutating func next() throws -> (kind: WorkerFrame.Kind, content: ArraySlice<UInt8>)? {
    guard bytes.count - start >= 5 else { return nil }
    var reader = ByteReader(bytes[start...])
    let length = Int(try reader.read(UInt32.self))
    guard length >= 1, length <= WorkerFrame.sizeLimit,
      let kind = WorkerFrame.Kind(rawValue: try reader.read())
    else { throw CodingFault.form }
    guard bytes.count - start >= 4 + length else { return nil }
    let content = bytes[start + 5..<start + 4 + length]
    start += 4 + length
    return (kind, content)
  }
}
