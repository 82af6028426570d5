internal import Algebra
package import ProofSystem

/// The lanes of a proof's own columns before they are filled: a witness that is computed in them is not copied, and
/// its memory is not held twice.
package struct WitnessRoom: Sendable {
  /// The lanes; pad rows and tails are the prover's to set.
  let lanes: LaneStore
  /// By table and column: room for the active rows; `nil` for columns of reusable groups.
  let columns: [[WordBuffer?]]

  /// Room for the columns of a statement, of which only tables, groups and code are read.
  package init(_ statement: Statement) {
    let layout = StackLayout(statement)
    let main = statement.groups.count - 1
    let lanes = LaneStore(unset: layout.committedLaneCount(main), code: statement.code)
    var end = 0
    columns = zip(statement.tables, layout.columns).map { table, places in
      places.map { place in
        guard place.group == main else { return nil }
        let rows = 1 << place.logHeight
        end = max(end, place.offset + rows)
        lanes.data.clear(place.offset + table.activeRowCount..<place.offset + rows)
        return lanes.data.part(place.offset, count: table.activeRowCount)
      }
    }
    lanes.data.clear(end..<lanes.data.count)
    self.lanes = lanes
  }

  /// The room of some columns of a table that all have it.
  func part(_ table: Int, _ range: Range<Int>) -> [WordBuffer] {
    columns[table][range].compactMap(\.self)
  }
}
