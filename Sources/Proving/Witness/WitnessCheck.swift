internal import Algebra
public import ProofSystem

/// Where a witness breaks its statement.
public enum WitnessError: Error, Hashable, Sendable {
  /// The number of columns or rows is not the table's.
  case shape(table: String)
  /// A rule that a row does not obey.
  case constraint(table: String, row: Int, name: String)
  /// A tuple that does not balance on a bus, with a row that sends it.
  case bus(tag: UInt32, table: String, row: Int)
}

/// The slow, independent check of a witness: row by row as the statement reads, with no polynomial.
public enum WitnessCheck {
  /// - Throws: `WitnessError` naming the first table, row and rule.
  /// - Complexity: O(rows · rules).
  public static func run(
    _ tables: [Table],
    _ witness: [TableWitness]
  ) throws(WitnessError) {
    struct Tuple: Hashable {
      var tag: UInt32
      var values: [BaseField]
    }
    struct Balance {
      var sums: [BaseField]
      var table: String
      var row: Int
    }
    var buses: [Tuple: Balance] = [:]
    for (index, table) in tables.enumerated() {
      guard index < witness.count, witness[index].columns.count == table.columns.count,
        witness[index].columns.allSatisfy({ $0.count == table.activeRowCount })
      else { throw .shape(table: table.name) }
      for row in 0..<table.activeRowCount {
        let values = witness[index].columns.map { BaseField(reducing: UInt64($0[row])) }
        let known = table.publicColumns.map { $0.value(row: row) }
        for constraint in table.constraints
        where constraint.expression.value(columns: values, publicColumns: known) != .zero {
          throw .constraint(table: table.name, row: row, name: constraint.name)
        }
        for message in table.messages {
          let numerators = message.numerators.map {
            $0.value(columns: values, publicColumns: known)
          }
          guard numerators.contains(where: { $0 != .zero }) else { continue }
          let tuple = Tuple(
            tag: message.tag,
            values: message.values.map { $0.value(columns: values, publicColumns: known) }
          )
          var balance =
            buses[tuple]
            ?? Balance(
              sums: Array(repeating: .zero, count: numerators.count),
              table: table.name,
              row: row
            )
          for place in numerators.indices { balance.sums[place] += numerators[place] }
          buses[tuple] = balance
        }
      }
    }
    let open = buses.filter { $0.value.sums.contains { $0 != .zero } }
    if let first = open.min(by: {
      ($0.key.tag, $0.value.table, $0.value.row) < ($1.key.tag, $1.value.table, $1.value.row)
    }) {
      throw .bus(tag: first.key.tag, table: first.value.table, row: first.value.row)
    }
  }
}
