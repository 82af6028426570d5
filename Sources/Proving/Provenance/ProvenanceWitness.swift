public import Algebra
internal import ProofSystem
package import Provenance

/// What a trainer knows: the registry's columns, how often each record was used, and the training columns.
public struct ProvenanceWitness: Sendable {
  /// U_1, …, U_J.
  public let registry: [LeafColumns]
  /// For each of them how often each row is used.
  public let uses: [WordBuffer]
  /// C_T,1, …, C_T,I.
  public let training: [LeafColumns]

  /// A witness from its parts.
  ///
  /// - Precondition: as many uses as rows.
  public init(registry: [LeafColumns], uses: [WordBuffer], training: [LeafColumns]) {
    precondition(
      registry.count == uses.count
        && zip(registry, uses).allSatisfy { $0.count == $1.count },
      "one number a row"
    )
    (self.registry, self.uses, self.training) = (registry, uses, training)
  }

  /// Sums by class: records, four limbs of bytes, four limbs of words.
  fileprivate struct Sums {
    var limbs = [UInt64](repeating: 0, count: 9)

    /// A quantity as one number.
    func total(_ quantity: Int) -> UInt64 {
      quantity == 0
        ? limbs[0]
        : (0..<4).reduce(0) { $0 + limbs[4 * quantity - 3 + $1] << UInt64(8 * $1) }
    }
  }

  /// What the decision table says of the used rows.
  struct Judged {
    /// For each segment the class of each row; 0 where it does not matter.
    let classes: [WordBuffer]
    /// How often each decision row is asked for.
    let multiplicities: [UInt32]
    fileprivate let sums: [Sums]
    /// A used row that is a tombstone or that no decision row allows: segment and row.
    let refused: (segment: Int, row: Int)?

    /// For each class records, bytes and words.
    var totals: [UInt64] { sums.flatMap { sum in (0..<3).map(sum.total) } }
  }

  /// Judges and adds up the used rows.
  func judged(_ statement: ProvenanceStatement) -> Judged {
    var places: [UInt64: Int] = [:]
    for (index, row) in statement.decisions.enumerated() {
      places[UInt64(row.source) << 32 | UInt64(row.lf)] = index
    }
    var multiplicities = [UInt32](repeating: 0, count: statement.decisions.count)
    var sums = [Sums](repeating: Sums(), count: statement.ranges.count / 3)
    var refused: (segment: Int, row: Int)?
    var classes: [WordBuffer] = []
    for (segment, (columns, uses)) in zip(registry, uses).enumerated() {
      let kinds = WordBuffer(zeros: columns.count)
      let group = columns.group
      for row in 0..<columns.count where uses[row] != 0 {
        let key = UInt64(group[18][row]) << 32 | UInt64(group[9][row])
        guard group[19][row] == 1, let place = places[key] else {
          refused = refused ?? (segment, row)
          continue
        }
        let kind = statement.decisions[place].classIndex
        kinds[row] = UInt32(truncatingIfNeeded: kind)
        multiplicities[place] += uses[row]
        let factor = UInt64(uses[row])
        sums[kind].limbs[0] += factor
        for byte in 0..<8 { sums[kind].limbs[1 + byte] += factor * UInt64(group[10 + byte][row]) }
      }
      classes.append(kinds)
    }
    return Judged(
      classes: classes,
      multiplicities: multiplicities,
      sums: sums,
      refused: refused
    )
  }

  /// The tables' witness, whatever it breaks: for tests with provers that cheat.
  package func uncheckedTables(_ statement: ProvenanceStatement) -> [TableWitness] {
    tables(statement, judged(statement))
  }

  /// The tables' witness.
  func tables(_ statement: ProvenanceStatement, _ judged: Judged) -> [TableWitness] {
    let bytes = ByteLookups()
    var tables: [TableWitness] = []
    for (index, columns) in registry.enumerated() {
      tables.append(TableWitness(words: columns.group + [uses[index], judged.classes[index]]))
    }
    tables += training.map { TableWitness(words: $0.group) }
    if statement.useLimit > 1 {
      var counts = [UInt32](repeating: 0, count: statement.useLimit + 1)
      for words in uses {
        for row in 0..<words.count where words[row] <= statement.useLimit {
          counts[Int(words[row])] += 1
        }
      }
      tables.append(Self.column(counts))
    }
    tables.append(Self.column(judged.multiplicities))
    tables.append(Self.totals(statement.ranges, judged.sums, bytes))
    return tables + [bytes.table]
  }

  private static func column(_ values: [UInt32]) -> TableWitness {
    TableWitness(columns: [values.map { BaseField(reducing: UInt64($0)) }])
  }

  /// STAT: digits, carries and borrows of every total, and the bytes they look up.
  private static func totals(
    _ ranges: [TotalRange],
    _ sums: [Sums],
    _ bytes: ByteLookups
  ) -> TableWitness {
    let columns = (0..<TotalsTable.columnCount).map { _ in WordBuffer(zeros: ranges.count) }
    for (row, range) in ranges.enumerated() {
      let limbs = sums[row / 3].limbs
      let own =
        row % 3 == 0 ? [limbs[0], 0, 0, 0] : Array(limbs[4 * (row % 3) - 3..<4 * (row % 3) + 1])
      var carry: UInt64 = 0
      for (limb, sum) in own.enumerated() {
        columns[TotalsTable.firstSum + limb][row] = UInt32(sum)
        let value = sum + carry
        columns[TotalsTable.firstDigit + limb][row] = UInt32(value & 255)
        carry = value >> 8
        for byte in 0..<3 {
          columns[TotalsTable.firstCarry + 3 * limb + byte][row] = UInt32(
            carry >> UInt64(8 * byte) & 255
          )
        }
      }
      let digits = (0..<TotalsTable.digitCount).map { columns[TotalsTable.digit($0)][row] }
      func chain(_ first: Int, _ firstBorrow: Int, _ pairs: [(Int64, Int64)]) {
        var borrow: Int64 = 0
        for (index, (from, taken)) in pairs.enumerated() {
          let value = from - taken - borrow
          borrow = value < 0 ? 1 : 0
          // A total outside of its range leaves a borrow at the end, which no cell can hold.
          columns[first + index][row] = UInt32(value + 256 * borrow)
          if index < TotalsTable.digitCount - 1 {
            columns[firstBorrow + index][row] = UInt32(borrow)
          }
        }
      }
      func byte(_ value: UInt64, _ index: Int) -> Int64 {
        Int64(value >> UInt64(8 * index) & 255)
      }
      chain(
        TotalsTable.firstAbove,
        TotalsTable.firstAboveBorrow,
        digits.enumerated().map { (Int64($1), byte(range.low, $0)) }
      )
      chain(
        TotalsTable.firstBelow,
        TotalsTable.firstBelowBorrow,
        digits.enumerated().map { (byte(range.high, $0), Int64($1)) }
      )
    }
    let digit = TotalsTable.firstDigit
    bytes.add(columns[digit], columns[digit + 1])
    bytes.add(columns[digit + 2], columns[digit + 3])
    for index in 0..<TotalsTable.digitCount {
      bytes.add(columns[TotalsTable.firstAbove + index], columns[TotalsTable.firstBelow + index])
    }
    for limb in 0..<4 {
      let first = TotalsTable.firstCarry + 3 * limb
      bytes.add(columns[first], columns[first + 1])
      for row in 0..<ranges.count {
        bytes.add(columns[first + 2][row], 4 * columns[first + 2][row])
      }
    }
    return TableWitness(words: columns)
  }
}
