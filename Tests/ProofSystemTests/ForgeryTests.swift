import Algebra
import ProofSystem
import Proving
import Testing
import _TestSupport

/// Provers that cheat, each in one way, and what the verifier says to them.
@Suite struct ForgeryTests {
  private static let values: [UInt16] = Array(CompletenessTests.values.prefix(200))
  private static let sum = values.reduce(0) { $0 + UInt64($1) }
  private static let statement = RangeExample.statement(count: values.count, sum: sum)

  /// What a verifier says to a forged proof; `nil` when it accepts.
  private func verdict(
    _ statement: Statement = ForgeryTests.statement,
    _ tamper: Prover.Tampering = Prover.Tampering(),
    witness change: (inout [[[BaseField]]]) -> Void = { _ in }
  ) throws -> VerificationError? {
    var columns = RangeExample.witness(Self.values).map(\.values)
    change(&columns)
    return try verdict(statement, tamper, columns: columns)
  }

  /// The same for the columns of all tables.
  private func verdict(
    _ statement: Statement,
    _ tamper: Prover.Tampering = Prover.Tampering(),
    columns: [[[BaseField]]]
  ) throws -> VerificationError? {
    let proof = try Prover.proveUnchecked(
      statement,
      columns.map { TableWitness(columns: $0) },
      randomness: ProverRandomness(),
      tamper: tamper
    )
    return ProofSystemTests.verdict(proof.bytes, of: statement)
  }

  /// A table of one column and four active rows.
  private static func oneColumn(
    _ name: String,
    constraints: [Constraint] = [],
    messages: [Message] = []
  ) -> Table {
    Table(
      name: name,
      logHeight: 8,
      activeRowCount: 4,
      logPadRowCount: 7,
      columns: [Column("x")],
      constraints: constraints,
      messages: messages
    )
  }

  @Test func `a witness that breaks a rule in one row is refused`() throws {
    #expect(try verdict() == nil)
    #expect(
      try verdict { $0[0][2][3] += .one } == .constraintsNotSatisfied,
      "a wrong value"
    )
    #expect(
      try verdict {
        $0[0][2][3] += .one
        $0[0][2][4] = $0[0][2][4] - .one
      } == .constraintsNotSatisfied,
      "two wrong values with the right sum"
    )
    #expect(try verdict { $0[2][0][0] = .one } == .constraintsNotSatisfied, "a cell that is zero")
  }

  @Test func `a bus that does not balance is refused`() throws {
    let step = BaseField(256)
    #expect(
      try verdict {
        // 256 more below, one less above: the value stays, a byte is out of range.
        $0[0][0][5] += step
        $0[0][1][5] = $0[0][1][5] - .one
      } == .constraintsNotSatisfied,
      "a byte of 256 and more"
    )
    #expect(
      try verdict {
        // The tuple is offered by a row of BYTE that is not active.
        let old = $0[0][0][5]
        $0[1][0][Int(old.value)] = $0[1][0][Int(old.value)] - .one
        $0[0][0][5] = BaseField(300)
        $0[0][2][5] += BaseField(300) - old
        $0[1][0] += Array(repeating: .zero, count: 44) + [.one]
      } == .constraintsNotSatisfied,
      "a byte of 300 through an inactive row"
    )
    #expect(try verdict { $0[1][0][9] += .one } == .constraintsNotSatisfied, "a multiplicity")
    let other = RangeExample.statement(count: Self.values.count, sum: Self.sum + 1)
    #expect(try verdict(other) == .constraintsNotSatisfied, "a sum of one more")
    let less = RangeExample.statement(count: Self.values.count, sum: Self.sum - 1)
    #expect(try verdict(less) == .constraintsNotSatisfied, "a sum of one less")
  }

  @Test func `violations in rows that are not active change nothing`() throws {
    #expect(
      try verdict {
        for column in $0[0].indices { $0[0][column] += [.one, .one, .one] }
      } == nil
    )
  }

  @Test func `forged helpers are refused, also when their sum is right`() throws {
    var one = Prover.Tampering()
    one.helpers = { $0[0][0][3] += .one }
    #expect(try verdict(Self.statement, one) == .constraintsNotSatisfied)
    var two = Prover.Tampering()
    two.helpers = {
      $0[0][0][3] += .one
      $0[0][1][7] = $0[0][1][7] - .one
    }
    #expect(try verdict(Self.statement, two) == .constraintsNotSatisfied)
  }

  @Test func `a sum that is off cannot be moved into pad rows or rows that are not active`() throws
  {
    let other = RangeExample.statement(count: Self.values.count, sum: Self.sum + 1)
    // The helper of TOTAL, H = -1 · sum / D: what is missing is put where no row counts.
    for row in [200, 255] {
      var moved = Prover.Tampering()
      moved.helpers = { helpers in
        let missing = helpers.map { table in
          table.map { $0[0..<128].reduce(ChallengeField.zero, +) }.reduce(.zero, +)
        }.reduce(.zero, +)
        helpers[2][0][row] = helpers[2][0][row] - missing
      }
      #expect(try verdict(other, moved) == .constraintsNotSatisfied, "row \(row)")
      // With the right sum those rows are free.
      #expect(try verdict(Self.statement, moved) == nil, "row \(row)")
    }
  }

  @Test func `one tuple on two buses does not balance across them`() throws {
    func statement(_ tags: (UInt32, UInt32)) -> Statement {
      func table(_ name: String, _ tag: UInt32, _ numerator: Expression) -> Table {
        let message = Message(
          tag: tag,
          numerators: [numerator],
          values: [.column(0)],
          bound: .atMost(1)
        )
        return Self.oneColumn(name, messages: [message])
      }
      return Statement(
        kind: "buses",
        profile: .uniqueDecoding100,
        tables: [table("SENDS", tags.0, 1), table("TAKES", tags.1, -1)],
        code: Self.statement.code
      )
    }
    let x = [1, 2, 3, 4].map { BaseField($0) }
    #expect(try verdict(statement((5, 5)), columns: [[x], [x.reversed()]]) == nil)
    #expect(try verdict(statement((5, 6)), columns: [[x], [x]]) == .constraintsNotSatisfied)
    // A multiset, not a set: one more of one and one less of another.
    let doubled = [1, 2, 3, 3].map { BaseField($0) }
    #expect(try verdict(statement((5, 5)), columns: [[x], [doubled]]) == .constraintsNotSatisfied)
  }

  @Test func `a polynomial of a higher degree than its statement's is refused`() throws {
    // Both rules hold on zeros and ones; the rounds of x^4 = y have one degree more than those of x = y.
    func statement(_ rule: Expression) -> Statement {
      Statement(
        kind: "degree",
        profile: .uniqueDecoding100,
        tables: [
          Table(
            name: "T",
            logHeight: 8,
            activeRowCount: 100,
            logPadRowCount: 7,
            columns: [Column("x"), Column("y")],
            constraints: [Constraint("x is y", rule)]
          )
        ],
        code: Self.statement.code
      )
    }
    let (x, y) = (Expression.column(0), Expression.column(1))
    let bits = (0..<100).map { BaseField($0 % 3 == 0 ? 1 : 0) }
    func proof(_ rule: Expression) throws -> [UInt8] {
      try Prover.proveUnchecked(
        statement(rule),
        [TableWitness(columns: [bits, bits])],
        randomness: ProverRandomness()
      ).bytes
    }
    let honest = statement(x * x * x - y)
    #expect(statement(x * x * x * x - y).encoding == honest.encoding)
    _ = try Verifier.verify(proof(x * x * x - y), of: honest)
    #expect(throws: VerificationError.constraintsNotSatisfied) {
      try Verifier.verify(proof(x * x * x * x - y), of: honest)
    }
    #expect(throws: VerificationError.limitExceeded) {
      try Verifier.verify(proof(x * x * x * x - y), of: statement(x * x * x * x - y))
    }
  }

  @Test func `columns that are not those committed are refused`() throws {
    var swapped = Prover.Tampering()
    swapped.columns = { columns in
      // Still a witness: two rows change places.
      for column in columns[0].indices { columns[0][column].swapAt(1, 2) }
    }
    #expect(try verdict(Self.statement, swapped) == .openingMismatch)
    var padded = Prover.Tampering()
    padded.columns = { $0[0][0][$0[0][0].count - 1] += .one }
    #expect(try verdict(Self.statement, padded) == .openingMismatch)
  }

  @Test func `lanes that are no codewords, and dirty mask zones, are refused`() throws {
    for group in [0, 1] {
      var long = Prover.Tampering()
      long.lanes = { if $0 == group { $1[0] += [.one] } }
      #expect(try verdict(Self.statement, long) == .proximity, "a degree too high")
      for (slot, reason) in [
        (3, VerificationError.constraintsNotSatisfied), (40, .openingMismatch),
      ] {
        var dirty = Prover.Tampering()
        let place = Self.statement.code.dataLength + slot
        dirty.lanes = { if $0 == group { $1[0][place] += .one } }
        #expect(try verdict(Self.statement, dirty) == reason, "slot \(slot)")
      }
    }
  }

  @Test func `a combination that is not that of the lanes is refused`() throws {
    var data = Prover.Tampering()
    data.combination = { $0[0] += .one }
    #expect(try verdict(Self.statement, data) == .openingMismatch)
    var tail = Prover.Tampering()
    tail.combination = { $0[$0.count - 1] += .one }
    #expect(try verdict(Self.statement, tail) == .proximity)
  }

  @Test func `errors of two tables of one height that cancel are refused`() throws {
    func table(_ name: String) -> Table {
      Self.oneColumn(name, constraints: [Constraint("x is zero", .column(0))])
    }
    let statement = Statement(
      kind: "cancel",
      profile: .uniqueDecoding100,
      tables: [table("A"), table("B")],
      code: Self.statement.code
    )
    let zero = [BaseField](repeating: .zero, count: 4)
    #expect(try verdict(statement, columns: [[zero], [zero]]) == nil)
    #expect(
      try verdict(statement, columns: [[[.one] + zero.dropFirst()], [[-.one] + zero.dropFirst()]])
        == .constraintsNotSatisfied
    )
  }
}
