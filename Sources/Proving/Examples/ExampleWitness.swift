internal import Algebra
public import ProofSystem

/// Witnesses of the examples, drawn from the system's generator.
public enum ExampleWitness {
  /// A witness of a size; for `range` with the sum of its numbers.
  public static func random(
    _ example: ExampleStatement,
    count: Int,
    kernels: ProverKernels
  ) -> (witness: [TableWitness], sum: UInt64) {
    let randomness = ProverRandomness()
    switch example {
    case .range:
      var coins = randomness.stream("numbers")
      let bytes = coins.bytes(2 * count)
      let values = (0..<count).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
      return (RangeExample.witness(values), values.reduce(0) { $0 + UInt64($1) })
    case .permutations: return (permutations(count, randomness, kernels), 0)
    case .provenance: return (provenance(count, randomness, kernels), 0)
    }
  }

  private static func columns(
    _ number: Int,
    _ count: Int,
    _ randomness: ProverRandomness,
    _ kernels: ProverKernels
  ) -> [WordBuffer] {
    kernels.loop.map(number) { column in
      let words = WordBuffer(zeros: count)
      var coins = randomness.stream("column \(column)")
      coins.fill(words, 0..<count, kernels)
      return words
    }
  }

  private static func permutations(
    _ count: Int,
    _ randomness: ProverRandomness,
    _ kernels: ProverKernels
  ) -> [TableWitness] {
    let inputs = columns(16, count, randomness, kernels)
    let cells = DerivedColumns.cells(
      of: PermutationExample.gadget,
      given: Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ($0, $1) }),
      rowCount: count,
      kernels: kernels
    )
    return [TableWitness(words: inputs + cells)]
  }

  private static func provenance(
    _ count: Int,
    _ randomness: ProverRandomness,
    _ kernels: ProverKernels
  ) -> [TableWitness] {
    let decisionCount = ProvenanceShape.decisionCount
    var records = columns(9, count, randomness, kernels)
    let sizes = columns(8, count, randomness, kernels)
    func column(_ value: (Int) -> UInt32) -> WordBuffer {
      let words = WordBuffer(zeros: count)
      for row in 0..<count { words[row] = value(row) }
      return words
    }
    records.append(column { UInt32($0 % decisionCount) })
    for (place, size) in sizes.enumerated() {
      // The highest byte of a count is below 64.
      records.append(column { size[$0] & (place % 4 == 3 ? 63 : 255) })
    }
    records += [column { _ in 1 }, column { _ in 1 }, column { _ in 1 }, column { _ in 0 }]
    var training = Array(records.prefix(9))
    for first in [10, 14] {
      let bytes = records[first..<first + 4]
      training.append(
        column { row in
          bytes.reversed().reduce(0) { $0 << 8 | $1[row] }
        }
      )
    }
    let multiplicities = (0..<decisionCount).map { entry in
      BaseField((count - entry + decisionCount - 1) / decisionCount)
    }
    var totals = [BaseField(count)]
    for byte in records[10..<18] {
      totals.append(BaseField(reducing: (0..<count).reduce(UInt64(0)) { $0 + UInt64(byte[$1]) }))
    }
    return [
      TableWitness(words: records), TableWitness(words: training),
      TableWitness(columns: [multiplicities]), TableWitness(columns: totals.map { [$0] }),
    ]
  }
}
