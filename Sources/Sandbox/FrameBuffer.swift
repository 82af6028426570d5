/// Cuts the output of another process into frames: `u32` length of what follows, big-endian, `u8` kind, the content.
///
/// Memory grows with what came, never with what was declared.
public struct FrameBuffer: Sendable {
  /// One frame.
  public struct Frame: Sendable {
    /// The kind, which the protocol knows.
    public let kind: UInt8
    /// The content.
    public let content: ArraySlice<UInt8>
  }

  /// A length that no frame has: none, or above the limit.
  public struct BadLength: Error {
    /// The length as it was declared.
    public let length: UInt32
  }

  private let limit: Int
  private var bytes: [UInt8] = []
  private var start = 0

  /// A buffer for frames of at most so many bytes.
  public init(limit: Int) { self.limit = limit }

  /// Bytes that belong to no whole frame yet.
  public var pending: Int { bytes.count - start }

  /// Makes room for the next read.
  ///
  /// - Parameters:
  ///   - room: the bytes that one read may bring; large for batches, small for answers.
  ///   - body: reads into the range, and returns how much came.
  /// - Throws: what `body` throws.
  public mutating func withRoom<Failure: Error>(
    _ room: Int = 1 << 18,
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
    bytes.append(contentsOf: repeatElement(0, count: room))
    let count = try body(&bytes, end..<bytes.count)
    bytes.removeSubrange((end + count)...)
  }

  /// The next whole frame; `nil` when more has to be read first.
  ///
  /// - Throws: `BadLength`, as soon as the length is there.
  public mutating func next() throws(BadLength) -> Frame? {
    guard bytes.count - start >= 5 else { return nil }
    let length = bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard length >= 1, length <= limit else { throw BadLength(length: length) }
    guard bytes.count - start - 4 >= Int(length) else { return nil }
    let content = bytes[start + 5..<start + 4 + Int(length)]
    let frame = Frame(kind: bytes[start + 4], content: content)
    start += 4 + Int(length)
    return frame
  }
}
