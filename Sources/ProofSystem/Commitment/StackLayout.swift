/// Where every column lies: in its group's stack, and on the virtual stack of all groups.
///
/// Columns go by falling height, then in the order of tables and columns, one after another, and are
/// cut into lanes. A group starts at the next lane that is a multiple of its rounded lane count.
package struct StackLayout: Sendable {
  /// A column of 2^logHeight entries.
  package struct Place: Sendable {
    /// The number of the group: the statement's, then the helper group.
    package let group: Int
    /// The first entry in the group's stack.
    package let offset: Int
    /// log2 of the number of entries.
    package let logHeight: Int

    /// A place.
    package init(group: Int, offset: Int, logHeight: Int) {
      (self.group, self.offset, self.logHeight) = (group, offset, logHeight)
    }
  }

  /// By table, then by column.
  package let columns: [[Place]]
  /// By table, then by helper, then by coordinate.
  package let helpers: [[[Place]]]
  /// The number of stack lanes of each group.
  package let laneCounts: [Int]
  /// The first lane of each group on the virtual stack.
  package let firstLanes: [Int]
  /// log2 of the number of lanes of the virtual stack.
  package let logLaneCount: Int
  private let logDataLength: Int

  /// The layout of a statement whose columns name groups that it has.
  package init(_ statement: Statement) {
    let tables = statement.tables
    let order = tables.indices.sorted {
      (-tables[$0].logHeight, $0) < (-tables[$1].logHeight, $1)
    }
    let helper = statement.groups.count
    var columns: [[Place]] = tables.map { _ in [] }
    var helpers: [[[Place]]] = tables.map { _ in [] }
    var ends = [Int](repeating: 0, count: helper + 1)
    func place(_ table: Table, in group: Int) -> Place {
      defer { ends[group] += table.rowCount }
      return Place(group: group, offset: ends[group], logHeight: table.logHeight)
    }
    for index in order {
      let table = tables[index]
      for column in table.columns { columns[index].append(place(table, in: column.group)) }
      for _ in 0..<table.helperCount {
        helpers[index].append((0..<ChallengeField.degree).map { _ in place(table, in: helper) })
      }
    }
    (self.columns, self.helpers) = (columns, helpers)
    let length = statement.code.dataLength
    logDataLength = statement.code.logDataLength
    laneCounts = ends.map { ($0 + length - 1) / length }
    var next = 0
    var first: [Int] = []
    for count in laneCounts {
      let rounded = Self.roundedUp(count)
      let start = (next + rounded - 1) / rounded * rounded
      first.append(start)
      next = start + count
    }
    firstLanes = first
    logLaneCount = Self.roundedUp(next).trailingZeroBitCount
  }

  /// The smallest power of two that is not below a count; 1 for 0.
  private static func roundedUp(_ count: Int) -> Int {
    var power = 1
    while power < count { power *= 2 }
    return power
  }

  /// κ + μ.
  package var variableCount: Int { logLaneCount + logDataLength }

  /// The number of the helper group, the last.
  package var helperGroup: Int { laneCounts.count - 1 }

  /// The number of committed lanes of a group: the helper group also has the mask and the blinder lane.
  package func committedLaneCount(_ group: Int) -> Int {
    laneCounts[group] + (group == helperGroup ? 2 * ChallengeField.degree : 0)
  }

  /// The first entry of a column on the virtual stack.
  package func virtualOffset(_ place: Place) -> Int {
    (firstLanes[place.group] << logDataLength) + place.offset
  }
}
