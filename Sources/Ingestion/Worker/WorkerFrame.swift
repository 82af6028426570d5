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
