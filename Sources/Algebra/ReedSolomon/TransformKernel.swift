/// The transform of many columns over F side by side, which a faster module may provide.
///
/// Law: every kernel gives what `reference` gives.
public struct TransformKernel: Sendable {
  /// The columns of a block.
  public typealias Column = (words: WordBuffer, offset: Int, length: Int)

  /// The kernel's name, for tests and reports.
  public let name: String
  /// The number of columns of a block.
  public let width: Int
  /// Lays columns side by side into a block of n rows, coefficient by coefficient: each column is a list
  /// of parts, one behind the other, of the same lengths in all columns; rows behind them stay as they are,
  /// and lanes without a column are zero.
  public let gather: @Sendable (_ columns: [[Column]], _ block: WordBuffer) -> Void
  /// The transform of order n of the first n rows of a block, in place.
  ///
  /// The value at the root's power q ends in the row whose number is q with its bits reversed. Rows from `filled` on
  /// count as zero, whatever they hold.
  public let transform: @Sendable (_ block: WordBuffer, _ roots: Roots, _ filled: Int) -> Void
  /// Turns columns, in place, into those whose transform of the part's order is the part of their own.
  ///
  /// Rows behind the part's length are folded onto the first ones, then row i is multiplied by
  /// w^(residue · i), w the root of the whole order, whose powers are given. At most twice the part's length
  /// has values.
  public let twist: @Sendable (_ block: WordBuffer, _ part: Part, _ roots: Roots) -> Void

  /// One of 2^logCount parts of a transform of order 2^log: rows that follow each other, the values at
  /// positions with one residue modulo 2^logCount.
  public struct Part: Sendable {
    /// log2 of the whole order.
    public let log: Int
    /// log2 of the number of parts.
    public let logCount: Int
    /// The part's number.
    public let index: Int

    /// A part.
    public init(log: Int, logCount: Int, index: Int) {
      precondition(logCount <= log && (0..<1 << logCount).contains(index), "a part of the order")
      (self.log, self.logCount, self.index) = (log, logCount, index)
    }

    /// The number of its rows, which is its order.
    public var length: Int { 1 << (log - logCount) }
    /// Its rows among all.
    public var rows: Range<Int> { index * length..<(index + 1) * length }
    /// The residue of its positions.
    public var residue: Int { NumberTheoreticTransform.reversed(index, logCount) }
  }

  /// The powers 0 to n / 2 − 1 of the root of unity of order n = 2^log.
  public struct Roots: Sendable {
    /// log2 of the order.
    public let log: Int
    /// In Montgomery form.
    package let words: WordBuffer

    /// The powers of the root of an order.
    public init(log: Int) {
      self.log = log
      words = WordBuffer(zeros: max(1, (1 << log) / 2))
      var power = MontgomeryKoalaBear.encode(1)
      let root = MontgomeryKoalaBear.encode(KoalaBear.rootOfUnity(log: log).value)
      for index in 0..<words.count {
        words[index] = power
        power = MontgomeryKoalaBear.multiply(power, root)
      }
    }
  }

  /// A kernel from its loops.
  public init(
    name: String,
    width: Int,
    gather: @escaping @Sendable ([[Column]], WordBuffer) -> Void,
    transform: @escaping @Sendable (WordBuffer, Roots, Int) -> Void,
    twist: @escaping @Sendable (WordBuffer, Part, Roots) -> Void
  ) {
    (self.name, self.width, self.gather) = (name, width, gather)
    (self.transform, self.twist) = (transform, twist)
  }

  /// One column after the other, in Swift.
  public static let reference = TransformKernel(
    name: "reference",
    width: 4,
    gather: { columns, block in
      let length = columns.first?.reduce(0) { $0 + $1.length } ?? 0
      for index in 0..<4 * length { block[index] = 0 }
      for (lane, parts) in columns.enumerated() {
        var row = 0
        for part in parts {
          for index in 0..<part.length {
            block[(row + index) * 4 + lane] = part.words[part.offset + index]
          }
          row += part.length
        }
      }
    },
    transform: { block, roots, filled in
      let transform = NumberTheoreticTransform(log: roots.log)
      let n = 1 << roots.log
      for lane in 0..<4 {
        let values = transform.values(
          of: (0..<n).map {
            $0 < filled ? KoalaBear(reducing: UInt64(block[$0 * 4 + lane])) : .zero
          }
        )
        for (position, value) in values.enumerated() {
          block[row(of: position, log: roots.log) * 4 + lane] = value.value
        }
      }
    },
    twist: { block, part, roots in
      let turn = KoalaBear.rootOfUnity(log: part.log).power(UInt64(part.residue))
      let behind = turn.power(UInt64(part.length))
      func word(_ row: Int, _ lane: Int) -> KoalaBear {
        KoalaBear(reducing: UInt64(block[row * 4 + lane]))
      }
      var power = KoalaBear.one
      for row in 0..<part.length {
        let hasTail = (row + part.length) * 4 < block.count
        for lane in 0..<4 {
          let tail = hasTail ? behind * word(row + part.length, lane) : .zero
          block[row * 4 + lane] = ((word(row, lane) + tail) * power).value
        }
        power *= turn
      }
    }
  )

  /// The row where the value at a power of the root ends.
  public static func row(of position: Int, log: Int) -> Int {
    NumberTheoreticTransform.reversed(position, log)
  }

  /// The values of `NumberTheoreticTransform` of each column.
  public func values(_ columns: [[KoalaBear]], _ log: Int) -> [[KoalaBear]] {
    let roots = Roots(log: log)
    var values: [[KoalaBear]] = []
    for first in stride(from: 0, to: columns.count, by: width) {
      let group = columns[first..<min(first + width, columns.count)]
      let block = WordBuffer(zeros: width << log)
      gather(
        group.map { column in
          let words = WordBuffer(zeros: 1 << log)
          words.write(column, at: 0)
          return [(words, 0, 1 << log)]
        },
        block
      )
      transform(block, roots, 1 << log)
      for lane in group.indices {
        values.append(
          (0..<1 << log).map {
            let row = Self.row(of: $0, log: log)
            return KoalaBear(reducing: UInt64(block[row * width + lane - first]))
          }
        )
      }
    }
    return values
  }
}
