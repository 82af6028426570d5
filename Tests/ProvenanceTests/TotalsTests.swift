import Algebra
import ProofSystem
import Provenance
import Testing
import _TestSupport

/// S2's sums: totals lie in their ranges as whole numbers, not only modulo p (P6, P7, P9).
@Suite struct TotalsTests {
  private static let honest = Result {
    try SmallRun(SmallRegistry([40, 1, 30]), order: [3, 7, 0, 70, 40, 41])
  }

  private func run() throws -> SmallRun { try Self.honest.get() }

  @Test func `P6: a total that is off by one, either way, is refused`() throws {
    let run = try run()
    for change in [BaseField.one, BaseField(-1)] {
      for column in [TotalsTable.firstSum, TotalsTable.firstDigit] {
        #expect(
          run.verdict(
            try run.forged { tables in
              tables[SmallRun.Table.totals][column][0] =
                tables[SmallRun.Table.totals][column][0] + change
            }
          ) == .constraintsNotSatisfied
        )
      }
    }
    for range in [TotalRange(4, TotalRange.limit - 1), TotalRange(0, 2)] {
      var claimed = run
      claimed.ranges[0] = range
      #expect(claimed.verdict(try claimed.forged()) == .constraintsNotSatisfied)
    }
  }

  @Test func `P7: forged multiplicities of lookups are refused`() throws {
    let run = try run()
    for table in [SmallRun.Table.decisions, SmallRun.Table.bytes] {
      #expect(
        run.verdict(try run.forged { $0[table][0][1] = $0[table][0][1] + .one })
          == .constraintsNotSatisfied
      )
    }
  }

  @Test func `P9: totals shifted by p, large carries and a last borrow are refused`() throws {
    let run = try run()
    let p = UInt64(BaseField.modulus)
    // The limb's sum is the same element of F with p added, in digits and carries.
    let shifted = try run.forged { tables in
      var totals = tables[SmallRun.Table.totals]
      let value = UInt64(totals[TotalsTable.firstSum][0].value) + p
      totals[TotalsTable.firstDigit][0] = BaseField(reducing: value & 255)
      for byte in 0..<3 {
        totals[TotalsTable.firstCarry + byte][0] = BaseField(
          reducing: value >> UInt64(8 + 8 * byte) & 255
        )
      }
      tables[SmallRun.Table.totals] = totals
    }
    #expect(run.verdict(shifted) == .constraintsNotSatisfied)
    // A carry of 2^22.
    let carried = try run.forged { tables in
      tables[SmallRun.Table.totals][TotalsTable.firstCarry + 2][0] = BaseField(reducing: 64)
    }
    #expect(run.verdict(carried) == .constraintsNotSatisfied)
    // Below the range with the borrow that the last digit would need.
    var claimed = run
    claimed.ranges[0] = TotalRange(4, 9)
    let borrowed = try claimed.forged { tables in
      for index in 0..<TotalsTable.digitCount {
        tables[SmallRun.Table.totals][TotalsTable.firstAbove + index][0] = BaseField(reducing: 255)
      }
    }
    #expect(claimed.verdict(borrowed) == .constraintsNotSatisfied)
  }

  @Test func `totals at the edges of their ranges and of their digits are exact`() throws {
    // 300 records of 2^30 − 1 bytes: carries go through all digits.
    var registry = SmallRegistry([300])
    registry.sources[0] = (0..<300).map {
      .record(
        SmallRegistry.record("large \($0)", byteCount: (1 << 30) - 1, wordCount: (1 << 30) - 1)
      )
    }
    var run = try SmallRun(registry, order: Array(0..<300))
    let total: UInt64 = 300 * ((1 << 30) - 1)
    run.ranges[1] = TotalRange(total, total)
    run.ranges[2] = TotalRange(0, total)
    #expect(run.verdict(try run.prove()) == nil)
    for range in [TotalRange(total + 1, total + 1), TotalRange(0, total - 1)] {
      run.ranges[1] = range
      #expect(run.verdict(try run.forged()) == .constraintsNotSatisfied)
    }
  }
}
