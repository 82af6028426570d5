/// Many keyed hashes of BLAKE3 at once, which a faster module may provide.
///
/// Law: every kernel gives what `reference` gives.
public struct BLAKE3Kernel: Sendable {
  /// The kernel's name, for tests and reports.
  public let name: String
  /// The 32-byte digests, one behind the other, of messages of one length that lie one behind the other.
  ///
  /// The length is positive and divides the number of bytes.
  public let keyedHashes:
    @Sendable (_ key: BLAKE3.Words, _ messages: [UInt8], _ length: Int) -> [UInt8]

  /// The digests of rows of words that lie in blocks of `width` columns, as a transform leaves them.
  ///
  /// Row i belongs to position q, i with its bits reversed: the 32 bytes at 32 q of the salts, if there are
  /// salts, go before the row's words, and the digest goes to 32 q of the target, both as bytes of words.
  public let keyedRows: @Sendable (BLAKE3.Words, Rows, Range<Int>, _ target: WordBuffer) -> Void

  /// The rows to be hashed.
  public struct Rows: Sendable {
    /// Blocks of columns side by side; the last one may have columns that do not count.
    public let blocks: [WordBuffer]
    /// The columns of a block.
    public let width: Int
    /// The columns that count, in all.
    public let columnCount: Int
    /// log2 of the number of rows.
    public let log: Int
    /// The row that the blocks begin with: they may be a part of all rows.
    public let firstRow: Int
    /// Eight words a position, or none.
    public let salts: WordBuffer?

    /// Rows of blocks.
    public init(
      blocks: [WordBuffer],
      width: Int,
      columnCount: Int,
      log: Int,
      firstRow: Int = 0,
      salts: WordBuffer?
    ) {
      (self.blocks, self.width, self.columnCount) = (blocks, width, columnCount)
      (self.log, self.firstRow, self.salts) = (log, firstRow, salts)
    }

    /// The words of a row, without a salt.
    public func words(_ row: Int) -> [UInt32] {
      (0..<columnCount).map { blocks[$0 / width][(row - firstRow) * width + $0 % width] }
    }
  }

  /// A kernel from its loops.
  public init(
    name: String,
    keyedHashes: @escaping @Sendable (BLAKE3.Words, [UInt8], Int) -> [UInt8],
    keyedRows: @escaping @Sendable (BLAKE3.Words, Rows, Range<Int>, WordBuffer) -> Void
  ) {
    (self.name, self.keyedHashes, self.keyedRows) = (name, keyedHashes, keyedRows)
  }

  /// One hash after the other, in Swift.
  public static let reference = BLAKE3Kernel(
    name: "reference",
    keyedHashes: { key, messages, length in
      var digests: [UInt8] = []
      for start in stride(from: 0, to: messages.count, by: length) {
        digests += BLAKE3.hash(key: key, Array(messages[start..<start + length]))
      }
      return digests
    },
    keyedRows: { key, rows, range, target in
      for row in range {
        let position = NumberTheoreticTransform.reversed(row, rows.log)
        let salt = rows.salts.map { salts in (0..<8).map { salts[8 * position + $0] } } ?? []
        let message = (salt + rows.words(row)).flatMap { word in
          (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
        }
        let digest = BLAKE3.words(BLAKE3.hash(key: key, message))
        for index in 0..<8 { target[8 * position + index] = digest[index] }
      }
    }
  )
}
