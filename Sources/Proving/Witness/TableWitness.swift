public import Algebra
public import ProofSystem

/// The values of a table's committed columns in its active rows.
public struct TableWitness: Sendable {
  /// By column: the rows' canonical values.
  let columns: [WordBuffer]

  /// The values of a table: by column, then by row; exactly the active rows.
  public init(columns: [[BaseField]]) {
    self.columns = columns.map { column in
      let words = WordBuffer(zeros: column.count)
      words.write(column, at: 0)
      return words
    }
  }

  /// The values of a table as canonical words; exactly the active rows.
  public init(words: [WordBuffer]) { columns = words }

  /// The values by column, then by row.
  public var values: [[BaseField]] { columns.map { $0.elements(0..<$0.count) } }
}
