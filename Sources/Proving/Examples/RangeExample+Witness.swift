internal import Algebra
public import ProofSystem

extension RangeExample {
  /// The witness for some values.
  public static func witness(_ values: [UInt16]) -> [TableWitness] {
    var multiplicities = [UInt64](repeating: 0, count: 256)
    for value in values {
      multiplicities[Int(value & 0xFF)] += 1
      multiplicities[Int(value >> 8)] += 1
    }
    func column(_ numbers: [UInt64]) -> [BaseField] { numbers.map { BaseField(reducing: $0) } }
    return [
      TableWitness(columns: [
        column(values.map { UInt64($0 & 0xFF) }), column(values.map { UInt64($0 >> 8) }),
        column(values.map { UInt64($0) }),
      ]),
      TableWitness(columns: [column(multiplicities)]), TableWitness(columns: [[.zero]]),
    ]
  }
}
