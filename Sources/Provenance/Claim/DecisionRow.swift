public import CanonicalCoding
internal import Licensing
public import Manifests

/// One pair of source and license entry with flags that may be used, and the class it counts under.
public struct DecisionRow: Hashable, Sendable {
  /// The source index.
  public let source: Int
  /// licenseIndex + 2^16 · flags, as element 9 of the leaf has it.
  public let lf: Int
  /// The class.
  public let classIndex: Int

  /// A row from its members.
  public init(source: Int, lf: Int, classIndex: Int) {
    (self.source, self.lf, self.classIndex) = (source, lf, classIndex)
  }

  /// The pair, which no two rows share.
  var key: (Int, Int) { (source, lf) }

  /// The rows of a decision table: for each that may be used on the day one for every flags byte with the row's
  /// preference and bits 1 to 3 free, since they describe the record and weigh in the decision already.
  ///
  /// - Parameters:
  ///   - table: the decision table.
  ///   - sources: the ids of the registry's sources in the order of the combined tree.
  ///   - day: the as-of day.
  ///   - grouping: what makes a class.
  /// - Returns: the rows in strictly ascending order, and the names of the classes.
  public static func rows(
    _ table: DecisionTable,
    sources: [String],
    on day: CivilDate,
    by grouping: ProvenanceClaim.Grouping
  ) -> (rows: [DecisionRow], classes: [String]) {
    let places = Dictionary(sources.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
    let usable = table.rows.filter { $0.isUsable(on: day) && places[$0.source] != nil }
    let classes = Array(Set(usable.map(grouping.name))).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    var rows: [DecisionRow] = []
    for row in usable {
      guard let source = places[row.source],
        let index = numbers[grouping.name(row)]
      else { continue }
      for free in 0..<8 {
        let flags = free << 1 | Int(row.preference.rawValue) << 4
        rows.append(
          DecisionRow(source: source, lf: row.licenseIndex + flags << 16, classIndex: index)
        )
      }
    }
    return (rows.sorted { $0.key < $1.key }, classes)
  }
}
