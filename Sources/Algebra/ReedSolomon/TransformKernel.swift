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
  /// of parts, one behind the other, of the same lengths in all columns; rows behind them are zero.
  public let gather: @Sendable (_ columns: [[Column]], _ block: WordBuffer) -> Void
  /// The transform of order n of every column of a block, in place: the value at the root's power q ends in
  /// the row whose number is q with its bits reversed.
  public let transform: @Sendable (_ block: WordBuffer, _ roots: Roots) -> Void

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
    transform: @escaping @Sendable (WordBuffer, Roots) -> Void
  ) {
    (self.name, self.width, self.gather, self.transform) = (name, width, gather, transform)
  }

  /// One column after the other, in Swift.
  public static let reference = TransformKernel(
    name: "reference",
    width: 4,
    gather: { columns, block in
      for index in 0..<block.count { block[index] = 0 }
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
    transform: { block, roots in
      let transform = NumberTheoreticTransform(log: roots.log)
      let n = 1 << roots.log
      for lane in 0..<4 {
        let values = transform.values(
          of: (0..<n).map { KoalaBear(reducing: UInt64(block[$0 * 4 + lane])) }
        )
        for (position, value) in values.enumerated() {
          block[row(of: position, log: roots.log) * 4 + lane] = value.value
        }
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
      transform(block, roots)
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
