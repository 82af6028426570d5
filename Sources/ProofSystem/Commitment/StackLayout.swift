/// Where every column lies: in its group's stack, and on the virtual stack of all groups.
///
/// Columns go by falling height, then in the order of tables and columns, one after another, and are
/// cut into lanes. A group starts at the next lane that is a multiple of its rounded lane count.
struct StackLayout: Sendable {
  /// The two groups of a proof.
  enum Group: Int, Sendable { case main, helper }

  /// A column of 2^logHeight entries.
  struct Place: Sendable {
    /// The first entry in the group's stack.
    let offset: Int
    let logHeight: Int
  }

  /// By table, then by column.
  let columns: [[Place]]
  /// By table, then by helper, then by coordinate.
  let helpers: [[[Place]]]
  /// The number of stack lanes of each group.
  let laneCounts: [Int]
  /// The first lane of each group on the virtual stack.
  let firstLanes: [Int]
  /// log2 of the number of lanes of the virtual stack.
  let logLaneCount: Int
  private let logDataLength: Int

  init(_ statement: Statement) {
    let tables = statement.tables
    let order = tables.indices.sorted {
      (-tables[$0].logHeight, $0) < (-tables[$1].logHeight, $1)
    }
    var columns: [[Place]] = tables.map { _ in [] }
    var helpers: [[[Place]]] = tables.map { _ in [] }
    var ends = [0, 0]
    for index in order {
      let table = tables[index]
      for _ in table.columns {
        columns[index].append(Place(offset: ends[0], logHeight: table.logHeight))
        ends[0] += table.rowCount
      }
      for _ in 0..<table.helperCount {
        var coordinates: [Place] = []
        for _ in 0..<ChallengeField.degree {
          coordinates.append(Place(offset: ends[1], logHeight: table.logHeight))
          ends[1] += table.rowCount
        }
        helpers[index].append(coordinates)
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
  var variableCount: Int { logLaneCount + logDataLength }

  /// The first entry of a column on the virtual stack.
  func virtualOffset(_ place: Place, in group: Group) -> Int {
    (firstLanes[group.rawValue] << logDataLength) + place.offset
  }
}
